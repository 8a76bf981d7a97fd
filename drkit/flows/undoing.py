"""What a run made and does not keep is removed: by `drkit undo`, and after a crash where a playbook says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from drkit.core import exits
from drkit.core.actions import Action, Done, Effect, Outcome, Plan, makes_scratch, things_made
from drkit.core.errors import AccountError
from drkit.core.evidence import keys, layout
from drkit.core.evidence.verify import verify
from drkit.core.journal import RunRecord, RunState
from drkit.core.verdicts import Conclusion, Verdict
from drkit.core.verdicts import Outcome as VerdictOutcome
from drkit.flows.acting import Acting, SuspendedError
from drkit.flows.ending import Ended, end_run
from drkit.flows.recording import Recorder
from drkit.flows.registry import work_by_verb
from drkit.flows.sweeping import removal
from drkit.flows.sweeping.records import Records, records_of
from drkit.flows.sweeping.removal import tear_down
from drkit.flows.sweeping.rule import may_tear_down
from drkit.flows.sweeping.scope import scope_of
from drkit.flows.sweeping.seeing import Place, Thing, see
from drkit.flows.tools import Tools
from drkit.ports.cloud import Hands
from drkit.ports.errors import CloudError
from drkit.ports.steps import AnyWork
from drkit.snapshots import making

UNDO = "undo"  # what the evidence calls the step that removes
NEEDS_APPROVAL = (
    "it is no scratch: whoever wants it gone needs an approval; its deadline, if it has one, ends it"
)


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of all that a run made.

    Args:
        removed: ids of what is gone, now or already.
        kept: ids of what is there to stay.
        left: ids of what is still there, or may be, and why.
    """

    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    left: tuple[tuple[str, str], ...] = ()

    def as_data(self) -> dict[str, Any]:
        """Plain JSON data."""
        left = [{"id": id_, "why": why} for id_, why in self.left]
        return {"removed": list(self.removed), "kept": list(self.kept), "left": left}


def undo_broken(record: RunRecord, tools: Tools) -> tuple[Ended, Undone]:
    """Tear down a run that has not ended, and end it; nothing that it promised is concluded."""
    tools.journal.resume(record.id)
    undone = undo_run(record, tools)
    why = f"undone before it had ended: {len(undone.removed)} removed, {len(undone.left)} left behind"
    statuses = {exits.NOTHING_CONCLUDED, *((exits.LEFT_BEHIND,) if undone.left else ())}
    recorder = Recorder(tools.log, record.id, tools.look.clock)
    verdict = Verdict(VerdictOutcome.UNKNOWN, why)
    ended = end_run(tools, recorder, record.id, record.playbook, verdict, statuses, undone=True)
    return ended, undone


def undo_run(record: RunRecord, tools: Tools) -> Undone:
    """Remove what a run made and does not keep; what cannot be removed is told of, with the reason.

    Raises:
        DrkitError: journal or evidence cannot be written.
    """
    undoing = _Undoing(record, tools, Recorder(tools.log, record.id, tools.look.clock))
    return undoing.undo()


