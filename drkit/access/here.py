"""Who works here, by the roster that the estate pins."""

from __future__ import annotations

from pathlib import Path

from drkit.access.known import NO_ROSTER, People
from drkit.core.approval import history, people
from drkit.core.approval.settings import Approvals
from drkit.core.errors import DrkitError
from drkit.ports.unread import Unread


def people_of(approvals: Approvals | None) -> People | Unread:
    """Everybody of the latest version with a key that counts; who was in an earlier one, or has none left, left."""
    if approvals is None:
        return NO_ROSTER
    directory = Path(approvals.roster)
    try:
        latest = history.open_pinned(directory, approvals.pin, {}).latest
        versions = [people.read(signed.raw) for signed in history.read_history(directory)]
    except DrkitError as error:
        return Unread(f"the roster cannot be read: {error.message}")
    here = {each.name.lower() for each in latest.people if any(key.revoked is None for key in each.keys)}
    ever = {each.name.lower() for version in versions for each in version.people}
    return People(frozenset(here), frozenset(ever - here))
