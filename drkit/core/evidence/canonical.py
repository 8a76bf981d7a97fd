"""Canonical JSON (RFC 8785): one entry has one spelling, so one hash."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from drkit.core.errors import DrkitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DEEPEST = 100  # objects and lists within each other: a reader's stack must not end before the writer's
SAFE = 2**53  # RFC 8785 section 3.1: numbers are IEEE 754 doubles, integers exact below 2^53
LONGEST_LINE = 16 * 1024 * 1024  # bytes; a reader of the log never needs more memory than this

_STRINGS = frozenset({str})
_SCALARS = frozenset({str, bool, type(None)})
_encode = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
).encode


class EntryError(DrkitError):
    """The entry has no canonical form, or is too large for the log."""


def canonical(entry: Mapping[str, Any]) -> bytes:
    """The RFC 8785 form of a JSON object, UTF-8, without a newline.

    Numbers are integers and doubles of a magnitude below 2^53; larger ones belong in strings, because
    their canonical spelling would not be read back as what it was.

    Raises:
        EntryError: not a JSON object, a value that JSON lacks (NaN, bytes, a lone surrogate, a key that is
            no string), a number too large, more than 100 levels or 16 MiB.
    """
    try:
        line = _canonical(entry if type(entry) is dict else dict(entry))
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
        entry = json.loads(line.decode())
        if type(entry) is dict and _canonical(entry) == line:
            return None
    except (ValueError, RecursionError):
        pass
    return _diagnosis(line)


def _canonical(value: dict[str, Any]) -> bytes:
    if is_plain_object(value):
        # Several times faster than the pure Python of rfc8785, and the same bytes: a property test holds it.
        text = _encode(value)
        if text.isascii() or has_ascii_keys(value):
            return text.encode()
    import rfc8785  # wanted by few entries

    _refuse_beyond_limits(value, DEEPEST)
    return rfc8785.dumps(value)


def is_plain_object(value: dict[Any, Any], levels: int = DEEPEST) -> bool:
    """Whether the standard encoder spells ``value`` as RFC 8785 does, but for the order of keys beyond ASCII.

    It spells doubles differently, and takes more than the log does: other keys than strings, large integers,
    more levels.
    """
    return _STRINGS.issuperset(map(type, value)) and _are_plain(value.values(), levels)


def _are_plain(items: Iterable[Any], levels: int) -> bool:
    # Every entry that is written or verified passes here, so common kinds are told apart on the spot.
    for item in items:
        kind = type(item)
        if kind is str or kind in _SCALARS:
            continue
        if kind is int:
            if not -SAFE < item < SAFE:
                return False
        elif levels == 1 or not _is_plain_container(item, kind, levels - 1):
            return False
    return True


def _is_plain_container(value: Any, kind: type, levels: int) -> bool:
    if kind is dict:
        return is_plain_object(value, levels)
    return kind is list and _are_plain(value, levels)


def has_ascii_keys(value: object) -> bool:
    """Whether the keys sort alike by code points and, as section 3.2.3 wants, by UTF-16 units."""
    if isinstance(value, dict):
        return all(key.isascii() and has_ascii_keys(item) for key, item in value.items())
    return not isinstance(value, list) or all(map(has_ascii_keys, value))


def _refuse_beyond_limits(value: object, levels: int) -> None:
    if isinstance(value, float) and not -SAFE < value < SAFE:
        raise ValueError("a double of 2^53 or more")
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        if levels == 0:
            raise ValueError("nested too deeply")
        for item in value:
            _refuse_beyond_limits(item, levels - 1)


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
