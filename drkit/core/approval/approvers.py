"""Whose signature counts: every person who signed, and all that speaks against counting him."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from drkit.core.approval import sshsig
from drkit.core.approval.algorithms import Touch
from drkit.core.approval.document import Document
from drkit.core.approval.errors import SignatureError
from drkit.core.approval.intended import Danger
from drkit.core.approval.people import APPROVER, Key, Person
from drkit.core.approval.reasons import Reason, Refusal
from drkit.core.approval.roster import WAIT, Roster
from drkit.core.times import text_of


@dataclass(frozen=True, slots=True)
class Counted:
    """Who approved, by name and once each, and why the others do not count."""

    people: tuple[str, ...]
    reasons: tuple[Reason, ...]


def count(document: Document, signatures: Iterable[bytes], roster: Roster, now: datetime) -> Counted:
    """Verify every signature over exactly the document's bytes and count people, not keys."""
    approved: list[str] = []
    reasons: list[Reason] = []
    signed: set[str] = set()
    for armored in signatures:
        person, objections = _signer(document, armored, roster, now)
        if person and person in signed:
            objections.append(Reason(Refusal.DUPLICATE, f"{person} signed twice, and is one person"))
        elif person and not objections:
            approved.append(person)
        signed.add(person)
        reasons += objections
    return Counted(tuple(sorted(approved)), tuple(reasons))


def requester_of(document: Document, armored: bytes, roster: Roster, now: datetime) -> str:
    """Who shows by a signature (namespace ``request@drkit``) that the request is his own.

    Raises:
        SignatureError: unreadable, for another purpose, false, or by a key that does not count now.
    """
    signature = sshsig.parse(armored)
    signature.verify(document.raw, sshsig.REQUEST)
    return owner_of(signature, roster, now).name


def owner_of(signature: sshsig.Signature, roster: Roster, now: datetime) -> Person:
    """Whose a signature is that somebody has verified.

    Raises:
        SignatureError: nobody's, or by a key that does not count now.
    """
    owner = roster.owners.get(signature.key)
    if owner is None or _about_key(*owner, now) or _about_new_key(*owner, roster, now):
        raise SignatureError(f"{signature.key.fingerprint} is no key that counts now")
    return owner[0]


def _signer(document: Document, armored: bytes, roster: Roster, now: datetime) -> tuple[str, list[Reason]]:
    """The person, where the key tells one, and what speaks against the signature."""
    try:
        signature = sshsig.parse(armored)
    except SignatureError as error:
        return "", [Reason(error.refusal, f"a signature cannot be read: {error}")]
    owner = roster.owners.get(signature.key)
    if owner is None:
        said = f"{signature.key.fingerprint} is nobody's key in version {roster.latest.number} of the roster"
        return "", [Reason(Refusal.UNKNOWN_KEY, said)]
    person, key = owner
    try:
        touch = signature.verify(document.raw, sshsig.APPROVE)
    except SignatureError as error:
        return "", [Reason(error.refusal, f"the signature that claims to be of {person.name}: {error}")]
    return person.name, [
        *_about_touch(document, person, touch),
        *_about_person(document, person, now),
        *_about_key(person, key, now),
        *_about_waiting(person, key, roster, now),
    ]


def _about_touch(document: Document, person: Person, touch: Touch | None) -> list[Reason]:
    """A stolen laptop with its key is not the person, where the worst can happen."""
    if document.danger is not Danger.DISASTER or (touch is not None and touch.verified):
        return []
    said = f"{person.name} signed without a security key that verified who touched it, by PIN or fingerprint"
    return [Reason(Refusal.UNVERIFIED_KEY, said)]


def _about_person(document: Document, person: Person, now: datetime) -> list[Reason]:
    found = []
    if person.name == document.requester:
        said = f"{person.name} asked for this and cannot approve it, by whichever key and in whichever role"
        found.append(Reason(Refusal.OWN_REQUEST, said))
    if APPROVER not in person.roles:
        found.append(Reason(Refusal.NOT_AN_APPROVER, f"{person.name} does not have the role {APPROVER}"))
    if person.trained_until is None or now >= person.trained_until:
        said = "never" if person.trained_until is None else f"until {text_of(person.trained_until)}"
        found.append(Reason(Refusal.UNTRAINED, f"{person.name} was trained {said}"))
    return found


def _about_key(person: Person, key: Key, now: datetime) -> list[Reason]:
    named = f"{key.public.fingerprint} of {person.name}"
    if key.revoked is not None and now >= key.revoked:
        return [Reason(Refusal.REVOKED_KEY, f"{named} was revoked on {text_of(key.revoked)}")]
    if now < key.since:
        return [Reason(Refusal.KEY_NOT_YET_VALID, f"{named} counts from {text_of(key.since)}")]
    return []


def _about_waiting(person: Person, key: Key, roster: Roster, now: datetime) -> list[Reason]:
    if person.name in roster.joined and (said := _still_waits(roster.joined[person.name], now)):
        return [Reason(Refusal.NEW_PERSON, f"{person.name} became an approver {said}")]
    return _about_new_key(person, key, roster, now)


def _about_new_key(person: Person, key: Key, roster: Roster, now: datetime) -> list[Reason]:
    if key.public in roster.waits and (said := _still_waits(roster.waits[key.public], now)):
        return [Reason(Refusal.NEW_KEY, f"a key of {person.name} was added to the roster {said}")]
    return []


def _still_waits(since: datetime | None, now: datetime) -> str:
    if since is None:
        return "nobody noted when, and must wait for seven days after that is noted"
    return "" if now - since >= WAIT else f"on {text_of(since)}, less than seven days ago"
