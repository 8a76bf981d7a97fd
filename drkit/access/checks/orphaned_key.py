"""A key belongs to a user who may do nothing.

Its program is gone, or its rights were taken and the key forgotten. Whoever attaches a policy to the user
later, or puts it into a group, gives the right to whoever has the key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from drkit.access.checks import samples
from drkit.access.checks.frame import Check, Found
from drkit.access.known import Around, Known, listed
from drkit.core.verdicts import Severity
from drkit.ports.identities import Attachment
from drkit.ports.unread import Unread

CHECK = Check(
    "access.audit/orphaned-key", Severity.LOW, "certain", "delete the key, and the user if nobody needs it"
)


def look(accounts: Iterable[Known], around: Around) -> Iterator[Found]:  # noqa: ARG001 - every check has both
    """Active keys of users without a policy, where all policies and groups were read."""
    for known in accounts:
        groups = known.identities.groups
        if isinstance(groups, Unread) or any(isinstance(each.members, Unread) for each in groups):
            continue
        for user in listed(known.identities.users):
            active = [key for key in listed(user.keys) if key.active]
            if active and not isinstance(user.policies, Unread) and not any(known.held(user)):
                yield Found(known.name, active[0].id, f"{user.name} has a key and may do nothing")


HAS_KEY = samples.user(keys=(samples.key(),))
BAD = (((samples.account(users=(HAS_KEY,)),), samples.AROUND),)
GOOD = (
    (
        (samples.account(users=(samples.user(keys=(samples.key(),), policies=(Attachment("1"),)),)),),
        samples.AROUND,
    ),
    ((samples.account(users=(HAS_KEY,), groups=Unread("refused")),), samples.AROUND),
)
