"""The sentence for one error of pydantic, in words for the person who wrote the file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drkit.core.configuration.fields import fields_at
from drkit.core.configuration.problems import listed, quote, suggest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

    from drkit.core.configuration.nodes import Node

_MOST_FIELDS_LISTED = 12

# Error types of pydantic (https://docs.pydantic.dev/latest/errors/validation_errors/) → what was expected.
_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "none_required": "nothing",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dataclass_type": "a mapping",
}
_CHOICES = {"literal_error", "enum", "union_tag_invalid"}
_LIMITS = {
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "multiple_of": "must be a multiple of {multiple_of}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must match {pattern}",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
}
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'")


@dataclass(frozen=True)
class Placed:
    """An error of pydantic with the value that it is about, and the key where it is about the key."""

    details: ErrorDetails
    value: Node
    key: Node | None

    @property
    def kind(self) -> str:
        """Pydantic's type of the error."""
        return self.details["type"]

    @property
    def place(self) -> tuple[int, int]:
        """Line and column."""
        at = self.subject
        return at.line, at.column

    @property
    def subject(self) -> Node:
        """The key or the value that is wrong."""
        return self.key or self.value

    @property
    def context(self) -> Mapping[str, Any]:
        """What pydantic adds to the type."""
        return self.details.get("ctx", {})


def sentence(error: Placed, model: type[BaseModel]) -> str:
    """What is wrong, for one error of a model's validation."""
    name = str(error.details["loc"][-1]) if error.details["loc"] else ""
    if error.kind == "missing":
        return f"missing field {quote(name)}"
    if error.kind == "union_tag_not_found":
        return f"missing field {error.context['discriminator']}"
    if error.kind == "extra_forbidden":
        return _unknown_field(name, fields_at(model, error.details["loc"][:-1]))
    if expected := expectation(error):
        return f"expected {expected}, found {error.subject.described()}{_advice(error)}"
    return _about_the_value(error)


def expectation(error: Placed) -> str:
    """What was expected instead, where the error is one of type or choice."""
    return listed(_choices(error)) if error.kind in _CHOICES else _EXPECTED.get(error.kind, "")


def _about_the_value(error: Placed) -> str:
    if error.kind in {"value_error", "assertion_error"}:
        return str(error.context.get("error", "")) or "this value is not allowed"
    if limit := _LIMITS.get(error.kind):
        return f"{limit.format_map(error.context)}, found {error.subject.described()}"
    return error.details["msg"].replace("Input should be", "expected")


def _unknown_field(name: str, known: list[str]) -> str:
    suggestion = suggest(name, known)
    if not suggestion and 0 < len(known) <= _MOST_FIELDS_LISTED:
        suggestion = f", known here: {', '.join(known)}"
    return f"unknown field {quote(name)}{suggestion}"


def _advice(error: Placed) -> str:
    found = error.subject
    if error.kind in _CHOICES and isinstance(found.value, str):
        return suggest(found.value, [each[1:-1] for each in _choices(error) if _QUOTED.fullmatch(each)])
    number_or_truth = found.kind == "scalar" and found.value is not None
    return ": put it in quotes" if error.kind == "string_type" and number_or_truth else ""


def _choices(error: Placed) -> list[str]:
    """``'a', 'b' or 'c'`` as pydantic words it → its parts."""
    worded = error.context.get("expected") or error.context.get("expected_tags", "")
    return re.split(r", | or ", str(worded))
