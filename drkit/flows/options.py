"""Values of options that the argument table leaves as text, so that it stays light."""

from __future__ import annotations

from datetime import timedelta

from drkit.core.configuration.types import parse_duration
from drkit.core.errors import UsageError


def duration(option: str, text: str) -> timedelta:
    """The length of time that an option says.

    Raises:
        UsageError: it says none.
    """
    try:
        return parse_duration(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None
