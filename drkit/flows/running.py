"""A playbook is carried out: look, plan, run, conclude; journal before action, evidence of everything."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from drkit import __version__
from drkit.core import exits
from drkit.core.actions import Action, Effect, Failed, Pending, Plan, Settled, Uncertain
from drkit.core.errors import ApprovalError, DrkitError
from drkit.core.estate import Estate
from drkit.core.evidence.log import EvidenceLog
from drkit.core.journal import Journal
from drkit.core.playbook import slot_name
from drkit.core.times import Clock, text_of
from drkit.core.verdicts import STATUS, Conclusion, Outcome, Verdict, worst
from drkit.flows.clouds import Opened
from drkit.flows.loading import LoadedPlaybook, LoadedStep
from drkit.flows.looking import look
from drkit.flows.recording import Recorder
from drkit.ports.cloud import Hands
from drkit.ports.errors import CloudError, RefusedError, ThrottledError
from drkit.ports.facts import Facts
from drkit.ports.steps import Setting, Work

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Tools:
    """What every run of a process works with; the caller holds the estate's lock.

    Args:
        wait: seconds that pending actions are waited for.
        progress: tells a person what is going on.
    """

    estate: Estate
    clouds: Opened
    journal: Journal
    log: EvidenceLog
    clock: Clock
    wait: float
    progress: Progress


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended.

    Args:
        statuses: every exit status that applies.
    """

    run: str
    verdict: Verdict
    statuses: frozenset[int]


def look_and_plan(
    step: LoadedStep, setting: Setting, clouds: Opened, clock: Clock, progress: Progress
) -> tuple[Facts, Plan]:
    """What a step sees now, and what it would do about it; changes nothing."""
    facts = look(step.step.needs(step.arguments, setting), clouds.look, clock, progress)
    work = step.step.work
    return facts, work.plan(facts, step.arguments, setting) if work else Plan()


def carry_out(loaded: LoadedPlaybook, tools: Tools, agreed: Mapping[str, str] | None = None) -> Ended:
    """Run a playbook to its conclusion.

    Args:
        loaded: the playbook.
        tools: what it works with.
        agreed: fingerprints of the plans that a person was shown, by the step's name.

    Raises:
        DrkitError: the journal or the evidence cannot be written, or an approval is missing.
    """
    run = f"{tools.clock().astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    setting = loaded.setting(tools.estate, tools.clock())
    return _Run(run, loaded, setting, tools, Recorder(tools.log, run, tools.clock), agreed or {}).carry_out()


@dataclass(frozen=True, slots=True)
class _Run:
    """One run under its id."""

    id: str
    loaded: LoadedPlaybook
    setting: Setting
    tools: Tools
    recorder: Recorder
    agreed: Mapping[str, str]

    def carry_out(self) -> Ended:
        tools = self.tools
        slot = slot_name(self.setting.slot)
        tools.journal.start(self.id, self.setting.playbook, slot, text_of(tools.clock()))
        self.recorder.record("run.started", **self._introduction())
        try:
            verdicts = [(step, self._carry_out_step(step)) for step in self.loaded.steps]
        except BaseException as error:
            # Whatever ended it, the evidence says so, as far as it still can be written.
            reason = error.message if isinstance(error, DrkitError) else type(error).__name__
            self.recorder.record("run.broken", reason=reason)
            self.recorder.checkpoint()
            raise
        return self._conclude(verdicts)

    def _introduction(self) -> dict[str, Any]:
        return {
            "drkit": __version__,
            "estate": self.tools.estate.estate,
            "playbook": self.setting.playbook,
            "playbook_sha256": self.loaded.sha256,
            "description": self.loaded.playbook.description,
            "slot": text_of(self.setting.slot),
            "accounts": {
                name: {
                    power: {"account": caller.account, "principal": caller.principal}
                    for power, caller in powers.items()
                }
                for name, powers in self.tools.clouds.callers.items()
            },
        }

    def _carry_out_step(self, step: LoadedStep) -> Verdict:
        tools = self.tools
        facts, plan = look_and_plan(step, self.setting, tools.clouds, tools.clock, tools.progress)
        self.recorder.looked(step.name, facts)
        self.recorder.planned(step.name, plan)
        agreed = self.agreed.get(step.name, plan.fingerprint)
        if agreed != plan.fingerprint:
            self.recorder.record("plan.changed", step=step.name, agreed=agreed, now=plan.fingerprint)
        _refuse_unapproved(plan)
        outcomes: Mapping[str, Settled | Pending] = {}
        if plan.actions and step.step.work:
            self.recorder.checkpoint()  # what is intended is signed before it is done
            outcomes = _Acting(self, step.name, step.step.work, plan, Hands(tools.clouds.make, self.id)).act()
        conclusion = step.step.conclude(facts, plan, outcomes, step.arguments, self.setting)
        self.recorder.concluded(step.name, step.entry.uses, conclusion, self._with_first_seen(conclusion))
        return conclusion.verdict

    def _with_first_seen(self, conclusion: Conclusion) -> list[dict[str, Any]]:
        now = text_of(self.tools.clock())
        return [
            {**finding.as_data(), "first_seen": self.tools.journal.first_seen(finding.fingerprint, now)}
            for finding in conclusion.findings
        ]

    def _conclude(self, verdicts: list[tuple[LoadedStep, Verdict]]) -> Ended:
        """The run's verdict: an optional step's UNKNOWN is shown, and tolerated."""
        required = [
            verdict
            for step, verdict in verdicts
            if not (step.entry.optional and verdict.outcome is Outcome.UNKNOWN)
        ]
        verdict = worst(required)
        statuses = {STATUS[each.outcome] for each in required} or {exits.NOTHING_CONCLUDED}
        self.recorder.record(
            "run.concluded", verdict=verdict.outcome.value, reason=verdict.reason, statuses=sorted(statuses)
        )
        self.recorder.checkpoint()
        self.tools.journal.end(self.id, verdict.outcome.value, text_of(self.tools.clock()))
        return Ended(self.id, verdict, frozenset(statuses))


