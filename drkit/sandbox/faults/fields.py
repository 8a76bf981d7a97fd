"""Answers with fields that are null, absent or new: what real ones were seen to have."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from drkit.sandbox.wire.message import Answer, encode

if TYPE_CHECKING:
    from drkit.sandbox.faults.model import Fault


def changed(answer: Answer, fault: Fault) -> Answer:
    """An answer of API 3.0 with the fields that the fault wants; an error keeps its own."""
    response = json.loads(answer.body)["Response"]
    for path in fault.nulls:
        at(response, path, lambda fields, name: fields.update({name: None}) if name in fields else None)
    for path in fault.absent:
        at(response, path, lambda fields, name: fields.pop(name, None))
    for path, value in fault.extra.items():
        at(response, path, adding(value))
    return replace(answer, body=encode(response))


def adding(value: Any) -> Callable[[dict[str, Any], str], None]:
    """Set a field to a value."""
    return lambda fields, name: fields.update({name: value})


def at(response: dict[str, Any], path: str, change: Callable[[dict[str, Any], str], Any]) -> None:
    """Change the field at a path, in every element of the lists on the way."""
    *way, last = path.split(".")
    for fields in reached([response], way):
        change(fields, last)


def reached(start: list[Any], way: list[str]) -> Iterator[dict[str, Any]]:
    """The objects to which a way leads."""
    level = start
    for name in way:
        level = [one[name] for one in objects(level) if name in one]
    yield from objects(level)


def objects(values: list[Any]) -> list[dict[str, Any]]:
    """The objects among values, those in lists too."""
    found: list[dict[str, Any]] = []
    for value in values:
        if isinstance(value, Mapping):
            found.append(value)  # type: ignore[arg-type]
        elif isinstance(value, list):
            found += objects(value)
    return found
