"""Somebody can make himself administrator.

His rights do not look like it, but one of them lets him change a policy, make a key of another, put code into
what runs with a role, or the like, and from there he has the rest. The shortest way is told; `drkit access
escalate` tells all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from drkit.access.checks import samples
from drkit.access.checks.frame import Check, Found, Unsure
from drkit.access.known import Around, Known
from drkit.core.verdicts import Severity

CHECK = Check(
    "access.audit/escalation",
    Severity.CRITICAL,
    "certain",
    "take away the first right of the way, or deny it in a boundary that its holder cannot lift",
)
MOST_STEPS = 4


def look(accounts: Iterable[Known], around: Around) -> Iterator[Found | Unsure]:  # noqa: ARG001
    """Everybody who is no administrator and can become one."""
    from drkit.access.escalate.escalated import escalated  # only whole accounts pay for it

    for each in escalated([known.identities for known in accounts]).principals:
        if not each.administrator or not each.path:
            continue
        way = "; ".join(f"{step.action} on {step.on or 'something new'}" for step in each.path[:MOST_STEPS])
        more = f" and {len(each.path) - MOST_STEPS} more steps" if len(each.path) > MOST_STEPS else ""
        if each.certain:
            yield Found(each.account, each.id, f"the way to administrator: {way}{more}")
        else:
            yield Unsure(
                f"{each.account}/{each.id} escalation", f"there may be a way to administrator: {way}{more}"
            )


BAD = (((samples.having(samples.policy(samples.allow("cam:AttachUserPolicy"))),), samples.AROUND),)
GOOD = (((samples.having(samples.policy(samples.allow("cvm:Describe*"))),), samples.AROUND),)
