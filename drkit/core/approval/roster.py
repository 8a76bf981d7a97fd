"""The roster that is trusted: versions in a chain from a pinned first one, each signed under the one before.

The pin lies where the roster's writers cannot reach it (at the broker). It holds the digest of the first
version, so "the first roster" is one particular file: another file that calls itself the first is refused,
whoever signed it. That is what makes it safe to let the approvers of the first version approve at once;
without that nobody could approve anything for seven days. Every approver and every key that a later version
adds has to wait.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from drkit.core.approval import people, sshsig
from drkit.core.approval.errors import RosterError, SignatureError
from drkit.core.approval.keys import PublicKey
from drkit.core.approval.people import Key, Person, Root, Version
from drkit.core.approval.signers import Signer

WAIT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Pin:
    """What is known of the first version before it is read, kept apart from it.

    Args:
        digest: of its bytes.
        root: its root.
    """

    digest: str
    root: Root


@dataclass(frozen=True, slots=True)
class Signed:
    """The bytes of a version and the armored signatures under it (namespace ``roster@drkit``)."""

    raw: bytes
    signatures: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """The latest version of a chain that holds; `open_roster` makes it.

    Args:
        waits: since when each key that the first version did not list counts as listed: the later of its
            version's date and the moment in which that version was first seen here; None: nobody noted it.
        joined: the same for people as approvers.
    """

    latest: Version
    digests: tuple[str, ...]
    waits: Mapping[PublicKey, datetime | None]
    joined: Mapping[str, datetime | None]
    owners: Mapping[PublicKey, tuple[Person, Key]] = field(repr=False)
    by_name: Mapping[str, Person] = field(repr=False)

    def allowed_signers(self, namespace: str = sshsig.APPROVE) -> tuple[Signer, ...]:
        """Everybody's keys for ``ssh-keygen -Y verify``; such a file knows no roles, training or waiting."""
        return tuple(
            _allowed(person, key, namespace)
            for person in self.latest.people
            for key in person.keys
            if key.revoked is None or key.revoked - key.since > timedelta(seconds=1)
        )


def open_roster(pin: Pin, history: Sequence[Signed], seen: Mapping[str, datetime]) -> Roster:
    """The roster at the end of a chain.

    Args:
        pin: kept where the roster's writers cannot reach it.
        history: every version from the first to the latest, none left out.
        seen: when each version, by its digest, was first accepted here, from evidence. It proves that nobody
            went back behind one of them, and that nobody predates a version so that its people need not wait.

    Raises:
        DocumentError, SignatureError: a version or a signature that cannot be read, or is not accepted.
        RosterError: another first version than the pinned one; a version skipped, forked or rolled back, not
            signed under the root before it, or one that takes back a revocation or gives a key to another.
    """
    versions = [people.read(each.raw) for each in history]
    if not versions:
        raise RosterError("there is no roster")
    _refuse_other_first(pin, versions[0])
    _refuse_unsigned(versions[0], history[0].signatures, (pin.root,))
    for (before, after), signed in zip(pairwise(versions), history[1:], strict=True):
        _refuse_unchained(before, after)
        # The new root signs too, so that power is never handed to keys that nobody holds.
        _refuse_unsigned(after, signed.signatures, (before.root, after.root))
    _refuse_forgotten(versions, seen)
    return _roster(versions, seen)


def _refuse_other_first(pin: Pin, first: Version) -> None:
    if first.digest != pin.digest or first.number != 1 or first.root != pin.root:
        raise RosterError("the first version of the roster is not the pinned one")


def _refuse_unsigned(version: Version, signatures: Sequence[bytes], roots: Sequence[Root]) -> None:
    signers = set()
    for armored in signatures:
        try:
            signature = sshsig.parse(armored)
            signature.verify(version.raw, sshsig.ROSTER)
        except SignatureError as error:
            raise RosterError(f"a signature under version {version.number} of the roster: {error}") from None
        signers.add(signature.key)
    for root in roots:
        agreed = len(signers & set(root.keys))
        if agreed < root.approvals:
            said = f"{agreed} of {root.approvals} root keys signed version {version.number} of the roster"
            raise RosterError(said)


def _refuse_unchained(before: Version, after: Version) -> None:
    if after.number != before.number + 1:
        raise RosterError(f"version {after.number} of the roster follows version {before.number}")
    if after.previous != before.digest:
        raise RosterError(
            f"version {after.number} of the roster was made from another version {before.number}"
        )
    if after.made_at < before.made_at:
        raise RosterError(f"version {after.number} of the roster is older than the one before it")
    known = {person.name: person for person in before.people}
    for person in after.people:
        _refuse_backdated(known.get(person.name), person, before, after)
    _refuse_rewritten_keys(before, after)


def _refuse_backdated(was: Person | None, person: Person, before: Version, after: Version) -> None:
    honest = was.added_at == person.added_at if was else before.made_at <= person.added_at <= after.made_at
    if not honest:
        raise RosterError(f"version {after.number} of the roster says wrongly when {person.name} was added")


def _refuse_rewritten_keys(before: Version, after: Version) -> None:
    owners = {key.public: (person.name, key) for person in before.people for key in person.keys}
    for person in after.people:
        for key in person.keys:
            name, was = owners.get(key.public, (person.name, key))
            if name != person.name:
                raise RosterError(
                    f"version {after.number} of the roster gives a key of {name} to {person.name}"
                )
            if was.revoked is not None and (key.revoked is None or key.revoked > was.revoked):
                raise RosterError(f"version {after.number} of the roster takes back that a key is revoked")


def _refuse_forgotten(versions: Sequence[Version], seen: Mapping[str, datetime]) -> None:
    forgotten = set(seen) - {version.digest for version in versions}
    if forgotten:
        said = (
            f"a version of the roster that was accepted before, {min(forgotten)[:16]}, is not in this history"
        )
        raise RosterError(
            said, hint="the roster was rolled back or forked: restore the history that was seen"
        )


def _roster(versions: Sequence[Version], seen: Mapping[str, datetime]) -> Roster:
    waits: dict[PublicKey, datetime | None] = {}
    joined: dict[str, datetime | None] = {}
    for before, after in pairwise(versions):
        first_seen = seen.get(after.digest)
        listed = None if first_seen is None else max(first_seen, after.made_at)
        # Who was away for a version is new again: nobody watched over the name and the keys meanwhile.
        joined |= dict.fromkeys(_approvers(after) - _approvers(before), listed)
        waits |= dict.fromkeys(_keys(after) - _keys(before), listed)
    latest = versions[-1]
    return Roster(
        latest,
        tuple(version.digest for version in versions),
        waits,
        joined,
        {key.public: (person, key) for person in latest.people for key in person.keys},
        {person.name: person for person in latest.people},
    )


def _approvers(version: Version) -> set[str]:
    # To make an approver of somebody is to add one, however long he was there in another role.
    return {person.name for person in version.people if people.APPROVER in person.roles}


def _keys(version: Version) -> set[PublicKey]:
    return {key.public for person in version.people for key in person.keys}


def _allowed(person: Person, key: Key, namespace: str) -> Signer:
    # OpenSSH counts the second of valid-before in; here the moment of revocation is already out.
    until = None if key.revoked is None else key.revoked - timedelta(seconds=1)
    return Signer((person.name,), key.public, (namespace,), key.since, until)
