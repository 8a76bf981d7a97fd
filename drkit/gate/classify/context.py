"""What all parts of one judgement share: its reasons, its places, and how much it may still do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from drkit.gate.classify.places import Places
from drkit.gate.verdict import Reason, Verdict

MOST_STEPS = 20_000  # commands that are looked at, over all ways to read the text
DEEPEST = 24  # texts within texts


class TooMuchError(Exception):
    """The text is too deep or too rich to be judged in bounded time."""


def _nothing(_path: str) -> bytes | None:
    return None


@dataclass(slots=True)
class Context:
    """One judgement under way.

    Args:
        places: what is protected and what is scratch.
        user: whose command it is, if that is known.
        builds: whether build tools may run what the working directory says.
        read: gives a script's bytes by its path, where the caller has them; a request binds what it gave.
    """

    places: Places
    user: str | None = None
    builds: bool = True
    read: Callable[[str], bytes | None] = _nothing
    reasons: list[Reason] = field(default_factory=list)
    steps: int = 0
    depth: int = 0
    wrote: bool = False

    def note(self, rule: str, why: str, at: str, verdict: Verdict = Verdict.REVIEW) -> None:
        """One more reason."""
        self.reasons.append(Reason(verdict, rule, why, at))

    def step(self) -> None:
        """Count one command.

        Raises:
            TooMuchError: there were too many.
        """
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise TooMuchError(f"it comes to more than {MOST_STEPS} commands")

    def deeper(self) -> None:
        """Go into a text within a text.

        Raises:
            TooMuchError: it is nested too deep.
        """
        self.depth += 1
        if self.depth > DEEPEST:
            raise TooMuchError(f"it is nested more than {DEEPEST} deep")
