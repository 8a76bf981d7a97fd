"""A request held against the specification: unknown, ill-typed and missing parameters.

Nested names are written as the real cloud writes them: ``Filters.0.Name``, ``SystemDisk.DiskSize``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from drkit.sandbox.wire import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drkit.sandbox.specification.load import Member, ServiceShapes, Shape

INTEGERS = {"int64": (-(2**63), 2**63 - 1), "uint64": (0, 2**64 - 1)}


def validate(parameters: Mapping[str, Any], shape: Shape, known: ServiceShapes, prefix: str = "") -> None:
    """Raise for the first parameter that the specification does not allow.

    null counts as not given: typed clients leave such parameters out, CommonClient sends them.

    Raises:
        ApiError: UnknownParameter, InvalidParameter or MissingParameter.
    """
    for name, value in parameters.items():
        if name not in shape:
            raise errors.unknown_parameter(prefix + name)
        if value is not None:
            validate_member(value, shape[name], known, prefix + name)
    for name, member in shape.items():
        if member.required and parameters.get(name) is None:
            raise errors.missing_parameter(prefix + name)


def validate_member(value: Any, member: Member, known: ServiceShapes, name: str) -> None:
    """The value of one member, each element of a list by itself."""
    if not member.is_list:
        validate_element(value, member.kind, known, name)
        return
    if not isinstance(value, list):
        raise errors.wrong_type(name)
    for position, element in enumerate(value):
        validate_element(element, member.kind, known, f"{name}.{position}")


def validate_element(value: Any, kind: str, known: ServiceShapes, name: str) -> None:
    """One scalar or one object."""
    if kind not in known.shapes:
        if not fits(value, kind):
            raise errors.wrong_type(name)
        return
    if not isinstance(value, dict):
        raise errors.wrong_type(name)
    validate(value, known.shapes[kind], known, f"{name}.")


def fits(value: Any, kind: str) -> bool:
    """Whether a JSON value is of a scalar kind; text that looks like a number is none."""
    if kind == "bool":
        return isinstance(value, bool)
    if kind in INTEGERS:
        low, high = INTEGERS[kind]
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
    if kind == "float":
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and (isinstance(value, int) or math.isfinite(value))
    return isinstance(value, str)
