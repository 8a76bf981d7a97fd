"""Text from outside, made harmless for a terminal and for whoever reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def harmless(text: str) -> str:
    """The text with what a terminal would obey or hide spelt out: controls, bidi marks, separators."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def harmless_lines(text: str) -> str:
    """The same for text of several lines, whose line ends are our own."""
    return "\n".join(harmless(line) for line in text.split("\n"))


def told_arguments(arguments: Mapping[str, Any]) -> str:
    """The arguments of an action as a person reads them; what is empty is left out."""
    return ", ".join(f"{name} {_value(value)}" for name, value in arguments.items() if value != "")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return " ".join(f"{name}={each}" for name, each in value.items()) or "none"
    return str(value)
