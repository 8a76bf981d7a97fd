"""Which fields a model knows at a place: pydantic says what is wrong, not what would be right."""

from __future__ import annotations

import re
import types
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from pydantic import AliasChoices, BaseModel, RootModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

    from drkit.core.configuration.nodes import Part


def fields_at(model: type[BaseModel], location: tuple[Part, ...]) -> list[str]:
    """The names that a file may use in the mapping at a location of a pydantic error."""
    kinds = list(_leaves(model))
    for part in location:
        kinds = _below(kinds, part)
    return sorted({name for kind in kinds if _is_model(kind) for name in _names(kind)})


def _below(kinds: list[Any], part: Part) -> list[Any]:
    below = [leaf for kind in kinds for inner in _inner(kind, part) for leaf in _leaves(inner)]
    if below:
        return below
    # The label of a union's member: the name of its model, or its discriminator.
    return [kind for kind in kinds if _is_model(kind) and _labelled(kind, part)] or kinds


def _inner(kind: Any, part: Part) -> Iterator[Any]:
    """What stands under a key or index of a type."""
    origin, arguments = get_origin(kind), get_args(kind)
    if _is_model(kind):
        yield from (field.annotation for name, field in _named_fields(kind) if name == part)
    elif origin is dict and isinstance(part, str):
        yield arguments[1]
    elif origin in {list, tuple, set, frozenset} and isinstance(part, int):
        fixed = origin is tuple and arguments[-1] is not Ellipsis
        yield from arguments[part : part + 1] if fixed else arguments[:1]


def _leaves(annotation: Any) -> Iterator[Any]:
    """The members of unions, without annotations."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _leaves(get_args(annotation)[0])
    elif origin in {Union, types.UnionType}:
        for member in get_args(annotation):
            yield from _leaves(member)
    elif _is_model(annotation) and issubclass(annotation, RootModel):
        yield from _leaves(annotation.model_fields["root"].annotation)
    else:
        yield annotation


def _labelled(model: type[BaseModel], label: Part) -> bool:
    # The label of a model with validators is ``function-after[check(), Account]``.
    return model.__name__ in re.findall(r"\w+", str(label)) or any(
        label in get_args(field.annotation) for field in model.model_fields.values()
    )


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _names(model: type[BaseModel]) -> list[str]:
    return [name for name, _ in _named_fields(model)]


def _named_fields(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        alias = field.validation_alias or field.alias or name
        choices = alias.choices if isinstance(alias, AliasChoices) else [alias]
        yield from ((choice, field) for choice in choices if isinstance(choice, str))
