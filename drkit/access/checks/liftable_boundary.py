"""A boundary can be lifted by whom it limits.

Who may take the boundary off himself, put another in its place, or change the policy that it is made of, is not
limited: one call, and the boundary is gone. What the boundary itself does not allow it does not let him do; so
only rights that pass it count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from drkit.access.checks import samples
from drkit.access.checks.frame import Check, Found
from drkit.access.known import Around, Known
from drkit.access.rights import rights, some
from drkit.core.verdicts import Severity
from drkit.ports.identities import Identities, Policy, User

CHECK = Check(
    "access.audit/liftable-boundary",
    Severity.HIGH,
    "certain",
    "deny in the boundary itself whatever changes boundaries and policies",
)
TEXTS = ("UpdatePolicy", "CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicy")
OF_USERS = ("DeleteUserPermissionsBoundary", "PutUserPermissionsBoundary")
OF_ROLES = ("DeleteRolePermissionsBoundary", "PutRolePermissionsBoundary")


def look(accounts: Iterable[Known], around: Around) -> Iterator[Found]:  # noqa: ARG001 - every check has both
    """Users and roles that may lift what limits them."""
    for known in accounts:
        for holder in known.holders():
            if not isinstance(holder.boundary, str) or not holder.boundary:
                continue
            may = rights(known, holder)
            own = OF_USERS if isinstance(holder, User) else OF_ROLES
            lifting = [one for one in may if one.partition(":")[2] in (*own, *TEXTS)]
            if lifting:
                right = may[lifting[0]]
                why = f"{holder.name} may {some(lifting)} in spite of the boundary"
                yield Found(known.name, holder.id, why, right.policy, right.statement)


ALL = samples.policy(samples.allow("*"))
LIMIT = samples.policy(samples.allow("*"), samples.deny("cam:*"), id="2", name="limit")
LOOSE = samples.policy(samples.allow(["cvm:*", "cam:*"]), id="2", name="limit")


def _limited(limit: Policy) -> Identities:
    made = samples.having(ALL, boundary="2")
    return replace(made, policies=(ALL, limit))


BAD = (((_limited(LOOSE),), samples.AROUND),)
GOOD = (((_limited(LIMIT),), samples.AROUND),)
