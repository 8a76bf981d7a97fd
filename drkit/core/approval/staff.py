"""Who may ask and agree, as a person writes it down; a version of the roster is made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from drkit.core.approval import people
from drkit.core.approval.errors import RosterError, SignatureError
from drkit.core.approval.fields import NAME, PERSON
from drkit.core.approval.keys import PublicKey, parse_key
from drkit.core.approval.people import Key, Person, Root, Version
from drkit.core.configuration.model import Model


def _readable(text: Any) -> Any:
    """A public key as ``ssh-keygen`` writes it, without its comment."""
    try:
        words = str(text).split()
        return str(parse_key(" ".join(words[:2])))
    except SignatureError as error:
        raise ValueError(f"{error}; write the content of a .pub file") from None


def _day(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{value!r} is no day: write 2027-01-31") from None
    return value


PublicKeyText = Annotated[str, BeforeValidator(_readable), Field(examples=["ssh-ed25519 AAAAC3Nza…"])]
Day = Annotated[date, BeforeValidator(_day), Field(examples=["2027-01-31"])]


class Member(Model):
    """One person."""

    name: Annotated[str, StringConstraints(pattern=f"^{PERSON.pattern}$"), Field(examples=["wang.li"])]
    """The name by which the person asks and signs."""

    keys: tuple[PublicKeyText, ...] = ()
    """The person's SSH keys. One that is left out of a later version is revoked from then on."""

    roles: tuple[Annotated[str, StringConstraints(pattern=f"^{NAME.pattern}$")], ...] = ()
    """`requester` may ask, `approver` may agree; other roles give neither."""

    trained_until: Day | None = None
    """The first day on which the last training is no longer current (UTC); without it nobody approves."""


class Keepers(Model):
    """Who may change the roster."""

    keys: Annotated[tuple[PublicKeyText, ...], Field(min_length=1)]
    """The root keys."""

    approvals: Annotated[int, Field(ge=1)] = 2
    """How many of them must sign each version; with 1, one person alone could add two accomplices."""


class Staff(Model):
    """Everybody, and who may change that."""

    root: Keepers
    """Who may change it."""

    people: Annotated[tuple[Member, ...], Field(min_length=1)]
    """The people."""


def next_version(staff: Staff, before: Version | None, now: datetime) -> Version:
    """The version that says what the staff is now.

    Args:
        staff: as it is to be.
        before: the latest version, if there is one: what it says of dates is kept, and a key that is gone is
            revoked.
        now: the time.

    Raises:
        RosterError: nothing changed. DocumentError: as `people.write`.
    """
    at = now.replace(microsecond=0)
    known = {person.name: person for person in before.people} if before else {}
    members = [_person(member, known.pop(member.name, None), at) for member in staff.people]
    # Who left stays, without a role and with every key revoked: what was signed can still be told.
    gone = [_left(person, at) for person in known.values()]
    keys = tuple(parse_key(text) for text in staff.root.keys)
    root = Root(keys, staff.root.approvals)
    everybody = sorted([*members, *gone], key=lambda person: person.name)
    if before and (root, tuple(everybody)) == (before.root, before.people):
        raise RosterError("nothing changed since the latest version")
    return people.write(
        number=before.number + 1 if before else 1,
        previous=before.digest if before else None,
        made_at=at,
        root=root,
        people=everybody,
    )


def _person(member: Member, was: Person | None, at: datetime) -> Person:
    keys = {key.public: key for key in was.keys} if was else {}
    wanted = [parse_key(text) for text in member.keys]
    return Person(
        member.name,
        tuple([_kept(public, keys, at) for public in wanted] + _revoked(keys, wanted, at)),
        frozenset(member.roles),
        datetime.combine(member.trained_until, time(), at.tzinfo) if member.trained_until else None,
        was.added_at if was else at,
    )


def _kept(public: PublicKey, keys: Mapping[PublicKey, Key], at: datetime) -> Key:
    return keys.get(public) or Key(public, at)


def _revoked(keys: Mapping[PublicKey, Key], wanted: list[PublicKey], at: datetime) -> list[Key]:
    gone = [key for public, key in keys.items() if public not in wanted]
    return [key if key.revoked else replace(key, revoked=at) for key in gone]


def _left(person: Person, at: datetime) -> Person:
    keys = {key.public: key for key in person.keys}
    return replace(person, keys=tuple(_revoked(keys, [], at)), roles=frozenset(), trained_until=None)
