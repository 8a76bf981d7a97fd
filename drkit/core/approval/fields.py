"""JSON that is signed, taken apart field by field: exactly canonical, nothing missing, nothing unknown."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import orjson

from drkit.core.approval.errors import DocumentError, SignatureError
from drkit.core.approval.keys import PublicKey, parse_key
from drkit.core.canonical import canonical

T = TypeVar("T")

NAME = re.compile("[a-z][a-z0-9-]{0,62}")
"""An estate, an account, a playbook, a role, as `core.configuration.types.Name`."""
PERSON = re.compile("[a-z0-9](?:[a-z0-9._@+-]{0,62}[a-z0-9])?")
"""A person: a principal of an allowed_signers file, and the name of a file, on every file system alike."""
SHA256 = re.compile("[0-9a-f]{64}")
ACCOUNT = re.compile("[0-9]{6,20}")
_MOMENT = re.compile("[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z")
# What does not show, or moves what stands around it, so that a signer would read another text than a program:
# C1, soft hyphen, zero widths, separators, bidirectional controls, tags. JSON itself escapes C0.
_HIDDEN = (
    "\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff"
    "\uffa0\ufff0-\uffff\U000e0000-\U000e0fff"
)
_UNSEEN = re.compile(f"[{_HIDDEN}]")


def line(least: int, most: int) -> re.Pattern[str]:
    """Text that stands on one line and shows as it is, of so many characters."""
    return re.compile(f"[^\x00-\x1f{_HIDDEN}]{{{least},{most}}}")


LINE = line(1, 2000)
"""Words of a person."""


def read_object(raw: bytes, what: str, largest: int) -> Fields:
    """The fields of one canonical JSON object.

    Args:
        raw: the bytes.
        what: what they should be, for messages.
        largest: bytes that are read at most.

    Raises:
        DocumentError: too large, not JSON, not canonical (RFC 8785), or with a character that does not show.
    """
    if len(raw) > largest:
        raise DocumentError(f"{what} has more than {largest} bytes")
    try:
        value = orjson.loads(raw)
        same = canonical(value) == raw
        unseen = _UNSEEN.search(raw.decode())
    except (ValueError, TypeError, RecursionError):
        raise DocumentError(f"{what} is not JSON that has a canonical form") from None
    if not same:
        raise DocumentError(f"{what} is not in the canonical form of RFC 8785")
    if unseen:
        raise DocumentError(f"{what} holds the character U+{ord(unseen.group()):04X}, which does not show")
    return Fields(value, what)


class Fields:
    """The members of an object. Every one must be taken before `end`.

    Raises:
        DocumentError: from each method, when the field is missing or is not what is asked for.
    """

    def __init__(self, value: object, what: str) -> None:
        if type(value) is not dict:
            raise DocumentError(f"{what} is not an object")
        self._left: dict[str, Any] = dict(value)
        self.what = what

    def take(self, name: str) -> Any:
        """A field as it is."""
        try:
            return self._left.pop(name)
        except KeyError:
            raise self.wrong(name) from None

    def text(self, name: str, form: re.Pattern[str] = LINE) -> str:
        """Text of a form."""
        # Not by `take`: a listing asks for eighty thousand texts.
        value = self._left.pop(name, None)
        if type(value) is str and form.fullmatch(value):
            return value
        raise self.wrong(name)

    def whole(self, name: str, least: int, most: int) -> int:
        """A whole number in a range."""
        value = self.take(name)
        if type(value) is not int or not least <= value <= most:
            raise self.wrong(name)
        return value

    def moment(self, name: str) -> datetime:
        """A time in UTC, in whole seconds: ``2026-11-22T01:30:00Z``."""
        value = self.text(name, _MOMENT)
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            raise self.wrong(name) from None

    def optional(self, name: str, read: Callable[[str], T]) -> T | None:
        """What ``read`` answers of a field, or None where the field is null."""
        if name in self._left and self._left[name] is None:
            return self.take(name)  # type: ignore[no-any-return]
        return read(name)

    def items(self, name: str, least: int, most: int) -> list[Any]:
        """A list of so many items."""
        value = self.take(name)
        if type(value) is not list or not least <= len(value) <= most:
            raise self.wrong(name)
        return value

    def within(self, name: str) -> Fields:
        """An object in a field."""
        return Fields(self.take(name), f"{name} of {self.what}")

    def pairs(self, name: str, key: re.Pattern[str], value: re.Pattern[str]) -> dict[str, str]:
        """A field that maps text to text, not empty."""
        found = self.take(name)
        if type(found) is not dict or not found:
            raise self.wrong(name)
        if not all(key.fullmatch(k) and type(v) is str and value.fullmatch(v) for k, v in found.items()):
            raise self.wrong(name)
        return found

    def key(self, name: str) -> PublicKey:
        """A public key, kind and base64, without a comment."""
        text = self.text(name, re.compile(".{1,12000}"))
        try:
            key = parse_key(text)
        except SignatureError as error:
            raise DocumentError(f"{name} of {self.what}: {error}") from None
        if str(key) != text:
            raise self.wrong(name)
        return key

    def end(self) -> None:
        """Refuse fields that nobody asked for."""
        if self._left:
            raise DocumentError(f"{self.what} has an unknown field, {min(self._left)[:60]!r}")

    def wrong(self, name: str) -> DocumentError:
        """The error about a field's value, or its absence."""
        return DocumentError(f"{self.what} has no {name}, or not as it should be")
