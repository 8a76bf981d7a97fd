"""After a call that nobody answered: whether it did what it was to do."""

from __future__ import annotations

from collections.abc import Callable

from drkit.core.actions import Action, Outcome, Uncertain
from drkit.ports.cloud import Hands
from drkit.ports.errors import CloudError


def after_silence(
    find: Callable[[Action, Hands], Outcome | None], action: Action, hands: Hands, silence: str
) -> Outcome:
    """What is found of it; uncertain where nothing is.

    What was begun may still appear, and what is to go may yet go: a second call now could be one too many.
    """
    try:
        return find(action, hands) or Uncertain(silence)
    except CloudError as error:
        return Uncertain(f"{silence}; looked for: {error.message}")
