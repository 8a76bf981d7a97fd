"""Options of the form NAME=VALUE, and values that name a bucket."""

from __future__ import annotations

import re
from collections.abc import Sequence

from drkit.core.errors import UsageError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
BUCKET = re.compile("(s3|cos)://")


def is_bucket(value: str) -> bool:
    """Whether a value names a bucket, and no path."""
    return BUCKET.match(value) is not None


def pairs(option: str, given: Sequence[str]) -> dict[str, str]:
    """What is given, by name.

    Raises:
        UsageError: one is of another form, or a name is there twice.
    """
    made: dict[str, str] = {}
    for pair in given:
        name, separator, value = pair.partition("=")
        if not separator or not value or not NAME.fullmatch(name):
            raise UsageError(f"{option} {pair}: write NAME=VALUE, the name in letters, digits, '.', '_', '-'")
        if name in made:
            raise UsageError(f"{option} {name} is given twice")
        made[name] = value
    return made
