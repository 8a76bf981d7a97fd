"""The errors of pydantic, at their places in the file."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from drkit.core.configuration.problems import MOST_PROBLEMS_OF_A_FILE, Problem, listed, remainder
from drkit.core.configuration.sentences import Placed, expectation, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

    from drkit.core.configuration.nodes import Node


def explain(error: ValidationError, node: Node, model: type[BaseModel], file: str) -> list[Problem]:
    """The problems, by place, without those that only follow from something refused before."""
    placed = [_placed(details, node) for details in error.errors(include_url=False)]
    worth = sorted((each for each in placed if not _follows(each)), key=lambda each: each.place)
    shown, rest = worth[:MOST_PROBLEMS_OF_A_FILE], len(worth) - MOST_PROBLEMS_OF_A_FILE
    problems = [
        Problem(file, place[0], place[1], message)
        for place, group in itertools.groupby(shown, key=lambda each: each.place)
        for message in dict.fromkeys(_messages(list(group), model))
    ]
    return [*problems, remainder(rest, after=problems[-1])] if rest > 0 else problems


def _placed(details: ErrorDetails, node: Node) -> Placed:
    """Follow the location; what is no key and no index there is pydantic's label for a union's member."""
    location = details["loc"]
    key = None
    for index, part in enumerate(location):
        if part == "[key]" and index == len(location) - 1:
            return Placed(details, node, key)
        if (child := node.child(part)) is not None:
            key = node.entries[str(part)].key if node.kind == "mapping" else None
            node = child
    if details["type"] == "union_tag_invalid":
        node = node.child(details["ctx"]["discriminator"].strip("'")) or node
    return Placed(details, node, key if details["type"] == "extra_forbidden" else None)


def _follows(error: Placed) -> bool:
    if error.kind == "default_factory_not_called":
        return True  # a default that depends on fields of which one is wrong
    if error.kind == "extra_forbidden" or error.key:
        return False
    if error.kind in {"value_error", "assertion_error"}:
        return error.value.spoiled()
    return error.value.refused


def _messages(group: Sequence[Placed], model: type[BaseModel]) -> Iterator[str]:
    """One sentence an error; the members of a union that expected different things share one."""
    expected = dict.fromkeys(filter(None, map(expectation, group)))
    if len(expected) > 1:
        yield f"expected {listed(expected)}, found {group[0].subject.described()}"
    for each in group:
        if len(expected) <= 1 or not expectation(each):
            yield sentence(each, model)
