"""What the broker did already, for whom: shared by all who talk to it, so that nothing is done twice."""

from __future__ import annotations

from drkit.core.actions import Outcome, action_from_data
from drkit.core.evidence.log import EvidenceLog
from drkit.core.evidence.reading import read
from drkit.flows.recording import outcome_of

Begun = dict[str, Outcome | None]
"""By the action's key: what came of it; None where that was never written down."""


class Ledger:
    """The actions of each run, from the broker's own evidence, and told on while it runs."""

    def __init__(self, log: EvidenceLog) -> None:
        self._log = log
        self._runs: dict[str, Begun] = {}

    def of(self, run: str) -> Begun:
        """What was begun for a run; whoever carries on with it writes it down here as well.

        Raises:
            DrkitError: the evidence cannot be read.
        """
        if run not in self._runs:
            self._runs[run] = self._read(run)
        return self._runs[run]

    def _read(self, run: str) -> Begun:
        begun: Begun = {}
        for _, entry in read(self._log.directory):
            if entry.get("run") != run:
                continue
            match entry.get("kind"):
                case "action.intended":
                    # What is begun once more after a refusal is open again.
                    begun[action_from_data(entry["action"]).key] = None
                case "action.settled":
                    begun[entry["key"]] = outcome_of(entry)
        return begun
