"""One client's conversation: a licence is asked for, and then its actions, one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from drkit.core.actions import Action, Done, Failed, Outcome, Pending, Uncertain, outcome_as_data
from drkit.core.errors import ApprovalError, DrkitError
from drkit.flows.broker.asking import read_asked
from drkit.flows.broker.commands import Commander
from drkit.flows.broker.glass import Reviews
from drkit.flows.broker.growing import Grower
from drkit.flows.broker.hosts import describe
from drkit.flows.broker.licences import Given, Office
from drkit.flows.broker.scratch import Sweeper
from drkit.flows.clouds import Power, open_to_destroy
from drkit.flows.recording import Recorder
from drkit.flows.registry import work_by_verb
from drkit.ports.cloud import Hands
from drkit.ports.errors import CloudError, RefusedError

STEP = "broker"  # what its evidence calls the step: it knows actions, and not whose they are
COMMANDS = ("command", "output", "describe", "review")
FRESH = 60.0  # seconds after which the power is assumed anew: what the cloud gives lasts for minutes


@dataclass(frozen=True, slots=True)
class Desk:
    """Where clients are served; each gets what it asked for, a refusal, or an error."""

    office: Office
    sweeper: Sweeper
    grower: Grower
    commander: Commander
    reviews: Reviews

    def meet(self, peer: Mapping[str, Any]) -> Talk:
        """Begin to talk to a client; ``peer`` is who it is by the kernel's word, for the evidence."""
        return Talk(self, peer)


@dataclass(slots=True)
class Talk:
    """A conversation.

    Args:
        ended: whether all was said.
    """

    desk: Desk
    peer: Mapping[str, Any]
    ended: bool = False
    _session: _Session | None = None

    def answer(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """What is said to what the client said."""
        if self._session is not None:
            return self._session.answer(message)
        if message.get("ask") in COMMANDS:
            self.ended = True
            return self._command(message)
        by_rule = {"scratch": self.desk.sweeper.handle, "growth": self.desk.grower.grow}
        if act := by_rule.get(str(message.get("ask"))):
            self.ended = True
            return _answered(partial(act, message, self.peer))
        try:
            self._session = self._begin(message)
            return self._session.introduction()
        except DrkitError as error:
            self.ended = True
            return _said(error)

    def _command(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            if message["ask"] == "describe":
                return describe(self.desk.office, message)
            if message["ask"] == "review":
                return self.desk.reviews.take(message, self.peer)
            return self.desk.commander.handle(message, self.peer)
        except DrkitError as error:
            return _said(error)

    def _begin(self, message: Mapping[str, Any]) -> _Session:
        given = self.desk.office.give(read_asked(message), self.peer)
        return _Session(
            self.desk.office, given, Recorder(self.desk.office.log, given.asked.run, self.desk.office.clock)
        )


def _answered(act: Callable[[], Outcome]) -> Mapping[str, Any]:
    """What came of it as a message; a refusal of ours, or of the cloud, as what it was."""
    try:
        return {"outcome": outcome_as_data(act())}
    except DrkitError as error:
        return _said(error)


def _said(error: DrkitError) -> Mapping[str, Any]:
    """An error as a message; only what an approval lacks is a refusal, which ends the run that asks."""
    if isinstance(error, ApprovalError):
        return {"refused": error.message, "hint": error.hint}
    if isinstance(error, CloudError):
        return {"error": error.message, "kind": type(error).__name__, "code": error.code}
    return {"error": error.message, "kind": "UncertainError", "code": "Broker"}


@dataclass(slots=True)
class _Session:
    """A licence that was given, with the power that is assumed for it."""

    office: Office
    given: Given
    recorder: Recorder
    _power: Power | None = None
    _assumed: float = field(default=0.0)

    def introduction(self) -> Mapping[str, Any]:
        """Who approved, and what the cloud cannot bind."""
        return {
            "approvers": list(self.given.judged.decision.approvers),
            "unbound": list(self._power_now().unbound),
        }

    def answer(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """What is said to a client that wants one action carried out."""
        action = self.given.actions.get(str(message.get("key")))
        if message.get("ask") != "carry_out" or action is None:
            return {"refused": "this is not among what was approved"}
        return _answered(partial(self._carry_out, action))

    def _carry_out(self, action: Action) -> Outcome:
        """Intend, act, settle; the evidence is durable before the cloud is asked."""
        begun = self.office.ledger.of(self.given.asked.run)
        known = begun.get(action.key)
        if isinstance(known, Done | Pending):
            return known
        self.office.refuse_ended(self.given)
        hands = Hands(self._power_now().clouds, self.given.asked.run)
        work = work_by_verb()[action.verb]
        # A broker that died may have done it: nobody does it twice before it was looked for.
        doubtful = action.key in begun and not isinstance(known, Failed)
        found = work.find(action, hands) if doubtful else None
        if found is not None:
            return self._settle(action, found)
        self.recorder.intended(STEP, action)
        self.office.log.checkpoint()
        begun[action.key] = None
        try:
            return self._settle(action, work.run(action, hands))
        except RefusedError as error:
            self._settle(action, Failed(error.code, error.message))
            raise
        except CloudError as error:
            self._settle(action, Uncertain(error.message))
            raise

    def _settle(self, action: Action, outcome: Outcome) -> Outcome:
        self.recorder.settled(STEP, action, outcome)
        self.office.log.checkpoint()
        self.office.ledger.of(self.given.asked.run)[action.key] = outcome
        return outcome

    def _power_now(self) -> Power:
        """The power to destroy, bound to what was approved; anew where that of before may have run out.

        Raises:
            DrkitError: the cloud does not give it.
        """
        if self._power is None or time.monotonic() - self._assumed > FRESH:
            approved = tuple(self.given.actions.values())
            self._assumed = time.monotonic()
            self._power = open_to_destroy(self.office.estate, approved, self.given.asked.run)
            principals = {name: caller.principal for name, caller in self._power.callers.items()}
            self.recorder.record("power.assumed", principals=principals, unbound=list(self._power.unbound))
        return self._power
