"""How a run ends: its evidence says so and is signed, its journal remembers it, and people are told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from drkit.core.times import text_of
from drkit.core.verdicts import Verdict
from drkit.flows.notifying import Notifying
from drkit.flows.recording import Recorder
from drkit.flows.tools import Tools


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended, or where it was suspended.

    Args:
        statuses: every exit status that applies.
        lost: whether it could not be taken up at all.
    """

    run: str
    verdict: Verdict
    statuses: frozenset[int]
    lost: bool = False


def end_run(
    tools: Tools,
    recorder: Recorder,
    run: str,
    playbook: str,
    verdict: Verdict,
    statuses: set[int],
    **more: Any,
) -> Ended:
    """A run has ended: its evidence says so and is signed, the journal remembers it, and people are told."""
    notifying = Notifying(tools.estate, playbook, run, recorder)
    notifying.intend(verdict)
    told = {"verdict": verdict.outcome.value, "reason": verdict.reason, "statuses": sorted(statuses)}
    recorder.record("run.concluded", **told, **more)
    tools.journal.remember_evidence(recorder.checkpoint())
    tools.journal.end(run, verdict.outcome.value, text_of(tools.look.clock()))
    if notifying.tell(verdict, tools.look.clock()):
        tools.journal.remember_evidence(recorder.checkpoint())
    return Ended(run, verdict, frozenset(statuses))
