"""The actions of one step: those of an earlier process, those to do now, the wait for what is pending."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from drkit.core.actions import Action, Done, Failed, Outcome, Pending, Plan, Uncertain
from drkit.core.errors import AccountError, DrkitError
from drkit.core.times import text_of
from drkit.flows.recording import Recorder
from drkit.flows.tools import Tools
from drkit.ports.cloud import Hands
from drkit.ports.errors import CloudError, RefusedError, ThrottledError
from drkit.ports.steps import Work

NOT_FOUND = Uncertain("it was intended, and nothing was found that came of it")
PASSED = Uncertain("it was not begun, and its slot has passed")


class SuspendedError(DrkitError):
    """The cloud still works on something, and patience has ended; the run goes on when it is taken up."""

    def __init__(self, step: str, pending: list[str]) -> None:
        super().__init__(
            f"suspended: {len(pending)} still being created, the first: {pending[0]}",
            hint="`drkit recover` takes it up again",
        )
        self.step, self.pending = step, pending


@dataclass(frozen=True, slots=True)
class Acting:
    """Each action fails alone."""

    step: str
    work: Work[Any]
    hands: Hands
    tools: Tools
    recorder: Recorder
    _actions: dict[str, Action] = field(default_factory=dict)
    _outcomes: dict[str, Outcome | None] = field(default_factory=dict)

    def act(self, plan: Plan, *, may_begin: bool) -> list[tuple[Action, Outcome | None]]:
        """Account for what was intended before, do what is still to do, wait for what is pending.

        Args:
            plan: what is to do as the world is now; what this run has done already is not in it.
            may_begin: whether anything new may be begun.

        Raises:
            SuspendedError: something is still pending when patience ends.
        """
        self._account_for_earlier()
        for number, action in enumerate(plan.actions, 1):
            if isinstance(self._outcomes.get(action.key), Done | Pending):
                continue
            if not may_begin:
                self._intend(action)
                self._settle(action, PASSED)
                continue
            self.tools.look.progress(f"{self.step}: {number} of {len(plan.actions)}, {action.target}")
            self._intend(action)
            self._settle(action, self._attempt(action))
        self._settle_leftovers()
        self._await_pending()
        return [(action, self._outcomes.get(key)) for key, action in self._actions.items()]

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
        try:
            return self.work.find(action, self.hands)
        except (CloudError, AccountError) as error:
            return Uncertain(error.message)

    def _intend(self, action: Action) -> None:
        self._actions[action.key] = action
        self._outcomes[action.key] = None
        self.tools.journal.intend(self.hands.run, self.step, action, text_of(self.tools.look.clock()))
        self.recorder.intended(self.step, action)

    def _attempt(self, action: Action) -> Outcome:
        try:
            return self.work.run(action, self.hands)
        except ThrottledError as error:
            # Nothing happened, and nothing is concluded either: the cloud did not say no to this disk.
            return Uncertain(error.message)
        except RefusedError as error:
            return Failed(error.code, error.message)
        except (CloudError, AccountError) as error:
            return Uncertain(error.message)

    def _settle(self, action: Action, outcome: Outcome) -> None:
        # The evidence first: what only the journal knew would never be told; the other way round is mended.
        self.recorder.settled(self.step, action, outcome)
        self._remember(action, outcome)

    def _remember(self, action: Action, outcome: Outcome) -> None:
        self._outcomes[action.key] = outcome
        now = text_of(self.tools.look.clock())
        self.tools.journal.settle(self.hands.run, self.step, action, outcome, now)

    def _await_pending(self) -> None:
        """Ask until nothing is pending; once at least, so that a run that is taken up learns something."""
        ends = time.monotonic() + self.tools.wait
        first = True
        while waiting := self._waiting():
            pause = min(pending.poll_after for _, pending in waiting.values())
            if not first and time.monotonic() + pause > ends:
                raise SuspendedError(self.step, sorted(pending.token for _, pending in waiting.values()))
            if not first:
                self.tools.look.progress(f"{self.step}: waiting for {len(waiting)} of {len(self._actions)}")
                time.sleep(pause)
            first = False
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
