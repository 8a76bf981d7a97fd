"""Entries of the log as lines: canonical JSON (RFC 8785), so that one entry has one spelling and one hash."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson

from drkit.core.canonical import canonical
from drkit.core.errors import DrkitError

LONGEST_LINE = 16 * 1024 * 1024  # bytes; a reader of the log never needs more memory than this


class EntryError(DrkitError):
    """The entry has no canonical form, or is too large for the log."""


def line_of(entry: Mapping[str, Any]) -> bytes:
    """The RFC 8785 form of a JSON object, UTF-8, without a newline.

    Raises:
        EntryError: not a JSON object, nothing that `canonical` takes, or more than 16 MiB.
    """
    try:
        line = canonical(entry if type(entry) is dict else dict(entry))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise EntryError(
            "the entry has no canonical JSON form (RFC 8785)",
            hint="use strings, booleans, null, lists, objects, numbers below 2^53; spell others as strings",
        ) from error
    if len(line) > LONGEST_LINE:
        raise EntryError(
            f"the entry has {len(line)} bytes, the log takes {LONGEST_LINE}",
            hint="record a digest of it and keep the rest in a file",
        )
    return line


def fault(line: bytes) -> str | None:
    """Why a line of the log (without its newline) is not one canonical JSON object; None when it is."""
    try:
        # Where it reads another value than `json` would, the value is none that has these bytes as its canonical form.
        entry = orjson.loads(line)
        if type(entry) is dict and canonical(entry) == line:
            return None
    except (ValueError, TypeError, RecursionError):
        pass
    return _diagnosis(line)


def _diagnosis(line: bytes) -> str:
    if not line.strip():
        return "a blank line"
    try:
        entry = json.loads(line.decode(), object_pairs_hook=_object_without_duplicates)
    except UnicodeDecodeError as error:
        return f"not UTF-8 (byte {error.start + 1} of the line)"
    except json.JSONDecodeError as error:
        return f"not JSON (character {error.pos + 1} of the line)"
    except _DuplicateKeyError:
        return "a key occurs twice in one object"
    except (ValueError, RecursionError):
        return "JSON beyond what the log takes (nested too deeply, or a number too long)"
    return "not canonical JSON (RFC 8785)" if isinstance(entry, dict) else "not a JSON object"


class _DuplicateKeyError(ValueError):
    pass


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entry = dict(pairs)
    if len(entry) != len(pairs):
        raise _DuplicateKeyError
    return entry
