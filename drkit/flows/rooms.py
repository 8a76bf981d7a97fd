"""Where a step of a run reads what no region answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from drkit.flows.approving.judging import Judged
from drkit.flows.approving.noting import note_used
from drkit.flows.approving.released import released
from drkit.flows.loading import LoadedStep
from drkit.flows.recording import Recorder
from drkit.flows.tools import Tools
from drkit.ports.rooms import Approved, Read, Room
from drkit.ports.steps import Setting

NOTHING = Read(None)


@dataclass(slots=True)
class Reading:
    """What the steps of one run read.

    Args:
        run: the run's id.
    """

    run: str
    tools: Tools
    recorder: Recorder
    _judged: dict[str, Judged] = field(default_factory=dict)

    def read(self, step: LoadedStep, setting: Setting) -> Read:
        """What a step reads; nothing for one that reads nothing.

        Raises:
            DrkitError: as the step's own `read`; the evidence cannot be read.
        """
        if step.step.read is None:
            return NOTHING
        return step.step.read(step.arguments, setting, self._room())

    def spend(self, read: Read) -> None:
        """Write down that the approvals which a conclusion rests on are used; it is in the evidence already."""
        for id_ in sorted(read.used):
            judged = self._judged.pop(id_)
            allows = judged.document.allows
            note_used(self.recorder, judged, getattr(allows, "actions", ()))

    def _room(self) -> Room:
        tools = self.tools
        return Room(
            state=tools.log.directory.parent,
            run=self.run,
            since=_began(self.run),
            clouds=tools.clouds.look,
            clock=tools.look.clock,
            progress=tools.look.progress,
            entries=self.recorder.entries,
            approved=self._approved,
        )

    def _approved(self, verb: str) -> tuple[Approved, ...]:
        found = released(self.tools.estate, self.tools.log, self.tools.look.clock, verb)
        self._judged |= {approved.id: judged for approved, judged in found}
        return tuple(approved for approved, _ in found)


def _began(run: str) -> datetime:
    """When a run began, by its id."""
    return datetime.strptime(run.partition("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
