"""One version of the roster: who the people are, by which keys they sign, and who may change that."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from drkit.core.approval.errors import DocumentError
from drkit.core.approval.fields import NAME, PERSON, SHA256, Fields, read_object
from drkit.core.approval.keys import PublicKey
from drkit.core.canonical import canonical
from drkit.core.times import text_of

LARGEST = 4 * 1024 * 1024  # bytes
MOST_PEOPLE = 10_000
MOST_KEYS = 20  # of one person, and of the root
MOST_VERSIONS = 1_000_000

REQUESTER, APPROVER, ADMINISTRATOR = "requester", "approver", "administrator"


@dataclass(frozen=True, slots=True)
class Key:
    """A person's key; it counts from ``since`` until ``revoked``, the first moment in which it does not."""

    public: PublicKey
    since: datetime
    revoked: datetime | None = None

    def as_data(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {"key": str(self.public), "since": text_of(self.since), "revoked": _text(self.revoked)}


@dataclass(frozen=True, slots=True)
class Person:
    """A human.

    Args:
        roles: ``requester`` may ask and ``approver`` may agree; no other role gives either.
        trained_until: the first moment in which the last training is no longer current; None without one.
    """

    name: str
    keys: tuple[Key, ...]
    roles: frozenset[str]
    trained_until: datetime | None
    added_at: datetime

    def as_data(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {
            "name": self.name,
            "keys": [key.as_data() for key in self.keys],
            "roles": sorted(self.roles),
            "trained_until": _text(self.trained_until),
            "added_at": text_of(self.added_at),
        }


@dataclass(frozen=True, slots=True)
class Root:
    """Who may change the roster: so many of these keys together."""

    keys: tuple[PublicKey, ...]
    approvals: int

    def as_data(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {"keys": [str(key) for key in self.keys], "approvals": self.approvals}


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the roster, read and not yet trusted.

    Args:
        raw: the bytes that the root signs.
        digest: their sha256, in hexadecimal.
        previous: the digest of the version before; None in the first.
    """

    raw: bytes = field(repr=False)
    digest: str
    number: int
    previous: str | None
    made_at: datetime
    root: Root
    people: tuple[Person, ...]


def write(
    *, number: int, previous: str | None, made_at: datetime, root: Root, people: Sequence[Person]
) -> Version:
    """A version to be signed.

    Raises:
        DocumentError: as `read`.
    """
    data = {
        "kind": "roster",
        "version": number,
        "previous": previous,
        "made_at": text_of(made_at),
        "root": root.as_data(),
        "people": [person.as_data() for person in people],
    }
    try:
        raw = canonical(data)
    except (ValueError, TypeError):
        raise DocumentError("the roster has no canonical JSON form (RFC 8785)") from None
    return read(raw)


def read(raw: bytes) -> Version:
    """A version from its bytes.

    Raises:
        DocumentError: not canonical, a field missing or unknown, a value out of range, a name or a key twice.
    """
    fields = read_object(raw, "the roster", LARGEST)
    if fields.take("kind") != "roster":
        raise fields.wrong("kind")
    version = Version(
        raw,
        hashlib.sha256(raw).hexdigest(),
        fields.whole("version", 1, MOST_VERSIONS),
        fields.optional("previous", lambda name: fields.text(name, SHA256)),
        fields.moment("made_at"),
        read_root(fields.within("root")),
        tuple(_person(Fields(each, "a person")) for each in fields.items("people", 1, MOST_PEOPLE)),
    )
    fields.end()
    if (version.number == 1) != (version.previous is None):
        raise DocumentError("the first version of a roster, and no other, has no previous one")
    _refuse_twice([person.name for person in version.people], "person")
    _refuse_twice([str(key.public) for person in version.people for key in person.keys], "key")
    return version


def read_root(fields: Fields) -> Root:
    """What `Root.as_data` wrote.

    Raises:
        DocumentError: another form, a key twice, or more approvals than keys.
    """
    each = [Fields({"key": text}, "the root") for text in fields.items("keys", 1, MOST_KEYS)]
    root = Root(tuple(one.key("key") for one in each), fields.whole("approvals", 1, len(each)))
    fields.end()
    _refuse_twice([str(key) for key in root.keys], "root key")
    return root


def _person(fields: Fields) -> Person:
    name = fields.text("name", PERSON)
    fields.what = f"the person {name}"
    roles = fields.items("roles", 0, MOST_KEYS)
    if not all(type(role) is str and NAME.fullmatch(role) for role in roles) or roles != sorted(set(roles)):
        raise fields.wrong("roles")
    person = Person(
        name,
        tuple(_key(Fields(each, f"a key of {name}")) for each in fields.items("keys", 0, MOST_KEYS)),
        frozenset(roles),
        fields.optional("trained_until", fields.moment),
        fields.moment("added_at"),
    )
    fields.end()
    return person


def _key(fields: Fields) -> Key:
    key = Key(fields.key("key"), fields.moment("since"), fields.optional("revoked", fields.moment))
    fields.end()
    return key


def _refuse_twice(names: Sequence[str], what: str) -> None:
    twice = (
        next((name for name in names if names.count(name) > 1), None)
        if len(set(names)) < len(names)
        else None
    )
    if twice is not None:
        raise DocumentError(f"the roster holds the {what} {twice} twice")


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else text_of(moment)
