"""Canonical JSON of many entries with one call of the encoder.

The encoder gets a separator that no JSON text holds (inside a string it would be escaped). Where ``}``, this
separator and ``{`` follow each other as often as entries do, they stand between entries and nowhere within
one, so there the text can be cut into lines.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from drkit.core.evidence.canonical import LONGEST_LINE, canonical, has_ascii_keys, is_plain_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_SEPARATOR = "\x1e"
_BETWEEN = "}" + _SEPARATOR + "{"
_encode = json.JSONEncoder(
    sort_keys=True, separators=(_SEPARATOR, ":"), ensure_ascii=False, allow_nan=False, check_circular=False
).encode


def canonical_lines(entries: Iterable[Mapping[str, Any]]) -> list[bytes]:
    """`canonical` of each entry; raises as it does, for the first entry that has no canonical form."""
    batch = list(entries)
    try:
        lines = _together(batch) if len(batch) > 1 else None
    except (ValueError, RecursionError):
        lines = None  # one by one says which it was
    return [canonical(entry) for entry in batch] if lines is None else lines


def _together(batch: Sequence[Any]) -> list[bytes] | None:
    if not all(type(entry) is dict and is_plain_object(entry) for entry in batch):
        return None
    text = _encode(batch)
    if text.count(_BETWEEN) != len(batch) - 1 or not (text.isascii() or has_ascii_keys(batch)):
        return None
    lines = text[1:-1].replace(_BETWEEN, "}\n{").replace(_SEPARATOR, ",").encode().split(b"\n")
    return lines if max(map(len, lines)) <= LONGEST_LINE else None
