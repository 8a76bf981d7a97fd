"""JSON from anywhere: bytes with marks of their order, keys that stand there twice, and nests without end.

JSON leaves open which of two equal keys counts (RFC 8259, section 4), so an object that has such is marked
under `TWICE` instead of one of them being believed.
"""

from __future__ import annotations

import json
from typing import Any

import orjson

TWICE = "\x00twice"  # no reader of a policy writes this key
LONGEST = 8 * 1024 * 1024
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
DIGITS = 18
COLON, ESCAPE = b":", b"\\"


class UnreadableError(Exception):
    """Text that is no JSON; says where, in words that hold nothing of the text."""


def read(text: bytes) -> Any:
    """The value of a JSON text; objects with equal keys are marked under `TWICE`.

    Raises:
        UnreadableError: it is none.
    """
    value = read_quickly(text)
    return value if surely_single(text, orjson.dumps(value).count(COLON)) else read_slowly(text)


def read_quickly(text: bytes) -> Any:
    """The same without looking for equal keys: the last one counts.

    Raises:
        UnreadableError: it is none.
    """
    if len(text) > LONGEST:
        raise UnreadableError(f"longer than {LONGEST} bytes")
    try:
        return orjson.loads(text.removeprefix(BYTE_ORDER_MARK))
    except orjson.JSONDecodeError as error:
        raise UnreadableError(f"no JSON: line {error.lineno}, column {error.colno}: {error.msg}") from None


def surely_single(text: bytes, colons: int) -> bool:
    """Whether no object of a text can have equal keys, told by counting.

    Reading keeps one of equal keys, so its value has fewer colons when that is written again (``colons``) than
    the text. Only an escape could make up for them.
    """
    if ESCAPE in text and b"\\u" in text:
        return False
    return text.count(COLON) == colons


def read_slowly(text: bytes) -> Any:
    """The same with every object looked at."""
    try:
        return json.loads(text.removeprefix(BYTE_ORDER_MARK), object_pairs_hook=_marked, parse_int=_integer)
    except RecursionError:
        raise UnreadableError("nested too deeply") from None
    except ValueError as error:  # a number of more digits than Python converts
        raise UnreadableError(f"no JSON: {error}") from None


def _integer(text: str) -> int | float:
    """A number as the quick reader takes it: beyond 64 bits it is not exact."""
    return int(text) if len(text) <= DIGITS else float(text)


def _marked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            made[TWICE] = key
        made[key] = value
    return made
