"""The policies that come with a request, as layers; each distinct text is compiled once.

What a layer is compiled from is JSON bytes, which are its key: a thousand policy sets are a thousand entries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import orjson

from drkit.access.evaluate.layers import Layer, Rule
from drkit.access.language.documents import read_document, unread, unwrap
from drkit.access.language.form import Dialect, Document
from drkit.access.language.saying import place_of

Compile = Callable[[Document], Iterable[Rule]]
MOST_LAYERS = 8192
MOST_DOCUMENTS = 8192


def key(raw: Any) -> bytes:
    """The bytes that some JSON value is known by."""
    return orjson.dumps(raw)


NO_POLICY = b"[]"
Held = tuple[tuple[str, bytes], ...]
POLICIES = (
    "policies",
    "boundary",
    "session",
    "endpoint",
    "resource_policy",
    "organization",
    "resource_control",
)


def take_keys(raw: dict[str, Any]) -> Held:
    """The policies of a request by field, as JSON, taken out of it; null is no policy."""
    return tuple((name, key(raw.pop(name))) for name in POLICIES if raw.get(name) is not None)


def listed(raw: Any) -> list[Any]:
    """A list of documents, or one document alone."""
    return raw if isinstance(raw, list) else [raw]


class Compiler:
    """Compiles lists of documents of one language for one place.

    Args:
        preset: a document by name, for entries that have no other; None where there is none of that name.
    """

    def __init__(
        self, dialect: Dialect, compile_one: Compile, preset: Callable[[str], Any] = lambda _name: None
    ) -> None:
        self._dialect, self._compile, self._preset = dialect, compile_one, preset
        self.layer = lru_cache(maxsize=MOST_LAYERS)(self._layer)
        self._rules = lru_cache(maxsize=MOST_DOCUMENTS)(self._rules_of)

    def _layer(self, raw: bytes, place: str) -> Layer:
        """The layer of a list of documents, given as JSON."""
        entries = listed(orjson.loads(raw))
        return Layer(
            (where, rule)
            for index, entry in enumerate(entries)
            for where, rule in self._entry(entry, place, index)
        )

    def _entry(self, entry: Any, field: str, index: int) -> Iterable[tuple[str, Rule]]:
        name, raw = unwrap(entry)
        where = place_of(field, index, name)
        return ((where, rule) for rule in self._rules(name, key(raw)))

    def _rules_of(self, name: str, raw: bytes) -> tuple[Rule, ...]:
        return tuple(self._compile(self.document(name, orjson.loads(raw))))

    def document(self, name: str, raw: Any) -> Document:
        """The document of an entry; a preset's where it says only a name."""
        if raw is None and name:
            raw = self._preset(name)
        if raw is None:
            return unread(self._dialect, name, "nobody read this policy")
        return read_document(self._dialect, raw, name)


def levels(raw: Any) -> list[Any]:
    """The policies of an organization's levels from the root down: lists of entries.

    A level is ``{"orgIdentifier", "policies"}``, a list of documents, or one document.
    """
    return [_level(level) for level in listed(raw)]


def _level(level: Any) -> list[Any]:
    if isinstance(level, dict):
        lower = {name.lower(): value for name, value in level.items()}
        if "policies" in lower:
            return [] if lower["policies"] is None else listed(lower["policies"])
    return listed(level)
