"""A run obtains the licence for what it is about to change or destroy: once, before the first of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from drkit.core.actions import Plan
from drkit.core.approval.intended import Intended
from drkit.core.times import text_of
from drkit.flows.approving.intention import dangerous, intend
from drkit.flows.approving.judging import Judge, Judged, find_approval, requests_directory
from drkit.flows.approving.noting import must_note, note_roster, note_used
from drkit.flows.broker.client import Licence, ask
from drkit.flows.loading import LoadedPlaybook, LoadedStep
from drkit.flows.planning import Foreseen, foresee
from drkit.flows.recording import Recorder
from drkit.flows.talking import say
from drkit.flows.tools import Destroyer, Tools
from drkit.ports.facts import Facts
from drkit.ports.steps import Setting


@dataclass(slots=True)
class Licensing:
    """One run's licence.

    Args:
        run: the run's id.
    """

    run: str
    loaded: LoadedPlaybook
    setting: Setting
    tools: Tools
    recorder: Recorder
    _licence: Licence | None = field(default=None)

    def need(self, step: LoadedStep, facts: Facts, plan: Plan) -> Destroyer | None:
        """What carries out the dangerous actions of a step's plan; None where it has none.

        Raises:
            ApprovalError: no approval holds, the broker refuses, or it does not name all of them.
            DrkitError: the evidence cannot be written, or the broker does not answer.
        """
        wanted = dangerous(plan.actions)
        if not wanted:
            return None
        if self._licence is None:
            self._licence = self._obtain(step, facts, plan)
        self._licence.refuse_others(wanted)
        return self._licence

    def close(self) -> None:
        """Let go of the broker."""
        if self._licence is not None:
            self._licence.close()
            self._licence = None

    def _obtain(self, step: LoadedStep, facts: Facts, plan: Plan) -> Licence:
        """Ask first the files and then the broker; what is spent is written down before anything is done."""
        foreseen = self._foresee(step, facts, plan)
        now = self.tools.look.clock()
        intended = intend(self.tools.estate, self.loaded, dangerous(foreseen.actions), now)
        approvals = self.tools.estate.approvals
        assert approvals is not None  # `intend` refuses without
        roster, past = note_roster(approvals, self.tools.log, self.tools.look.clock)
        judge = Judge(roster, past, now, self.run, foreseen.existed)
        directory = requests_directory(approvals, self.tools.log.directory.parent)
        judged, about = find_approval(directory, judge, intended, self._done())
        licence = self._ask(judged, about)
        for sentence in licence.unbound:
            say(f"note: {sentence}")
        if must_note(judged, past, self.run):
            note_used(self.recorder, judged, about.actions)
            self.tools.journal.remember_evidence(self.recorder.checkpoint())
        return licence

    def _foresee(self, step: LoadedStep, facts: Facts, plan: Plan) -> Foreseen:
        """An approval names the whole run's actions, so the steps that come later are planned as well."""
        names = [each.name for each in self.loaded.steps]
        before = set(names[: names.index(step.name) + 1])
        later = foresee(self.loaded, self.setting, self.tools.look, before)
        return Foreseen(((step, facts, plan), *later.steps))

    def _done(self) -> frozenset[str]:
        """What this run has intended under an approval already: an earlier process did it, or tried to."""
        actions = [action for action, _ in self.tools.journal.actions(self.run)]
        return frozenset(action.key for action in dangerous(actions))

    def _ask(self, judged: Judged, about: Intended) -> Licence:
        what = {
            "approval": judged.document.id,
            "run": self.run,
            "slot": text_of(self.setting.slot),
            "playbook": self.loaded.content.decode(),
        }
        return ask(self.tools.estate, what, about.actions)
