"""Values of given types out of JSON, whatever dataclasses they are made of.

All of it is held against the types, since anybody may have edited it. Fields whose names begin with an underscore
are left out: they hold what can be computed again.
"""

from __future__ import annotations

import base64
import dataclasses
import functools
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import MAXYEAR, date, datetime, timedelta
from enum import Enum
from typing import Any

MOST_FORMS = 1024  # of one class, that were found good

Read = Callable[[Any], Any]


def moment(text: str) -> datetime:
    """A time; all times of a world have a zone, and can be told in UTC+8.

    Raises:
        ValueError: it has none, or lies in the last year that a calendar has.
    """
    found = datetime.fromisoformat(text)
    if found.tzinfo is None or found.year == MAXYEAR:
        raise ValueError(f"{text} has no zone, or is too far away")
    return found


# The types of JSON that stand for a type of a field, and how the others are read.
SCALARS: dict[Any, frozenset[type]] = {
    str: frozenset({str}),
    int: frozenset({int}),
    float: frozenset({float, int}),
    bool: frozenset({bool}),
    type(None): frozenset({type(None)}),
}
TEXTUAL: dict[Any, Read] = {
    datetime: moment,
    date: date.fromisoformat,
    timedelta: lambda seconds: timedelta(seconds=seconds),
    bytes: base64.b64decode,
}


def as_it_is(value: Any) -> Any:
    """What JSON gives already."""
    return value


def scalars(hint: Any) -> frozenset[type] | None:
    """The types of JSON that a hint such as ``str | None`` takes as they are; None where there is more to it."""
    if hint in SCALARS:
        return SCALARS[hint]
    if typing.get_origin(hint) not in {types.UnionType, typing.Union}:
        return None
    parts = [scalars(one) for one in typing.get_args(hint)]
    return None if None in parts else frozenset().union(*(one for one in parts if one))


def only(kinds: frozenset[type]) -> Read:
    """What is of one of some types of JSON already."""

    def read(value: Any) -> Any:
        if type(value) not in kinds:
            raise ValueError(f"{str(value)[:50]!r} is {type(value).__name__}, not {names_of(kinds)}")
        return value

    return read


def names_of(kinds: frozenset[type]) -> str:
    """Types, for people."""
    return " or ".join(sorted(one.__name__ for one in kinds))


@functools.cache
def reader(hint: Any) -> Read:
    """How a value of a type is read out of JSON.

    Raises:
        TypeError: saved worlds cannot hold this type; that is a defect of the world.
    """
    if hint in {Any, object}:
        return as_it_is
    if kinds := scalars(hint):
        return only(kinds)
    if hint in TEXTUAL:
        return TEXTUAL[hint]
    if isinstance(hint, type):
        return class_reader(hint)
    return generic_reader(hint, typing.get_origin(hint), typing.get_args(hint))


def class_reader(hint: type[Any]) -> Read:
    """How something of a class of our own is read."""
    if issubclass(hint, Enum):
        return hint
    if dataclasses.is_dataclass(hint):
        return dataclass_reader(hint)
    if issubclass(hint, tuple) and hasattr(hint, "_fields"):
        parts = [reader(one) for one in typing.get_type_hints(hint).values()]
        return lambda value: hint(*(part(one) for part, one in zip(parts, value, strict=True)))
    raise TypeError(f"{hint} has no form in a saved world")


def generic_reader(hint: Any, origin: Any, arguments: tuple[Any, ...]) -> Read:
    """How a list, a mapping, a union and the like are read."""
    if origin is typing.Literal:
        return functools.partial(one_of, arguments)
    if origin is types.UnionType or origin is typing.Union:
        return union_reader(hint, arguments)
    if origin is tuple and arguments[-1] is not Ellipsis:
        parts = [reader(one) for one in arguments]
        return lambda value: tuple(part(one) for part, one in zip(parts, value, strict=True))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return mapping_reader(*arguments)
    if isinstance(origin, type) and issubclass(origin, Sequence | set | frozenset):
        make = origin if origin in {list, tuple, set, frozenset} else list
        return list_reader(make, arguments[0])
    raise TypeError(f"{hint} has no form in a saved world")


def one_of(words: tuple[Any, ...], value: Any) -> Any:
    """A value of a Literal."""
    if value not in words:
        raise ValueError(f"{value!r} is none of {words}")
    return value


def list_reader(make: Callable[[Any], Any], of: Any) -> Read:
    """A list, or what is made of one."""
    one, kinds = reader(of), scalars(of)

    def read(value: Any) -> Any:
        if type(value) is not list:
            raise ValueError(f"{type(value).__name__} is no list")
        if kinds and kinds.issuperset(map(type, value)):
            return value if make is list else make(value)
        return make(map(one, value))

    return read


def union_reader(hint: Any, arguments: tuple[Any, ...]) -> Read:
    """``X | None``."""
    some = [one for one in arguments if one is not type(None)]
    if len(some) > 1:
        raise TypeError(f"{hint} has no form in a saved world: which of them it is cannot be told")
    read = reader(some[0])
    return lambda value: None if value is None else read(value)


def mapping_reader(key: Any, value: Any) -> Read:
    """A dict; JSON has text for every key."""
    read_value, kinds = reader(value), scalars(value)
    read_key = int if key is int else reader(key)

    def read(content: Any) -> Any:
        if key is str and kinds and kinds.issuperset(map(type, content.values())):
            return content
        return {read_key(name): read_value(one) for name, one in content.items()}

    return read


def dataclass_reader(of: type[Any]) -> Read:
    """A dataclass; a dict field whose default makes up missing entries does so again."""
    hints = typing.get_type_hints(of)
    kept = [one for one in dataclasses.fields(of) if one.init and not one.name.startswith("_")]
    simple = {one.name: only(kinds) for one in kept if (kinds := scalars(hints[one.name]))}
    converted = [(one.name, filled(one, reader(hints[one.name]))) for one in kept if one.name not in simple]
    expected = {one.name for one in kept}
    good: set[tuple[object, ...]] = set()  # the names and types of those that were looked at: most are alike

    def check(content: Any, form: tuple[object, ...]) -> None:
        if set(content) != expected:
            raise ValueError(f"{of.__name__} has other fields")
        for name, look in simple.items():
            look(content[name])
        if len(good) < MOST_FORMS:
            good.add(form)

    def read(content: Any) -> Any:
        form = (*content, *map(type, content.values()))
        if form not in good:
            check(content, form)
        for name, convert in converted:
            content[name] = convert(content[name])
        return of(**content)

    return read


def makes_up(one: dataclasses.Field[Any]) -> bool:
    """Whether a field begins as a dict that makes up missing entries."""
    factory = one.default_factory
    return factory is not dataclasses.MISSING and hasattr(factory(), "default_factory")


def filled(one: dataclasses.Field[Any], read: Read) -> Read:
    """The reader of a field, into what the field begins as where that makes up missing entries."""
    factory = one.default_factory
    if factory is dataclasses.MISSING or not makes_up(one):
        return read

    def fill(content: Any) -> Any:
        made = factory()
        made.update(read(content))
        return made

    return fill