def _refuse_unapproved(plan: Plan) -> None:
    """What destroys needs an approval that names it, and there is no way yet to give one."""
    for action in plan.actions:
        if action.effect is Effect.DESTROY:
            raise ApprovalError(f"{action.verb} of {action.target} destroys, and no approval names it")


@dataclass(frozen=True, slots=True)
class _Acting:
    """The actions of one step, each failing alone; then the wait for those that are pending."""

    run: _Run
    step: str
    work: Work[Any]
    plan: Plan
    hands: Hands
    outcomes: dict[str, Settled | Pending] = field(default_factory=dict)

    def act(self) -> Mapping[str, Settled | Pending]:
        tools = self.run.tools
        for number, action in enumerate(self.plan.actions, 1):
            tools.progress(f"{self.step}: {number} of {len(self.plan.actions)}, {action.target}")
            tools.journal.intend(self.run.id, action, text_of(tools.clock()))
            self.run.recorder.intended(self.step, action)
            self._settle(action, self._attempt(action))
        self._await_pending()
        return self.outcomes

    def _attempt(self, action: Action) -> Settled | Pending:
        try:
            return self.work.run(action, self.hands)
        except ThrottledError as error:
            return Uncertain(
                error.message
            )  # nothing happened, but nothing is concluded about the disk either
        except RefusedError as error:
            return Failed(error.code, error.message)
        except CloudError as error:
            return Uncertain(error.message)

    def _settle(self, action: Action, outcome: Settled | Pending) -> None:
        self.outcomes[action.key] = outcome
        tools = self.run.tools
        tools.journal.settle(self.run.id, action, outcome, text_of(tools.clock()))
        self.run.recorder.settled(self.step, action, outcome)

    def _await_pending(self) -> None:
        """Ask until nothing is pending or patience ends; what still is then stays pending."""
        tools = self.run.tools
        actions = {action.key: action for action in self.plan.actions}
        ends = time.monotonic() + tools.wait
        while waiting := self._waiting(actions):
            pause = min(pending.poll_after for _, pending in waiting.values())
            if time.monotonic() + pause > ends:
                return
            tools.progress(f"{self.step}: waiting for {len(waiting)} of {len(self.plan.actions)}")
            time.sleep(pause)
            for key, answer in self._poll(waiting).items():
                if not isinstance(answer, Pending):
                    self._settle(actions[key], answer)

    def _waiting(self, actions: Mapping[str, Action]) -> dict[str, tuple[Action, Pending]]:
        return {
            key: (actions[key], outcome)
            for key, outcome in self.outcomes.items()
            if isinstance(outcome, Pending)
        }

    def _poll(self, waiting: Mapping[str, tuple[Action, Pending]]) -> Mapping[str, Settled | Pending]:
        try:
            return self.work.poll(waiting, self.hands)
        except CloudError as error:
            self.run.tools.progress(f"{self.step}: {error.message}")
            return {}
