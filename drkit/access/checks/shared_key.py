"""A person's user, with a password, has keys too; or one user has two active keys.

What a program does under a person's name cannot be told from what the person does, and a second active key that
stays is one for somebody else. While a key is being replaced there are two; for more than two weeks there need
not be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from drkit.access.checks import samples
from drkit.access.checks.frame import Check, Found
from drkit.access.known import Around, Known, listed
from drkit.core.verdicts import Severity
from drkit.ports.identities import User

CHECK = Check(
    "access.audit/shared-key", Severity.LOW, "likely", "give each program and each person a user of its own"
)
REPLACING = timedelta(days=14)


def look(accounts: Iterable[Known], around: Around) -> Iterator[Found]:
    """Users whose keys are likely used by several."""
    for known in accounts:
        for user in listed(known.identities.users):
            if why := _why(user, around):
                yield Found(known.name, user.id, f"{user.name} {why}")


def _why(user: User, around: Around) -> str:
    active = [key for key in listed(user.keys) if key.active]
    settled = [key for key in active if key.created and around.at - key.created > REPLACING]
    if active and user.console is True:
        return "logs in with a password and has an active key as well"
    return "has two active keys for more than two weeks" if len(settled) > 1 else ""


OLD = samples.key(created=samples.LONG_AGO)
BAD = (
    (
        (
            samples.account(
                users=(
                    samples.user(
                        keys=(OLD, samples.key(id="AKID2", created=samples.LONG_AGO)),
                    ),
                )
            ),
        ),
        samples.AROUND,
    ),
    ((samples.account(users=(samples.user(console=True, keys=(samples.key(),)),)),), samples.AROUND),
)
GOOD = (((samples.account(users=(samples.user(keys=(OLD, samples.key(id="AKID2"))),)),), samples.AROUND),)
