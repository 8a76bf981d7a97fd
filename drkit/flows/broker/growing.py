"""Lives are lengthened without anybody's approval, by the rule of growth, applied to the broker's own look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from drkit.core.actions import (
    Action,
    Done,
    Failed,
    Outcome,
    Uncertain,
    action_from_data,
    only_grows,
    takes_back,
)
from drkit.core.errors import AccountError, ApprovalError
from drkit.flows.broker.licences import Office
from drkit.flows.broker.messages import RUN, VERSION
from drkit.flows.broker.powers import KeptPower
from drkit.flows.broker.scratch import WORD
from drkit.flows.growing.adopting import may_adopt
from drkit.flows.growing.lending import may_lend
from drkit.flows.growing.rule import Refusals, may_grow
from drkit.flows.recording import Recorder
from drkit.flows.registry import work_by_verb
from drkit.ports.cloud import Hands
from drkit.ports.disks import Snapshot
from drkit.ports.errors import CloudError, RefusedError
from drkit.snapshots import adopting, growing, lending
from drkit.snapshots.growing import EXTEND, deadline_of, is_grown

STEP = "growth"
FIELDS = frozenset({"disk", "grows"})
VERBS = growing.VERBS | lending.VERBS | {adopting.VERB}
# What each verb's action says beside these.
MORE: Mapping[str, frozenset[str]] = {
    EXTEND: frozenset({"deadline"}),
    adopting.VERB: frozenset({"deadline", "name"}),
    lending.LEND: frozenset({"vault", "account"}),
    lending.TAKE_BACK: frozenset({"vault", "account", "takes_back"}),
}


@dataclass(slots=True)
class Grower:
    """Carries out one action at a time that takes nothing away."""

    office: Office
    _power: KeptPower = field(init=False)

    def __post_init__(self) -> None:
        self._power = KeptPower(self.office.estate)

    def grow(self, message: Mapping[str, Any], peer: Mapping[str, Any]) -> Outcome:
        """Judge by the rule, and act.

        Raises:
            ApprovalError: the rule does not allow it; the message gives every reason.
            DrkitError: something needed cannot be looked at, or the cloud says no.
        """
        run, action = read_growth(message)
        account = self.office.estate.accounts.get(action.account)
        if account is None or action.region not in account.regions:
            raise ApprovalError("the estate has no such account, or no such region")
        recorder = Recorder(self.office.log, run, self.office.clock)
        recorder.record("growth.asked", action=action.as_data(), peer=dict(peer))
        hands = Hands(self._power.for_one(action, run), run)
        try:
            return self._grow(recorder, action, hands)
        except (CloudError, AccountError):
            self._power.forget()
            raise

    def _grow(self, recorder: Recorder, action: Action, hands: Hands) -> Outcome:
        reasons = self._judge(action, hands)
        if reasons is None:
            return Done()
        recorder.record("growth.judged", target=action.target, reasons=list(reasons))
        if reasons:
            raise ApprovalError(f"{action.target} is left as it is: {'; '.join(reasons)}")
        return self._act(recorder, action, hands)

    def _judge(self, action: Action, hands: Hands) -> Refusals | None:
        """Why it may not be done; None where it is done already."""
        snapshot = _see(action, hands)
        if action.verb in lending.VERBS:
            # What is gone is lent to nobody, and nobody can be asked about it.
            lent = (
                lending.lending_of(action, hands).lent_to(action.region, action.thing)
                if snapshot
                else frozenset()
            )
            reasons = may_lend(action, snapshot, lent, self.office.estate)
            settled = (str(action.arguments["account"]) in lent) is (action.verb == lending.LEND)
            return None if settled and not reasons else reasons
        if action.verb == adopting.VERB:
            adopted = snapshot is not None and adopting.is_adopted(action, snapshot)
            return None if adopted else may_adopt(action, snapshot, self.office.clock())
        if snapshot is not None and is_grown(action, snapshot):
            return None
        return may_grow(action, snapshot, self.office.clock())

    def _act(self, recorder: Recorder, action: Action, hands: Hands) -> Outcome:
        recorder.intended(STEP, action)
        self.office.log.checkpoint()
        outcome: Outcome = Uncertain("the broker ended before the cloud had answered")
        try:
            outcome = work_by_verb()[action.verb].run(action, hands)
        except CloudError as error:
            refused = isinstance(error, RefusedError)
            outcome = Failed(error.code, error.message) if refused else Uncertain(error.message)
            raise
        finally:
            recorder.settled(STEP, action, outcome)
            self.office.log.checkpoint()
        return outcome


def _see(action: Action, hands: Hands) -> Snapshot | None:
    found = hands.clouds[action.account].disks.get_snapshots(action.region, [action.thing])
    return found[0] if found else None


def read_growth(message: Mapping[str, Any]) -> tuple[str, Action]:
    """The run on whose behalf, and the action that a client asks for.

    Raises:
        ApprovalError: it is not what a client of this version sends, or nothing that only grows.
    """
    try:
        run, action = message["run"], action_from_data(message["action"])
        # Every word goes into the policy of the power that is assumed: nothing there may stand for more than one.
        words = (action.verb, action.account, action.region, action.thing, action.arguments["disk"])
        sound = message["version"] == VERSION and all(WORD.fullmatch(each) for each in words)
        sound = sound and RUN.fullmatch(run) is not None and _has_fields(action)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ApprovalError("what the client asked for cannot be understood") from None
    if not sound or not only_grows(action) or action.verb not in VERBS:
        raise ApprovalError("this is nothing that takes nothing away")
    return run, action


def _has_fields(action: Action) -> bool:
    """Whether it says what its verb needs, and no more; a deadline has a zone, and what takes back says so."""
    if frozenset(action.arguments) != FIELDS | MORE.get(action.verb, frozenset()):
        return False
    if action.verb in lending.VERBS:
        words = (str(action.arguments["vault"]), str(action.arguments["account"]))
        return all(map(WORD.fullmatch, words)) and takes_back(action) is (action.verb == lending.TAKE_BACK)
    if action.verb == adopting.VERB and not WORD.fullmatch(str(action.arguments["name"])):
        return False
    return "deadline" not in action.arguments or deadline_of(action).tzinfo is not None
