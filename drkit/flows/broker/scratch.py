"""Scratch goes without anybody's approval, by the three-fold rule, which the broker applies to its own look."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drkit.core.actions import Action, Done, Outcome, action_from_data, removes_scratch
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
from drkit.flows.sweeping.rule import may_remove
from drkit.flows.sweeping.scope import scope_of
from drkit.flows.sweeping.seeing import Place, see
from drkit.ports.cloud import Hands

WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
STEP = "scratch"
SWEEP = "sweep"


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Removes one piece of scratch at a time.

    Args:
        evidence: of the runner, which the broker can read and nobody needs to let it write.
    """

    office: Office
    evidence: Path

    def remove(self, message: Mapping[str, Any], peer: Mapping[str, Any]) -> Outcome:
        """Judge by the rule, and remove.

        Raises:
            ApprovalError: the rule does not let it go; the message gives every reason.
            DrkitError: something needed cannot be looked at, or the cloud says no.
        """
        run, action = read_removal(message)
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
        """Why it may not go; None where it is gone already."""
        number = power.callers[action.account].account
        place = Place(action.account, number, action.region)
        thing = see(power.clouds[action.account], place, action.thing)
        if thing is None:
            return None
        scope = scope_of(self.office.estate)
        return may_remove(thing, scope, self._records(), self.office.clock(), run)

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


def read_removal(message: Mapping[str, Any]) -> tuple[str, Action]:
    """The run on whose behalf, empty for whoever sweeps, and the removal that a client asks for.

    Raises:
        ApprovalError: it is not what a client of this version sends, or no removal of scratch.
    """
    try:
        run, action = message["run"], action_from_data(message["action"])
        # Every word goes into the policy of the power that is assumed: nothing there may stand for more than one.
        words = (action.verb, action.account, action.region, action.thing)
        sound = message["version"] == VERSION and all(WORD.fullmatch(each) for each in words)
        sound = sound and (run == "" or RUN.fullmatch(run) is not None)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ApprovalError("what the client asked for cannot be understood") from None
    if not sound or not removes_scratch(action) or action.verb not in VERBS.values():
        raise ApprovalError("this is no removal of scratch")
    return run, action
