"""What is typed for `tccli`, as the one call of API 3.0 that it comes to; nothing of tccli is needed or run.

Read are `tccli SERVICE ACTION`, `--region`, `--version`, and the parameters: `--Name VALUE`, a JSON value or else
text, several values for a list, and dots for what lies within (`--Filters.0.Name zone`). A number is a
number, where tccli looks up what the parameter is: text of digits is written in quotes of its own, '"123"'.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from drkit.core.errors import UsageError

VERSIONS = Path(__file__).parent / "versions.json"
LEAST = 3  # words
_PART = re.compile("[A-Za-z][A-Za-z0-9_]*|0|[1-9][0-9]{0,2}")
# What tccli takes beside parameters: whose keys, which server, how it is shown. None of it is the requester's to say.
HINT = "drkit gate request -- tccli SERVICE ACTION --region REGION --Parameter VALUE …"


@dataclass(frozen=True, slots=True)
class Typed:
    """One call, as it was typed."""

    service: str
    version: str
    action: str
    region: str
    parameters: Mapping[str, Any]


def read(words: tuple[str, ...]) -> Typed:
    """The call that words come to.

    Raises:
        UsageError: they come to none, or to one that only tccli itself could make.
    """
    if len(words) < LEAST or words[0] != "tccli" or any(word.startswith("-") for word in words[1:LEAST]):
        raise UsageError("this is no call of an API", hint=HINT)
    options = _options(words[LEAST:])
    region, version = _single(options, "region"), _single(options, "version")
    strange = [name for name in options if not name[0].isupper()]
    if strange:
        raise UsageError(
            f"--{strange[0]} is not part of a call: the broker makes it by its own settings", hint=HINT
        )
    service = words[1]
    known = version or _versions().get(service)
    if known is None:
        raise UsageError(
            f"nothing is known of the service '{service}'", hint="say its --version, such as 2017-03-12"
        )
    return Typed(service, known, words[2], region, _tree(options))


@cache
def _versions() -> dict[str, str]:
    """The latest version of each service, by which tccli calls it unless told otherwise."""
    found: dict[str, str] = json.loads(VERSIONS.read_bytes())
    return found


def _options(words: tuple[str, ...]) -> dict[str, list[str]]:
    """Each option with its values, in their order; said twice, it would be unclear which counts."""
    found: dict[str, list[str]] = {}
    values: list[str] | None = None
    for word in words:
        if word.startswith("--") and len(word) > len("--"):
            name, equals, value = word[2:].partition("=")
            if not name or name in found:
                raise UsageError(f"--{name} is said twice, or says nothing", hint=HINT)
            values = found.setdefault(name, [value] if equals else [])
        elif values is None:
            raise UsageError(f"'{word}' belongs to no parameter", hint=HINT)
        else:
            values.append(word)
    return found


def _single(options: dict[str, list[str]], name: str) -> str:
    values = options.pop(name, [""])
    if len(values) != 1:
        raise UsageError(f"--{name} takes one value", hint=HINT)
    return values[0]


def _tree(options: Mapping[str, list[str]]) -> dict[str, Any]:
    """The parameters, with what dots say put in its place."""
    root: dict[str, Any] = {}
    for name, values in options.items():
        if not values:
            raise UsageError(f"--{name} has no value", hint=HINT)
        parts = name.split(".")
        if not all(map(_PART.fullmatch, parts)):
            raise UsageError(f"--{name} is no name of a parameter", hint=HINT)
        _put(root, parts, _value(values[0]) if len(values) == 1 else [_value(each) for each in values])
    return {name: _lists(name, value) for name, value in root.items()}


class _Within(dict[str, Any]):
    """What dots made: an object, or a list whose places are its names."""


def _put(within: dict[str, Any], parts: list[str], value: Any) -> None:
    *way, last = parts
    for part in way:
        within = within.setdefault(part, _Within())
        if not isinstance(within, _Within):
            raise UsageError(f"--{'.'.join(parts)} is said in two ways", hint=HINT)
    if last in within:
        raise UsageError(f"--{'.'.join(parts)} is said in two ways", hint=HINT)
    within[last] = value


def _lists(name: str, value: Any) -> Any:
    if not isinstance(value, _Within):
        return value
    found = {key: _lists(f"{name}.{key}", each) for key, each in value.items()}
    if not any(key.isdigit() for key in found):
        return found
    if set(found) != set(map(str, range(len(found)))):
        raise UsageError(f"--{name}: its places are not 0, 1, 2 and so on", hint=HINT)
    return [found[key] for key in _in_order(found)]


def _in_order(keys: Iterable[str]) -> Iterator[str]:
    return iter(sorted(keys, key=int))


def _value(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return text


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"JSON has no {name}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise UsageError("a field of a parameter is said twice", hint=HINT)
    return made
