"""A run is held against its playbook's budget before it does anything, and again before each step acts."""

from __future__ import annotations

from dataclasses import dataclass

from drkit.core.actions import Action, Failed, Plan
from drkit.core.budget import judge
from drkit.core.money import Estimate, estimate
from drkit.core.verdicts import Outcome, Verdict
from drkit.flows.loading import LoadedPlaybook
from drkit.flows.planning import foresee
from drkit.flows.recording import Recorder
from drkit.flows.tools import Tools
from drkit.ports.steps import Setting

WITHIN = Verdict(Outcome.PASS)


@dataclass(frozen=True, slots=True)
class Budgeting:
    """What one run may still cost."""

    run: str
    loaded: LoadedPlaybook
    setting: Setting
    tools: Tools
    recorder: Recorder

    def hold_run(self) -> Verdict:
        """The plans of all steps together, before the first of them acts.

        A run that has begun something goes on: it was held against its budget then, and what it began is to
        be accounted for. Each of its steps is held all the same.
        """
        if self.loaded.playbook.budget is None or self._begun():
            return WITHIN
        return self._judge(foresee(self.loaded, self.setting, self.tools.look).actions)

    def hold_step(self, plan: Plan) -> Verdict:
        """What the run has begun and what a step is about to do, as the world is now."""
        if self.loaded.playbook.budget is None or not plan.actions:
            return WITHIN
        return self._judge(plan.actions)

    def _judge(self, actions: tuple[Action, ...]) -> Verdict:
        # What is tried again is in both, and costs once.
        together = self._begun() | {action.key: action for action in actions}
        sums = estimate(action.cost for action in together.values())
        verdict = judge(sums, self.loaded.playbook.budget)
        self._record(sums, verdict)
        return verdict

    def _begun(self) -> dict[str, Action]:
        return {
            action.key: action
            for action, outcome in self.tools.journal.actions(self.run)
            if not isinstance(outcome, Failed)
        }

    def _record(self, sums: Estimate, verdict: Verdict) -> None:
        budget = self.loaded.playbook.budget
        assert budget is not None
        self.recorder.record(
            "run.budget",
            budget=budget.model_dump(mode="json"),
            estimate=sums.as_data(),
            verdict=verdict.outcome.value,
            reason=verdict.reason,
        )
