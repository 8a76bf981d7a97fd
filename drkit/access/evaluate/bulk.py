"""Many requests, one JSON object a line; an answer a line, in the same order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import orjson

from drkit.access.evaluate.answer import Answer, Decision
from drkit.access.evaluate.cutting import Cutter
from drkit.access.evaluate.holdings import MOST_LAYERS, Held, take_keys
from drkit.access.evaluate.line import evaluate
from drkit.access.language.reading import COLON, UnreadableError, read_quickly, read_slowly, surely_single

CUTTER = Cutter()


def answers(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The answer to each line that is not empty; a line that is no JSON is answered with an unknown."""
    for line in lines:
        if line.strip():
            yield answer(line)


def answer(line: bytes) -> bytes:
    """The answer to one line, as a line."""
    identity, found = _decided(line.strip())
    return _written(identity, found)


def decide(text: bytes) -> Answer:
    """The answer to one request."""
    return _decided(text.strip())[1]


def _decided(line: bytes) -> tuple[Any, Answer]:
    """The id of a request and its answer."""
    cut = CUTTER.cut(line)
    if cut is not None:
        return cut[0].get("id"), evaluate(*cut)
    try:
        raw, keys = _read_whole(line)
    except UnreadableError as error:
        return None, Answer(Decision.UNKNOWN, [str(error)])
    return raw.get("id") if isinstance(raw, dict) else None, evaluate(raw, keys)


def _read_whole(line: bytes) -> tuple[Any, Held]:
    """The fields of a line and its policies; the next is cut where this one has its policies."""
    raw = read_quickly(line)
    names = list(raw) if isinstance(raw, dict) else []
    keys = _keys(raw)
    colons = sum(_count(text) for _name, text in keys) + len(keys) + orjson.dumps(raw).count(COLON)
    if surely_single(line, colons):
        CUTTER.learn(names)
        return raw, keys
    raw = read_slowly(line)
    return raw, _keys(raw)


def _keys(raw: Any) -> Held:
    return take_keys(raw) if isinstance(raw, dict) else ()


@lru_cache(maxsize=MOST_LAYERS)
def _count(text: bytes) -> int:
    """How many colons a JSON text has; a thousand policy sets are counted once."""
    return text.count(COLON)


def _written(identity: Any, found: Answer) -> bytes:
    made = {"id": identity, "decision": found.decision, "because": found.because}
    try:
        return orjson.dumps(made, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # an id that JSON has and this writer has not, such as an integer beyond 64 bits
        return orjson.dumps(made | {"id": str(identity)}, option=orjson.OPT_APPEND_NEWLINE)
