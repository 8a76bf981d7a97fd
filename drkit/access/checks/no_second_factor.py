"""A user logs in with a password alone.

Passwords are guessed, phished and used twice. A second factor that is asked for at login stops most of that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from drkit.access.checks import samples
from drkit.access.checks.frame import Check, Found
from drkit.access.known import Around, Known, listed
from drkit.core.verdicts import Severity

CHECK = Check(
    "access.audit/no-second-factor",
    Severity.HIGH,
    "certain",
    "ask for a second factor at login, or take the password away where nobody logs in",
)


def look(accounts: Iterable[Known], around: Around) -> Iterator[Found]:  # noqa: ARG001 - every check has both
    """Users with a password and without a second factor."""
    for known in accounts:
        for user in listed(known.identities.users):
            if user.console is True and user.second_factor is False:
                yield Found(known.name, user.id, f"{user.name} logs in with a password alone")


BAD = (((samples.account(users=(samples.user(console=True, second_factor=False),)),), samples.AROUND),)
GOOD = (
    ((samples.account(users=(samples.user(console=True),)),), samples.AROUND),
    ((samples.account(users=(samples.user(second_factor=False),)),), samples.AROUND),
)
