"""Entries and verifications as lines of text."""

from __future__ import annotations

import base64
import json
import unicodedata
from typing import TYPE_CHECKING, Any

from drkit.core.text import harmless

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from drkit.core.evidence.verify import Verification

# What tells most about an entry comes first, the rest by name.
MOST_ITEMS = 3
_TELLING = ("run", "playbook", "step", "effect", "action", "target", "verdict", "state", "why", "reason")


def entry_line(index: int, entry: Mapping[str, Any], width: int | None) -> str:
    """One line for one entry: index, time, kind and its other fields, at most ``width`` columns."""
    others = sorted(entry.keys() - {"at", "kind"}, key=_order)
    fields = (f"{key}={_value(entry[key])}" for key in others)
    line = harmless(f"{index:>6}  {entry.get('at', '-')}  {entry.get('kind', '-')}  {' '.join(fields)}")
    return line if width is None else cut(line, width)


def verification_lines(directory: str, found: Verification, *, key_beside: bool) -> Iterator[str]:
    """A verification for people, the verdict first."""
    yield harmless(f"{found.verdict.upper()}  {directory}")
    yield f"  {found.size} entries, root {base64.b64encode(found.root).decode()}"
    yield f"  {found.covered} covered by a signed checkpoint, {found.covered_outside} by one kept elsewhere"
    if key_beside:
        yield (
            "  the verifier key was found beside the log, where who rewrites the log can replace it too; "
            "--key with one kept elsewhere proves more"
        )
    for problem in found.problems:
        yield harmless(f"  {problem.verdict}: {problem.what}")
        yield harmless(f"      why: {problem.why}")
        yield harmless(f"      fix: {problem.fix}")


def cut(line: str, width: int) -> str:
    """At most ``width`` columns of a line, an ellipsis where something was left out."""
    columns = 0
    for position, character in enumerate(line):
        columns += _columns(character)
        if columns > width:
            return _shortened(line[:position], width)
    return line


def _shortened(line: str, width: int) -> str:
    while line and sum(map(_columns, line)) >= width:
        line = line[:-1]
    return line + "…"


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _order(key: str) -> tuple[int, str]:
    return (_TELLING.index(key) if key in _TELLING else len(_TELLING), key)


def _value(value: Any) -> str:
    if isinstance(value, list) and len(value) > MOST_ITEMS:
        return f"[{len(value)} items]"  # the json forms have them
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
