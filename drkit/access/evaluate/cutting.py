"""The policies of a line told from the rest of it without reading them again: of a thousand sets each is read once.

A line is cut before its first policy and behind its last. That the pieces are whole members of the one object is
proven by reading them: what stands before, closed by one more member; the policies, in braces of their own, which
is remembered by their bytes; and what stands behind, opened by a brace. Where any of that fails, or a key may
stand there twice, the whole line is read instead, so a cut never changes an answer.
"""

from __future__ import annotations

from typing import Any

import orjson

from drkit.access.evaluate.holdings import MOST_LAYERS, POLICIES, Held, take_keys
from drkit.access.language.reading import COLON, ESCAPE, UnreadableError, read

LONGEST_REMEMBERED = 65_536  # bytes
NAMES = frozenset(POLICIES)
CLOSING = b'"":0}'


class Cutter:
    """Cuts lines where the line that was last read whole had its policies."""

    def __init__(self) -> None:
        self._begin, self._behind = b"", b""
        self._known: dict[bytes, Held | None] = {}

    def learn(self, names: list[str]) -> None:
        """Take the order of a line's fields as that of lines to come; it is none where the policies are apart."""
        held = [index for index, name in enumerate(names) if name in NAMES]
        if not held or held[-1] - held[0] >= len(held) or held[-1] + 1 == len(names):
            self._begin = b""
            return
        self._begin = b'"' + names[held[0]].encode() + b'"'
        self._behind = orjson.dumps(names[held[-1] + 1])

    def cut(self, line: bytes) -> tuple[dict[str, Any], Held] | None:
        """A line's other fields, and its policies by field; None where it has to be read whole."""
        if not self._begin:
            return None
        begin, end = line.find(self._begin), line.rfind(self._behind)
        if not 0 < begin < end:
            return None
        held = self._held(line[begin:end])
        if held is None:
            return None
        rest = _members(line[:begin], line[end:])
        return None if rest is None else (rest, held)

    def _held(self, text: bytes) -> Held | None:
        """The policies of such a piece; None where it holds anything else, or something twice."""
        if text in self._known:
            return self._known[text]
        held = _read(text)
        if len(text) <= LONGEST_REMEMBERED:
            if len(self._known) >= MOST_LAYERS:
                self._known.clear()
            self._known[text] = held
        return held


def _read(text: bytes) -> Held | None:
    members = text.rstrip()
    if not members.endswith(b","):
        return None
    whole = b"{" + members[:-1] + b"}"
    try:
        raw = read(whole)
    except UnreadableError:
        return None
    return take_keys(raw) if NAMES.issuperset(raw) else None


def _members(before: bytes, behind: bytes) -> dict[str, Any] | None:
    """The fields around the policies; None where the pieces are not members of one object, or one is there twice."""
    if ESCAPE in before or ESCAPE in behind:
        return None
    try:
        made: dict[str, Any] = orjson.loads(before + CLOSING)
        rest: dict[str, Any] = orjson.loads(b"{" + behind)
    except orjson.JSONDecodeError:
        return None
    made.update(rest)
    if before.count(COLON) + behind.count(COLON) + 1 != orjson.dumps(made).count(COLON):
        return None
    return None if not NAMES.isdisjoint(made) else made
