"""Answers held against the specification."""

from __future__ import annotations

import functools
from typing import Any

from drkit.sandbox.services.catalogue import EMULATED
from drkit.sandbox.specification.load import Member, ServiceShapes, Specification

KINDS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("string", "datetime", "datetime_iso", "date"), str),
    **dict.fromkeys(("int64", "uint64"), int),
    "float": (float, int),
    "bool": bool,
}
SPECIFICATION = Specification()
# The specification's prose says that these come in some answers only, its flags that they always come.
SOMETIMES = {("cam", "UpdatePolicy", "PolicyId"): "where the policy was named by its name"}


@functools.cache
def known(service: str, action: str) -> ServiceShapes | None:
    """The shapes of the service of an action, None where no such action is emulated."""
    found = [version for one, version, name in EMULATED if (one, name) == (service, action)]
    return SPECIFICATION.service_shapes(service, found[0]) if found else None


def misfits(service: str, action: str, answer: dict[str, Any]) -> list[str]:
    """What in an answer does not have the type of the specification, or is missing at the top of it.

    Real answers have undocumented fields further down, and so have ours.
    """
    shapes = known(service, action)
    if shapes is None:
        return []
    shape = shapes.answer(action)
    found = [
        f"no field {name}"
        for name, of in shape.items()
        if of.output_required and name not in answer and (service, action, name) not in SOMETIMES
    ]
    found += [f"{name} is not in the specification" for name in set(answer) - set(shape)]
    return found + [
        line
        for name, value in answer.items()
        if name in shape
        for line in of_member(value, shape[name], shapes, name)
    ]


def of_member(value: Any, member: Member, shapes: ServiceShapes, path: str) -> list[str]:
    """One field; null is what real answers have where the specification denies it."""
    if value is None:
        return []
    if not member.is_list:
        return of_element(value, member.kind, shapes, path)
    if not isinstance(value, list):
        return [f"{path}: {value!r} is no list"]
    return [line for one in value for line in of_element(one, member.kind, shapes, f"{path}[]")]


def of_element(value: Any, kind: str, shapes: ServiceShapes, path: str) -> list[str]:
    """One scalar or object."""
    if kind in shapes.shapes:
        if not isinstance(value, dict):
            return [f"{path}: {value!r} is no {kind}"]
        shape = shapes.shapes[kind]
        return [
            line
            for name, inner in value.items()
            if name in shape
            for line in of_member(inner, shape[name], shapes, f"{path}.{name}")
        ]
    wanted = KINDS.get(kind, object)
    wrong = not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool)
    return [f"{path}: {value!r} is no {kind}"] if wrong else []
