"""The parameters of a call: the JSON of a POST, the flattened query of a GET."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson

from drkit.sandbox.wire import errors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drkit.sandbox.specification.load import Member, ServiceShapes, Shape

NESTING = 20  # deeper than any request of the specification
INTEGERS = frozenset({"int64", "uint64"})
INTEGER = re.compile(r"-?[0-9]{1,20}")
POSITION = re.compile(r"[0-9]{1,6}")
BOOLEANS = {"true": True, "false": False}


def from_json(body: bytes) -> dict[str, Any]:
    """The parameters in the body of a POST; an empty body has none.

    Raises:
        ApiError: it is no JSON object.
    """
    try:
        content = orjson.loads(body or b"{}")  # knows no NaN, and no half of a surrogate pair
    except ValueError:
        raise errors.ApiError("InvalidParameter", "The request body is not valid JSON.") from None
    if not isinstance(content, dict):
        raise errors.ApiError("InvalidParameter", "The request body is not a JSON object.")
    return content


def from_query(query: str, request: Shape, known: ServiceShapes) -> dict[str, Any]:
    """The parameters in the query of a GET, where ``Filters.0.Name=zone`` stands for nested ones.

    Everything in a query is text, so the specification says what becomes a number.

    Raises:
        ApiError: names contradict each other, or a query is malformed.
    """
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), errors="strict")
    except ValueError:
        raise errors.ApiError("InvalidParameter", "The query string is not valid.") from None
    return typed(nest(pairs), request, known)


def nest(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """``A.0.B=x`` as ``{"A": {"0": {"B": "x"}}}``; which level is a list is for `typed` to know."""
    tree: dict[str, Any] = {}
    for name, value in pairs:
        *path, last = name.split(".")
        if len(path) > NESTING:
            raise errors.unknown_parameter(name)
        level = tree
        for part in path:
            level = level.setdefault(part, {})
            if not isinstance(level, dict):
                raise errors.wrong_type(name)
        if last in level:
            raise errors.wrong_type(name)
        level[last] = value
    return tree


def typed(tree: dict[str, Any], shape: Shape, known: ServiceShapes) -> dict[str, Any]:
    """The tree with the types of the shape, as far as they fit; what does not fit is found in validation."""
    return {
        name: typed_member(value, shape[name], known) if name in shape else value
        for name, value in tree.items()
    }


def typed_member(value: Any, member: Member, known: ServiceShapes) -> Any:
    """The value of one member: a list's elements in the order of their numbers."""
    if not member.is_list:
        return typed_element(value, member.kind, known)
    if not isinstance(value, dict) or not all(map(POSITION.fullmatch, value)):
        return value
    return [typed_element(value[key], member.kind, known) for key in sorted(value, key=int)]


def typed_element(value: Any, kind: str, known: ServiceShapes) -> Any:
    """Text as the number or truth value that the specification wants, where it is one."""
    if isinstance(value, dict):
        return typed(value, known.shapes[kind], known) if kind in known.shapes else value
    try:
        if kind in INTEGERS:
            return int(value) if INTEGER.fullmatch(value) else value
        if kind == "float":
            return float(value)
    except ValueError:
        return value
    return BOOLEANS.get(value, value) if kind == "bool" else value
