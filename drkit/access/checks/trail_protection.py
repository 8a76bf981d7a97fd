"""The audit trail is not kept, or somebody may end it.

The cloud keeps events for 90 days at most; a track keeps them in a bucket for good. Whoever may delete the
track destroys without being seen. ``cloudaudit:DeleteAuditTrack`` is operation-level, so a deny that names one
track never bites.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from drkit.access.checks import samples
from drkit.access.checks.frame import Check, Found
from drkit.access.known import Around, Known
from drkit.access.rights import of_harm, rights, some
from drkit.access.watched import Harm
from drkit.core.verdicts import Severity
from drkit.ports.unread import Unread

CHECK = Check(
    "access.audit/trail-protection",
    Severity.HIGH,
    "certain",
    "keep one track of everything in a bucket of another account, and let nobody end it but a sealed administrator",
)


def look(accounts: Iterable[Known], around: Around) -> Iterator[Found]:  # noqa: ARG001 - every check has both
    """Accounts without a whole trail, and everybody who may end one."""
    for known in accounts:
        trails = known.identities.trails
        if not isinstance(trails, Unread) and not any(one.active and one.whole for one in trails):
            yield Found(known.name, f"{known.identities.number}/trail", "no active track keeps every action")
        for holder in known.holders():
            may = rights(known, holder)
            if ending := of_harm(known.dialect, may, Harm.TRAIL):
                right = may[ending[0]]
                why = f"{holder.name} may {some(ending)}"
                yield Found(known.name, holder.id, why, right.policy, right.statement)


BAD = (
    ((samples.account(trails=()),), samples.AROUND),
    ((samples.having(samples.policy(samples.allow("cloudaudit:*"))),), samples.AROUND),
)
GOOD = (
    ((samples.account(),), samples.AROUND),
    ((samples.account(trails=Unread("refused")),), samples.AROUND),
    (
        (samples.having(samples.policy(samples.allow("*"), samples.deny("cloudaudit:*"))),),
        samples.AROUND,
    ),
)
