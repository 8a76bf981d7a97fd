"""A playbook is carried out: look, plan, run, conclude; journal before action, evidence of everything.

A run survives the death of its process: what it intended is in the journal and in the evidence, and whoever
takes it up again first finds out what came of that, and then does what is still to do.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from drkit import __version__
from drkit.clouds.ssh.shells import SshShells
from drkit.core import exits
from drkit.core.actions import Action, Outcome, Plan
from drkit.core.errors import ApprovalError, DrkitError
from drkit.core.journal import RunRecord, RunState
from drkit.core.times import text_of
from drkit.core.verdicts import STATUS, Finding, Verdict, worst
from drkit.core.verdicts import Outcome as VerdictOutcome
from drkit.core.waivers import Waived, judge
from drkit.flows.acting import Acting, SuspendedError
from drkit.flows.approving.obtaining import Licensing
from drkit.flows.budget import WITHIN, Budgeting
from drkit.flows.ending import Ended, end_run
from drkit.flows.leaving import left_behind
from drkit.flows.loading import LoadedPlaybook, LoadedStep
from drkit.flows.outcomes import carried_out
from drkit.flows.planning import look_and_plan
from drkit.flows.recording import Recorder
from drkit.flows.rooms import Reading
from drkit.flows.talking import say
from drkit.flows.tools import Destroyer, Tools
from drkit.ports.cloud import Hands
from drkit.ports.steps import Setting
from drkit.snapshots.proofs import PROVE


def carry_out(
    loaded: LoadedPlaybook,
    tools: Tools,
    agreed: Mapping[str, str] | None = None,
    slot: datetime | None = None,
) -> Ended:
    """Run a playbook to its conclusion, or until it is suspended.

    Args:
        loaded: the playbook.
        tools: what it works with.
        agreed: fingerprints of the plans that a person was shown, by the step's name.
        slot: the slot it is carried out for; the playbook's last one, unless said.

    Raises:
        DrkitError: the journal or the evidence cannot be written, or an approval is missing.
    """
    now = tools.look.clock()
    setting = loaded.setting(tools.estate, now, slot)
    id_ = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    record = RunRecord(
        id_, setting.playbook, loaded.sha256, text_of(setting.slot), RunState.RUNNING, text_of(now)
    )
    tools.keep_playbook(loaded)
    tools.journal.start(record)
    return _run(id_, loaded, setting, tools, agreed or {}).begin()


def take_up(record: RunRecord, loaded: LoadedPlaybook, tools: Tools) -> Ended:
    """Go on with a run that was suspended or broken off; raises as `carry_out`."""
    setting = Setting(tools.estate, record.playbook, datetime.fromisoformat(record.slot))
    tools.journal.resume(record.id)
    return _run(record.id, loaded, setting, tools, {}).go_on(record)


def _run(id_: str, loaded: LoadedPlaybook, setting: Setting, tools: Tools, agreed: Mapping[str, str]) -> _Run:
    recorder = Recorder(tools.log, id_, tools.look.clock)
    setting = _with_made(setting, tools)
    licensing = Licensing(id_, loaded, setting, tools, recorder)
    budgeting = Budgeting(id_, loaded, setting, tools, recorder)
    return _Run(id_, loaded, setting, tools, recorder, agreed, licensing, budgeting)


def _with_made(setting: Setting, tools: Tools) -> Setting:
    """With what runs of its playbook and slot have made until now, and what was proven in any."""
    made = tools.journal.made(setting.playbook, text_of(setting.slot))
    return replace(setting, made=made, proofs=tuple(tools.journal.told(PROVE)))


@dataclass(frozen=True, slots=True)
class _Run:
    """One run under its id."""

    id: str
    loaded: LoadedPlaybook
    setting: Setting
    tools: Tools
    recorder: Recorder
    agreed: Mapping[str, str]
    licensing: Licensing
    budgeting: Budgeting

    def begin(self) -> Ended:
        self.recorder.record("run.started", **self._introduction())
        return self._carry_out(may_begin=True)

    def go_on(self, record: RunRecord) -> Ended:
        """A slot that has passed is accounted for, and nothing new is begun for it."""
        current = self.loaded.setting(self.tools.estate, self.tools.look.clock()).slot
        may_begin = current == self.setting.slot
        if not self.recorder.has_started():
            self.recorder.record("run.started", **self._introduction())
        self.recorder.record("run.resumed", was=record.state.value, slot_is_current=may_begin)
        return self._carry_out(may_begin=may_begin)

    def _carry_out(self, *, may_begin: bool) -> Ended:
        known = self.tools.journal.concluded(self.id)
        try:
            held = self.budgeting.hold_run() if may_begin else WITHIN
            if held != WITHIN:
                return self._end(held, {STATUS[held.outcome]})
            verdicts = [
                (step, known.get(step.name) or self._carry_out_step(step, may_begin=may_begin))
                for step in self.loaded.steps
            ]
        except SuspendedError as suspended:
            return self._suspend(suspended)
        except ApprovalError as refused:
            self._refuse(refused)
            raise
        except BaseException as error:
            # Whatever ended it, the evidence says so, as far as it still can be written.
            reason = error.message if isinstance(error, DrkitError) else type(error).__name__
            self.recorder.record("run.broken", reason=reason)
            self._checkpoint()
            raise
        finally:
            self.licensing.close()
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

    def _carry_out_step(self, step: LoadedStep, *, may_begin: bool) -> Verdict:
        # What a step before it made is known by now.
        facts, plan = look_and_plan(step, _with_made(self.setting, self.tools), self.tools.look)
        self.recorder.looked(step.name, facts)
        self.recorder.planned(step.name, plan)
        agreed = self.agreed.get(step.name, plan.fingerprint)
        if agreed != plan.fingerprint:
            self.recorder.record("plan.changed", step=step.name, agreed=agreed, now=plan.fingerprint)
        held = self.budgeting.hold_step(plan) if may_begin else WITHIN
        if held != WITHIN:
            plan = Plan((), plan.skipped)
        destroyer = self.licensing.need(step, facts, plan) if may_begin else None
        self._checkpoint()  # what is intended is signed before it is done
        done = self._act(step, plan, destroyer, may_begin=may_begin)
        whole = carried_out(plan, done)
        outcomes = {action.key: outcome for action, outcome in done if outcome is not None}
        reading = Reading(self.id, self.tools, self.recorder)
        read = reading.read(step, self.setting)
        facts = replace(facts, read=read.data)
        conclusion = step.step.conclude(facts, whole, outcomes, step.arguments, self.setting)
        judged = judge(conclusion, self.tools.estate.waivers, self.tools.look.clock())
        verdict = worst([judged.verdict, held])
        self.recorder.concluded(
            step.name,
            step.entry.uses,
            replace(conclusion, verdict=verdict),
            findings=self._with_first_seen(judged.open),
            waived=self._with_first_seen(judged.waived),
            unsure=judged.unsure,
        )
        reading.spend(read)
        self.tools.journal.conclude(self.id, step.name, verdict)
        return verdict

    def _act(
        self, step: LoadedStep, plan: Plan, destroyer: Destroyer | None, *, may_begin: bool
    ) -> list[tuple[Action, Outcome | None]]:
        """Every action of the step, those of an earlier process too, with what came of it."""
        if step.step.work is None:
            return []
        hands = Hands(self.tools.clouds.make, self.id, SshShells())
        acting = Acting(step.name, step.step.work, hands, self.tools, self.recorder, destroyer)
        return acting.act(plan, may_begin=may_begin)

    def _with_first_seen(self, findings: Iterable[Finding | Waived]) -> list[dict[str, Any]]:
        now = text_of(self.tools.look.clock())
        with self.tools.journal.together():
            return [
                {**told, "first_seen": self.tools.journal.first_seen(told["fingerprint"], now)}
                for told in (finding.as_data() for finding in findings)
            ]

    def _refuse(self, refused: ApprovalError) -> None:
        """Without an approval the run ends where nothing was begun; what has begun goes on once there is one."""
        if self.tools.journal.actions(self.id):
            self.recorder.record("run.broken", reason=refused.message)
            self._checkpoint()
            return
        self._end(Verdict(VerdictOutcome.UNKNOWN, refused.message), {exits.APPROVAL})

    def _suspend(self, suspended: SuspendedError) -> Ended:
        """Let go of everything; what is pending goes on without us, and is asked for when it is taken up."""
        self.recorder.record("run.suspended", step=suspended.step, pending=suspended.pending)
        self._checkpoint()
        self.tools.journal.suspend(self.id)
        return Ended(
            self.id,
            Verdict(VerdictOutcome.UNKNOWN, suspended.message),
            frozenset({exits.NOTHING_CONCLUDED}),
        )

    def _conclude(self, verdicts: list[tuple[LoadedStep, Verdict]]) -> Ended:
        """The run's verdict: an optional step's UNKNOWN is shown, and tolerated."""
        required = [
            verdict
            for step, verdict in verdicts
            if not (step.entry.optional and verdict.outcome is VerdictOutcome.UNKNOWN)
        ]
        statuses = {STATUS[each.outcome] for each in required} or {exits.NOTHING_CONCLUDED}
        return self._end(worst(required), statuses)

    def _end(self, verdict: Verdict, statuses: set[int]) -> Ended:
        """Write down how it ended, and tell whoever is to be told; scratch that it left behind is named."""
        left = left_behind(self.tools.journal.actions(self.id))
        if left:
            say(
                f"run {self.id} left something behind: {', '.join(left)}: drkit undo {self.id}, or drkit sweep"
            )
            statuses = statuses | {exits.LEFT_BEHIND}
        return end_run(self.tools, self.recorder, self.id, self.setting.playbook, verdict, statuses)

    def _checkpoint(self) -> None:
        self.tools.journal.remember_evidence(self.recorder.checkpoint())
