"""The actions of one step: those of an earlier process, those to do now, the wait for what is pending."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from drkit.core.actions import (
    Action,
    Done,
    Failed,
    Outcome,
    Pending,
    Plan,
    Ref,
    Uncertain,
    frees_scratch,
    moves_scratch,
    only_grows,
    removes_scratch,
    takes_back,
)
from drkit.core.errors import AccountError, DrkitError
from drkit.core.times import text_of
from drkit.flows.approving.intention import DANGEROUS
from drkit.flows.ordering import sort
from drkit.flows.outcomes import NEVER_READY, NOT_FOUND, PASSED
from drkit.flows.recording import Recorder
from drkit.flows.tools import Destroyer, Tools
from drkit.ports.cloud import Hands
from drkit.ports.errors import CloudError, RefusedError, ThrottledError
from drkit.ports.steps import Work


class SuspendedError(DrkitError):
    """The cloud still works on something, and patience has ended; the run goes on when it is taken up."""

    def __init__(self, step: str, pending: list[str]) -> None:
        super().__init__(
            f"suspended: {len(pending)} still being created, the first: {pending[0]}",
            hint="`drkit recover` takes it up again",
        )
        self.step, self.pending = step, pending


@dataclass(slots=True)
class Patience:
    """How long a step waits for the cloud; once at least it asks, so that a run that is taken up learns something.

    Args:
        ends: when, by the monotonic clock.
        asked: whether the cloud was asked already.
    """

    ends: float
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Acting:
    """Each action fails alone.

    Args:
        destroyer: what carries out what destroys or weakens; None where the plan has nothing of the kind.
    """

    step: str
    work: Work[Any]
    hands: Hands
    tools: Tools
    recorder: Recorder
    destroyer: Destroyer | None = None
    _actions: dict[str, Action] = field(default_factory=dict)
    _outcomes: dict[str, Outcome | None] = field(default_factory=dict)
    _begun_as: dict[str, str] = field(default_factory=dict)  # by the planned key: that upon the known target

    def act(self, plan: Plan, *, may_begin: bool) -> list[tuple[Action, Outcome | None]]:
        """Account for what was intended before, do what is still to do, wait for what is pending.

        Args:
            plan: what is to do as the world is now; what this run has done already is not in it.
            may_begin: whether anything new may be begun.

        Raises:
            SuspendedError: something is still pending when patience ends.
        """
        self._account_for_earlier()
        patience = Patience(time.monotonic() + self.tools.wait)
        self._begin_all(plan, patience, may_begin=may_begin)
        self._settle_leftovers()
        while self._waiting():
            self._ask(patience)
        return [(action, self._outcomes.get(key)) for key, action in self._actions.items()]

    def _begin_all(self, plan: Plan, patience: Patience, *, may_begin: bool) -> None:
        """Begin each action as soon as what it is done to is there, and nothing else is still done to it."""
        still = [
            each for each in plan.actions if not isinstance(self._outcomes.get(each.key), Done | Pending)
        ]
        numbers = {each.key: number for number, each in enumerate(plan.actions, 1)}
        while still:
            found = sort(still, self._came_of, self._busy(), plan.after)
            for planned, action in found.ready:
                number = numbers[planned.key]
                self.tools.look.progress(f"{self.step}: {number} of {len(plan.actions)}, {action.target}")
                self._begun_as[planned.key] = action.key
                # What was made or lent may end at any time; for a slot that has passed nothing else begins.
                self._begin(action, allowed=may_begin or _ends(action))
            for action, why in found.hopeless:
                self._intend(action)
                self._settle(action, why)
            if len(found.waiting) == len(still):
                self._wait_for(still, patience)
            still = [each for each in found.waiting if each.key not in self._outcomes]

    def _begin(self, action: Action, *, allowed: bool) -> None:
        if isinstance(self._outcomes.get(action.key), Done | Pending):
            return  # planned upon what an earlier process knew by its id
        self._intend(action)
        self._settle(action, self._attempt(action) if allowed else PASSED)

    def _wait_for(self, actions: list[Action], patience: Patience) -> None:
        """Let the cloud go on with what is in the way of actions; where nothing is, they are never done."""
        if self._waiting():
            self._ask(patience)
            return
        for action in actions:
            self._intend(action)
            self._settle(action, NEVER_READY)

    def _came_of(self, ref: Ref) -> Outcome | None:
        """What came of the action that a target names."""
        if ref.step and ref.step != self.step:
            known = self.tools.journal.actions(self.hands.run, ref.step)
            return {action.key: outcome for action, outcome in known}.get(ref.output)
        return self._outcomes.get(self._begun_as.get(ref.output, ref.output))

    def _busy(self) -> frozenset[str]:
        """What the cloud still works on, by its id."""
        waiting = self._waiting().values()
        things = {action.target for action, _ in waiting if isinstance(action.target, str)}
        return frozenset(things | {pending.token for _, pending in waiting})

    def _settle_leftovers(self) -> None:
        """What was intended, was not found, and is not planned again: its region could not be read, perhaps."""
        for key, action in self._actions.items():
            if self._outcomes[key] is None:
                self._settle(action, NOT_FOUND)

    def _account_for_earlier(self) -> None:
        """What an earlier process of this run intended: ask what came of it where nobody wrote it down."""
        for action, outcome in self.tools.journal.actions(self.hands.run, self.step):
            self._actions[action.key], self._outcomes[action.key] = action, outcome
            if outcome is None or isinstance(outcome, Uncertain):
                found = self._find(action)
                if found is not None:
                    self._settle(action, found)

    def _find(self, action: Action) -> Outcome | None:
        if isinstance(action.target, Ref):
            return None  # it was never attempted
        try:
            return self.work.find(action, self._hands())
        except (CloudError, AccountError) as error:
            return Uncertain(error.message)

    def _intend(self, action: Action) -> None:
        self._actions[action.key] = action
        self._outcomes[action.key] = None
        self.tools.journal.intend(self.hands.run, self.step, action, text_of(self.tools.look.clock()))
        self.recorder.intended(self.step, action)

    def _attempt(self, action: Action) -> Outcome:
        try:
            return self._carry_out(action)
        except ThrottledError as error:
            # Nothing happened, and nothing is concluded either: the cloud did not say no to this disk.
            return Uncertain(error.message)
        except RefusedError as error:
            return Failed(error.code, error.message)
        except (CloudError, AccountError) as error:
            return Uncertain(error.message)

    def _carry_out(self, action: Action) -> Outcome:
        if removes_scratch(action) or moves_scratch(action):
            return self._have_scratch_handled(action)
        if only_grows(action):
            return self._grow(action)
        return self._destroy(action) if action.effect in DANGEROUS else self.work.run(action, self._hands())

    def _hands(self) -> Hands:
        return replace(self.hands, came_of=self._outcomes.get)

    def _have_scratch_handled(self, action: Action) -> Outcome:
        """What may not go, or finds nobody who removes it, is left behind and named; the run goes on."""
        try:
            return self.tools.scratch.carry_out(self.hands.run, action)
        except (CloudError, AccountError):
            raise
        except DrkitError as error:
            return Failed("NotRemoved" if removes_scratch(action) else "NotMoved", error.message)

    def _grow(self, action: Action) -> Outcome:
        """What may not, or finds nobody who does it, ends when it would have ended; the run goes on."""
        try:
            return self.tools.growth.carry_out(self.hands.run, action)
        except (CloudError, AccountError):
            raise
        except DrkitError as error:
            return Failed("NotGrown", error.message)

    def _destroy(self, action: Action) -> Outcome:
        # The credential that makes could not do it; and without a licence nobody asks the broker.
        assert self.destroyer is not None, "what destroys is never begun without a licence"
        return self.destroyer.carry_out(action)

    def _settle(self, action: Action, outcome: Outcome) -> None:
        # The evidence first: what only the journal knew would never be told; the other way round is mended.
        self.recorder.settled(self.step, action, outcome)
        self._remember(action, outcome)

    def _remember(self, action: Action, outcome: Outcome) -> None:
        self._outcomes[action.key] = outcome
        now = text_of(self.tools.look.clock())
        self.tools.journal.settle(self.hands.run, self.step, action, outcome, now)

    def _ask(self, patience: Patience) -> None:
        """Wait a little, but for the first time, and ask for all that is pending."""
        waiting = self._waiting()
        pause = min(pending.poll_after for _, pending in waiting.values())
        if patience.asked:
            if time.monotonic() + pause > patience.ends:
                raise SuspendedError(self.step, sorted(pending.token for _, pending in waiting.values()))
            done = len(self._actions) - len(waiting)
            self.tools.look.progress(f"{self.step}: {done} of {len(self._actions)} done, waiting")
            time.sleep(pause)
        patience.asked = True
        for key, answer in self._poll(waiting).items():
            if not isinstance(answer, Pending):
                self._settle(self._actions[key], answer)
            elif answer != self._outcomes[key]:
                self._remember(self._actions[key], answer)

    def _waiting(self) -> dict[str, tuple[Action, Pending]]:
        return {
            key: (self._actions[key], outcome)
            for key, outcome in self._outcomes.items()
            if isinstance(outcome, Pending)
        }

    def _poll(self, waiting: Mapping[str, tuple[Action, Pending]]) -> Mapping[str, Outcome]:
        return self.work.poll(waiting, self.hands)


def _ends(action: Action) -> bool:
    """Whether it ends what was made, attached or lent for a while."""
    return removes_scratch(action) or frees_scratch(action) or takes_back(action)
