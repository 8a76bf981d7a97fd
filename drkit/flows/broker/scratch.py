"""Scratch goes, or hangs on a drill host for a while, without anybody's approval.

By the three-fold rule, which the broker applies to its own look.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drkit.core.actions import (
    Action,
    Done,
    Outcome,
    action_from_data,
    frees_scratch,
    moves_scratch,
    removes_scratch,
)
from drkit.core.errors import ApprovalError
from drkit.core.evidence import layout
from drkit.core.evidence.reading import read
from drkit.core.evidence.verify import verify
from drkit.flows.broker.licences import Office
from drkit.flows.broker.messages import RUN, VERSION
from drkit.flows.broker.pinning import pinned_keys
from drkit.flows.clouds import Power, open_to_destroy
from drkit.flows.recording import Recorder
from drkit.flows.registry import work_by_verb
from drkit.flows.sweeping.records import Records, records_of
from drkit.flows.sweeping.removal import VERBS
from drkit.flows.sweeping.rule import Refusals, may_attach, may_detach, may_remove
from drkit.flows.sweeping.scope import scope_of
from drkit.flows.sweeping.seeing import Place, Thing, see
from drkit.ports.cloud import Hands
from drkit.snapshots.proofs import ATTACH, DETACH, MOVES

WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
STEP = "scratch"
SWEEP = "sweep"


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Removes one piece of scratch at a time, attaches it to a drill host, or detaches it.

    Args:
        evidence: of the runner, which the broker can read and nobody needs to let it write.
    """

    office: Office
    evidence: Path

    def handle(self, message: Mapping[str, Any], peer: Mapping[str, Any]) -> Outcome:
        """Judge by the rule, and act.

        Raises:
            ApprovalError: the rule does not allow it; the message gives every reason.
            DrkitError: something needed cannot be looked at, or the cloud says no.
        """
        run, action = read_scratch(message)
        account = self.office.estate.accounts.get(action.account)
        if account is None or action.region not in account.regions:
            raise ApprovalError("the estate has no such account, or no such region")
        recorder = Recorder(self.office.log, run or SWEEP, self.office.clock)
        recorder.record("scratch.asked", action=action.as_data(), peer=dict(peer))
        power = open_to_destroy(self.office.estate, (action,), run or SWEEP)
        reasons = self._reasons(run, action, power)
        if reasons is None:
            return Done()
        recorder.record("scratch.judged", target=action.target, reasons=list(reasons))
        if reasons:
            raise ApprovalError(f"{action.target} is not surely scratch of this estate: {'; '.join(reasons)}")
        recorder.intended(STEP, action)
        self.office.log.checkpoint()
        outcome = work_by_verb()[action.verb].run(action, Hands(power.clouds, run or SWEEP))
        recorder.settled(STEP, action, outcome)
        self.office.log.checkpoint()
        return outcome

    def _reasons(self, run: str, action: Action, power: Power) -> tuple[str, ...] | None:
        """Why it may not be done; None where it is done already."""
        number = power.callers[action.account].account
        place = Place(action.account, number, action.region)
        thing = see(power.clouds[action.account], place, action.thing)
        if _is_done(action, thing):
            return None
        if thing is None:
            return ("it is gone",)
        return self._judge(run, action, thing)

    def _judge(self, run: str, action: Action, thing: Thing) -> Refusals:
        scope, now = scope_of(self.office.estate), self.office.clock()
        if action.verb == ATTACH:
            return may_attach(thing, str(action.arguments["host"]), scope, self._records(), now, run)
        if action.verb == DETACH:
            # The cloud is told the host as well, and detaches from no other.
            moved = () if thing.host == action.arguments["host"] else (f"it hangs on {thing.host}",)
            return (*moved, *may_detach(thing, scope, self._records(), now, run))
        return may_remove(thing, scope, self._records(), now, run)

    def _records(self) -> Records:
        """What the runner's evidence records, as far as a signed checkpoint covers it.

        Raises:
            ApprovalError: it cannot be read, or does not hold.
        """
        beside = self.evidence / layout.VERIFIER_KEY
        if not beside.is_file():
            raise ApprovalError(
                f"there is no evidence in {self.evidence} by which to tell scratch",
                hint="let the broker read the runner's evidence, and name it in the estate: broker.evidence",
            )
        office = self.office
        held = verify(self.evidence, pinned_keys(office.estate, beside, office.log, office.clock))
        if held.verdict == "fail":
            raise ApprovalError(f"the evidence in {self.evidence} does not hold: {held.problems[0]}")
        return records_of(entry for index, entry in read(self.evidence) if index < held.covered)


def _is_done(action: Action, thing: Thing | None) -> bool:
    if thing is None:
        return action.verb != ATTACH
    if action.verb == DETACH:
        return not thing.host
    return action.verb == ATTACH and thing.host == action.arguments["host"]


def read_scratch(message: Mapping[str, Any]) -> tuple[str, Action]:
    """The run on whose behalf, empty for whoever sweeps, and what a client asks for.

    Raises:
        ApprovalError: it is not what a client of this version sends, or no removal or moving of scratch.
    """
    try:
        run, action = message["run"], action_from_data(message["action"])
        # Every word goes into the policy of the power that is assumed: nothing there may stand for more than one.
        words = (
            action.verb,
            action.account,
            action.region,
            action.thing,
            action.arguments.get("host", "none"),
        )
        sound = message["version"] == VERSION and all(WORD.fullmatch(each) for each in words)
        sound = sound and (run == "" or RUN.fullmatch(run) is not None)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ApprovalError("what the client asked for cannot be understood") from None
    if not sound or not _handles_scratch(action):
        raise ApprovalError("this neither removes nor moves scratch")
    return run, action


def _handles_scratch(action: Action) -> bool:
    if moves_scratch(action):
        return (
            action.verb in MOVES
            and "host" in action.arguments
            and frees_scratch(action) is (action.verb == DETACH)
        )
    return removes_scratch(action) and action.verb in VERBS.values()
