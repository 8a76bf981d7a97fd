"""What a run writes into the evidence: one entry an event, all of one run under its id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from drkit.core.actions import Action, Outcome, Plan, outcome_as_data, outcome_from_data, target_as_data
from drkit.core.evidence.log import EvidenceLog
from drkit.core.evidence.reading import read
from drkit.core.times import Clock, text_of
from drkit.core.verdicts import Conclusion
from drkit.ports.facts import Facts

ROWS_AN_ENTRY = 500
OUTCOME_FIELDS = ("outcome", "created", "told", "token", "poll_after", "code", "reason")


def outcome_of(entry: Mapping[str, Any]) -> Outcome:
    """What came of an action, from the entry ``action.settled`` that tells of it.

    Raises:
        KeyError, TypeError: it is not what `Recorder.settled` writes.
    """
    return outcome_from_data({name: entry[name] for name in OUTCOME_FIELDS if name in entry})


class Recorder:
    """Writes one run's entries."""

    def __init__(self, log: EvidenceLog, run: str, clock: Clock) -> None:
        self._log = log
        self._run = run
        self._clock = clock

    def record(self, kind: str, **fields: Any) -> None:
        """Append one entry.

        Raises:
            DrkitError: it cannot be written; nothing more may be done then.
        """
        self._log.append({"at": text_of(self._clock()), "run": self._run, "kind": kind, **fields})

    def looked(self, step: str, facts: Facts) -> None:
        """What was seen, in counts."""
        seen = {str(region.scope): region.counts() for region in facts.regions}
        self.record("step.looked", step=step, looked_at=text_of(facts.looked_at), seen=seen)

    def planned(self, step: str, plan: Plan) -> None:
        """What is intended; each action follows as it is carried out."""
        self.record(
            "step.planned",
            step=step,
            fingerprint=plan.fingerprint,
            actions=len(plan.actions),
            skipped=len(plan.skipped),
        )

    def intended(self, step: str, action: Action) -> None:
        """One action is about to be carried out."""
        self.record("action.intended", step=step, action=action.as_data())

    def settled(self, step: str, action: Action, outcome: Outcome) -> None:
        """What came of one action."""
        told = outcome_as_data(outcome)
        self.record("action.settled", step=step, key=action.key, target=target_as_data(action.target), **told)

    def concluded(
        self,
        step: str,
        uses: str,
        conclusion: Conclusion,
        findings: Iterable[Mapping[str, Any]],
        waived: Iterable[Mapping[str, Any]] = (),
        *,
        unsure: bool = False,
    ) -> None:
        """A step's verdict, with every row it rests on, the findings that are open and those that are waived."""
        for start in range(0, len(conclusion.rows), ROWS_AN_ENTRY):
            self.record("step.rows", step=step, rows=list(conclusion.rows[start : start + ROWS_AN_ENTRY]))
        self.record(
            "step.concluded",
            step=step,
            uses=uses,
            verdict=conclusion.verdict.outcome.value,
            reason=conclusion.verdict.reason,
            summary=conclusion.summary,
            findings=[dict(finding) for finding in findings],
            waived=[dict(finding) for finding in waived],
            unsure=unsure,
        )

    def has_started(self) -> bool:
        """Whether the evidence knows of this run."""
        return any(
            entry.get("run") == self._run and entry.get("kind") == "run.started" for entry in self.entries()
        )

    def entries(self) -> Iterator[dict[str, Any]]:
        """All that the evidence tells so far, of every run; raises as `drkit.core.evidence.reading.read`."""
        return (entry for _, entry in read(self._log.directory))

    def checkpoint(self) -> int:
        """Sign all that was written so far; how many entries that are."""
        return self._log.checkpoint().size
