"""Somebody may destroy and never did.

A right that nobody uses is used first by whoever steals it. The audit trail tells what was done; where it
reaches back less than four weeks nothing is said, for what is done once a month is not unused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from drkit.access.checks import samples
from drkit.access.checks.frame import Check, Found, Unsure
from drkit.access.known import Around, Known
from drkit.access.rights import of_harm, rights, some
from drkit.access.watched import DESTROYING, Harm
from drkit.core.verdicts import Severity
from drkit.ports.identities import Activity, Use
from drkit.ports.unread import Unread

CHECK = Check(
    "access.audit/unused-rights",
    Severity.MEDIUM,
    "likely",
    "take the right away; ask for it when it is needed, through the gate",
)
LEAST = timedelta(days=28)


def look(accounts: Iterable[Known], around: Around) -> Iterator[Found | Unsure]:
    """Holders of rights to destroy none of which they used."""
    for known in accounts:
        activity = known.identities.activity
        if isinstance(activity, Unread):
            continue  # told as unread
        if around.at - activity.since < LEAST:
            yield Unsure(
                f"{known.name}/activity", f"the trail was read back to {activity.since:%Y-%m-%d} only"
            )
            continue
        yield from _unused(known, activity)


def _unused(known: Known, activity: Activity) -> Iterator[Found]:
    did: dict[str, set[str]] = {}
    for use in activity.uses:
        did.setdefault(use.principal, set()).add(use.action.lower())
    for holder in known.holders():
        may = rights(known, holder)
        destroying = of_harm(known.dialect, may, *DESTROYING, Harm.TRAIL)
        unused = [each for each in destroying if each.lower() not in did.get(holder.id, ())]
        if unused and len(unused) == len(destroying):
            why = f"{holder.name} may {some(unused)} and did none of it since {activity.since:%Y-%m-%d}"
            first = may[unused[0]]
            yield Found(known.name, holder.id, why, first.policy, first.statement)


MAY = samples.having(samples.policy(samples.allow("cvm:TerminateInstances")))
DID = Use("100000000101", "cvm:TerminateInstances", 1, samples.AT, "AKID1")
BAD = (((MAY,), samples.AROUND),)
GOOD = (
    (
        (samples.having(samples.policy(samples.allow("cvm:Describe*"))),),
        samples.AROUND,
    ),
    (
        (replace(MAY, activity=Activity(samples.LONG_AGO, (DID,), ())),),
        samples.AROUND,
    ),
)
