"""A key is old, or nobody uses it.

A key that was made long ago has lain in many places since; one that is not used is missed by nobody when it is
stolen. CAM knows the last use a day late, and keeps no use of before it began to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from drkit.access.checks import samples
from drkit.access.checks.frame import Check, Found
from drkit.access.known import Around, Known, listed
from drkit.core.verdicts import Severity
from drkit.ports.identities import Key
from drkit.ports.unread import Unread

CHECK = Check(
    "access.audit/stale-key",
    Severity.MEDIUM,
    "certain",
    "make a new key, switch the old one off, then delete it",
)
OLD, UNUSED = timedelta(days=180), timedelta(days=90)


def look(accounts: Iterable[Known], around: Around) -> Iterator[Found]:
    """Active keys that are too old, or unused for too long."""
    for known in accounts:
        for user in listed(known.identities.users):
            for key in listed(user.keys):
                if why := _why(key, around):
                    yield Found(known.name, key.id, f"the key of {user.name} {why}")


def _why(key: Key, around: Around) -> str:
    if not key.active or key.created is None:
        return ""
    age = around.at - key.created
    if not isinstance(key.last_used, Unread):
        idle = around.at - (key.last_used or key.created)
        if idle > UNUSED:
            return f"is active and was not used for {idle.days} days"
    return f"is {age.days} days old" if age > OLD else ""


BAD = (
    (
        (samples.account(users=(samples.user(keys=(samples.key(created=samples.LONG_AGO),)),)),),
        samples.AROUND,
    ),
    (
        (
            samples.account(
                users=(samples.user(keys=(samples.key(created=samples.LONG_AGO, last_used=None),)),)
            ),
        ),
        samples.AROUND,
    ),
)
GOOD = (
    ((samples.account(users=(samples.user(keys=(samples.key(),)),)),), samples.AROUND),
    (
        (
            samples.account(
                users=(samples.user(keys=(samples.key(active=False, created=samples.LONG_AGO),)),)
            ),
        ),
        samples.AROUND,
    ),
)
