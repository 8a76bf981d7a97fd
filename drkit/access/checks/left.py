"""A user of somebody who left is still there, with a password or a key.

The roster says who works here; a user has its person's name. Who left is asked for nothing any more, and
noticed by nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from drkit.access.checks import samples
from drkit.access.checks.frame import Check, Found, Unsure
from drkit.access.known import Around, Known, People, listed
from drkit.core.verdicts import Severity
from drkit.ports.identities import User
from drkit.ports.unread import Unread

CHECK = Check(
    "access.audit/left",
    Severity.HIGH,
    "certain",
    "switch the user's keys and password off today, then delete it",
)


def look(accounts: Iterable[Known], around: Around) -> Iterator[Found | Unsure]:
    """Users who can still get in and whose person is not here any more."""
    if isinstance(around.people, Unread):
        yield Unsure("people", around.people.reason)
        return
    for known in accounts:
        for user in listed(known.identities.users):
            name = user.name.lower().partition("@")[0]
            if name in around.people.left - around.people.here and _gets_in(user):
                yield Found(known.name, user.id, f"{user.name} left, and the user can still get in")


def _gets_in(user: User) -> bool:
    """Whether a user may have a password or an active key."""
    if user.console is not False or isinstance(user.keys, Unread):
        return True
    return any(key.active is not False for key in user.keys)


GONE = replace(samples.AROUND, people=People(frozenset({"bob"}), frozenset({"ann"})))
WITH_KEY = samples.account(users=(samples.user(keys=(samples.key(),)),))
BAD = (((WITH_KEY,), GONE),)
GOOD = (
    ((WITH_KEY,), samples.AROUND),
    ((samples.account(users=(samples.user(),)),), GONE),
)
