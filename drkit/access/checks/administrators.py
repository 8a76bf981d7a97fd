"""Somebody may do everything.

Each administrator can destroy every copy and every trace alone, and make more of himself. One is needed,
sealed; each further one is one person more who has to be trusted with everything. Here it is told who has it,
by whatever policy, the cloud's own among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from drkit.access.checks import samples
from drkit.access.checks.administrator import find as everything_in
from drkit.access.checks.frame import Check, Found
from drkit.access.known import Around, Known
from drkit.core.verdicts import Severity

CHECK = Check(
    "access.audit/administrators",
    Severity.HIGH,
    "certain",
    "name the actions and resources that are needed; keep one sealed administrator for emergencies",
)


def look(accounts: Iterable[Known], around: Around) -> Iterator[Found]:  # noqa: ARG001 - every check has both
    """Users and roles with a policy that allows everything on everything, and without a boundary."""
    for known in accounts:
        whole = {
            id_: seen.statement
            for id_, document in known.documents.items()
            for seen in everything_in(document)
        }
        for holder in known.holders() if whole else ():
            held = next((each for each in known.held(holder) if each.policy in whole), None)
            if held and not holder.boundary:
                by = f" by the group {held.group}" if held.group else ""
                why = f"{holder.name} may do everything{by}"
                yield Found(known.name, holder.id, why, held.policy, whole[held.policy])


ALL = samples.policy(samples.allow("*"))
BAD = (((samples.having(ALL),), samples.AROUND),)
GOOD = (
    ((samples.having(samples.policy(samples.allow("cvm:*"))),), samples.AROUND),
    ((samples.account(policies=(ALL,), users=(samples.user(),)),), samples.AROUND),
)