@dataclass(slots=True)
class _Undoing:
    """One run that is undone."""

    record: RunRecord
    tools: Tools
    recorder: Recorder
    removed: dict[str, None] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)

    def undo(self) -> Undone:
        self.recorder.record("undo.started", was=self.record.state.value)
        self._account_for()
        made = self._made()
        scratch = {id_: action for id_, (_, action) in made.items() if makes_scratch(action)}
        kept = [id_ for id_, (step, _) in made.items() if id_ not in scratch and self._is_kept(step)]
        self.left |= {id_: NEEDS_APPROVAL for id_ in made if id_ not in scratch and id_ not in kept}
        self.tools.journal.remember_evidence(
            self.recorder.checkpoint()
        )  # what was made is signed before it goes
        self._remove(scratch)
        return self._conclude(kept)

    def _account_for(self) -> None:
        """Find out what came of all that was intended, and wait for what is being made."""
        for step in self.tools.journal.acted(self.record.id):
            actions = self.tools.journal.actions(self.record.id, step)
            work = _work_of(action.verb for action, _ in actions)
            if work is None or step == UNDO:
                continue
            hands = Hands(self.tools.clouds.make, self.record.id)
            try:
                Acting(step, work, hands, self.tools, self.recorder).act(Plan(), may_begin=False)
            except SuspendedError as suspended:
                self.left |= dict.fromkeys(suspended.pending, "the cloud still works on it")

    def _made(self) -> dict[str, tuple[str, Action]]:
        """All that it made and did not remove, by id: the step and the action."""
        made: dict[str, tuple[str, Action]] = {}
        for step in self.tools.journal.acted(self.record.id):
            for action, outcome in self.tools.journal.actions(self.record.id, step):
                if not isinstance(outcome, Done):
                    continue
                if action.effect is Effect.DESTROY:
                    self.removed[action.thing] = None
                    continue
                for id_ in things_made(action, outcome):
                    made[id_] = step, action
        return {id_: told for id_, told in made.items() if id_ not in self.removed}

    def _is_kept(self, step: str) -> bool:
        """What a step made to stay is kept once that step, or the whole run, has concluded."""
        ended = self.record.state is RunState.ENDED
        return ended or step in self.tools.journal.concluded(self.record.id)

    def _remove(self, scratch: dict[str, Action]) -> None:
        """Remove what the rule lets go; the broker asks the same rule again."""
        records = verified_records(self.tools)
        actions: list[Action] = []
        for id_, made in scratch.items():
            thing, why = self._look_at(id_, made)
            if thing is None:
                self.left |= {id_: why} if why else {}
                self.removed |= {} if why else {id_: None}
            elif reasons := self._refusals(thing, records):
                self.left[id_] = "; ".join(reasons)
            else:
                actions += tear_down(thing)
        came = dict(carry_out(UNDO, self.record.id, actions, self.tools, self.recorder))
        self.removed |= dict.fromkeys(id_ for id_, why in came.items() if why is None)
        self.left |= {id_: why for id_, why in came.items() if why is not None}

    def _look_at(self, id_: str, made: Action) -> tuple[Thing | None, str]:
        """The thing; or nothing, and why nobody can say whether it is there."""
        account = self.tools.estate.accounts[made.account]
        place = Place(made.account, account.account, made.region)
        try:
            return see(self.tools.look.clouds[made.account], place, id_), ""
        except (CloudError, AccountError) as error:
            return None, f"it could not be looked at: {error.message}"

    def _refusals(self, thing: Thing, records: Records) -> tuple[str, ...]:
        return may_tear_down(
            thing, scope_of(self.tools.estate), records, self.tools.look.clock(), self.record.id
        )

    def _conclude(self, kept: list[str]) -> Undone:
        left = {id_: why for id_, why in self.left.items() if id_ not in self.removed}
        undone = Undone(tuple(self.removed), tuple(kept), tuple(left.items()))
        if undone.removed or undone.left:
            self.recorder.concluded(UNDO, UNDO, conclusion_of(undone), ())
        self.recorder.record("run.undone", **undone.as_data())
        self.tools.journal.remember_evidence(self.recorder.checkpoint())
        return undone


def carry_out(
    step: str, run: str, actions: Iterable[Action], tools: Tools, recorder: Recorder
) -> Iterator[tuple[str, str | None]]:
    """Carry removals out under the run that made the things; each thing's id, and why it is not gone."""
    wanted = tuple(actions)
    if not wanted:
        return
    # The removal alone says whether a thing is gone; what is detached before is not.
    work = _work_of(action.verb for action in wanted)
    assert work is not None, "what removes is a verb of some step"
    acting = Acting(step, work, Hands(tools.clouds.make, run), tools, recorder)
    try:
        outcomes = acting.act(Plan(wanted), may_begin=True)
    except SuspendedError:
        outcomes = tools.journal.actions(run, step)
    told = {action.target: outcome for action, outcome in outcomes if _removes(action.verb)}
    yield from ((action.thing, _why(told.get(action.target))) for action in wanted if _removes(action.verb))


def _removes(verb: str) -> bool:
    return verb in removal.VERBS.values()


def _why(outcome: Outcome | None) -> str | None:
    if isinstance(outcome, Done):
        return None
    return getattr(outcome, "reason", "the cloud still works on its removal")


def conclusion_of(undone: Undone) -> Conclusion:
    """What was removed and what was left, as a step tells it in the report."""
    rows = [
        *({"id": id_, "status": "removed", "why": ""} for id_ in undone.removed),
        *({"id": id_, "status": "left", "why": why} for id_, why in undone.left),
    ]
    summary = {"removed": len(undone.removed), "left": len(undone.left)}
    first = f", the first: {undone.left[0][0]}: {undone.left[0][1]}" if undone.left else ""
    outcome = VerdictOutcome.FAIL if undone.left else VerdictOutcome.PASS
    reason = f"{len(undone.left)} were left behind{first}" if undone.left else ""
    return Conclusion(Verdict(outcome, reason), summary, rows=tuple(rows))


def verified_records(tools: Tools) -> Records:
    """What the estate's own evidence records; nothing where the evidence does not hold."""
    directory = tools.log.directory
    tools.journal.remember_evidence(tools.log.checkpoint().size)
    found = verify(directory, keys.read_verifier_keys(directory / layout.VERIFIER_KEY))
    if found.verdict == "fail" or found.covered < found.size:
        return {}
    return records_of(Recorder(tools.log, "", tools.look.clock).entries())


def _work_of(verbs: Iterable[str]) -> AnyWork | None:
    """What carries out the actions of one step: a step that does more than make scratch knows how that is made too."""
    works = [(verb in making.VERBS, work_by_verb()[verb]) for verb in verbs if verb in work_by_verb()]
    return min(works, key=lambda each: each[0])[1] if works else None
