"""What is known of one request besides who, what and whereupon: its condition keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drkit.access.evaluate.values import text_of

Values = tuple[str, ...]


class Context:
    """Condition keys with their values.

    Args:
        raw: as they came.
        partial: whether keys may be missing here that the request has.
        fold: whether keys are told apart by case (CAM) or not (AWS).
    """

    __slots__ = ("partial", "values")

    def __init__(self, raw: Mapping[str, Any], *, partial: bool, fold: bool) -> None:
        self.partial = partial
        self.values: dict[str, Values | None] = {}
        for name, value in raw.items():
            key = name.lower() if fold else name
            if type(value) is str:  # nearly every one
                self.values[key] = (value,)
            else:
                self.put(key, value)

    def put(self, key: str, value: Any) -> None:
        """Take a key; null is no key, and what is no value is one that nobody can read."""
        if value is None:
            return
        if isinstance(value, list):
            listed = [each for each in value if each is not None]
            readable = all(isinstance(each, str | int | float) for each in listed)
            self.values[key] = tuple(map(text_of, listed)) if readable else None
        elif isinstance(value, int | float):
            self.values[key] = (text_of(value),)
        else:
            self.values[key] = None

    def one(self, key: str) -> str | None:
        """The value of a key that has exactly one."""
        values = self.values.get(key)
        return values[0] if values and len(values) == 1 else None
