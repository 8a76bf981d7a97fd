"""The root of an account has keys, uses them, or has no second factor.

No policy limits the root: whoever has its key has everything, the trail included. CAM shows the root's keys to
nobody else, so there the trail alone tells of them; a key that is not used in its time is not seen, and that is
said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from drkit.access.checks import samples
from drkit.access.checks.frame import Check, Found, Unsure
from drkit.access.known import Around, Known
from drkit.core.verdicts import Severity
from drkit.ports.identities import Activity, Root, Use
from drkit.ports.unread import Unread

CHECK = Check(
    "access.audit/root-key",
    Severity.CRITICAL,
    "certain",
    "delete the root's keys, give it a second factor, and lock both away for emergencies",
)


def look(accounts: Iterable[Known], around: Around) -> Iterator[Found | Unsure]:  # noqa: ARG001
    """Keys of the root that are there, were used, or cannot be known of."""
    for known in accounts:
        found = known.identities
        used = _used(known)
        if used:
            yield Found(
                known.name, found.number, f"a key of the root called {used.action} {used.count} times"
            )
        if isinstance(found.root.keys, Unread):
            if not used:
                yield Unsure(f"{known.name}/root keys", found.root.keys.reason)
        elif active := [key for key in found.root.keys if key.active is not False]:
            yield Found(known.name, f"{found.number}/keys", f"the root has {len(active)} active keys")
        if found.root.second_factor is False:
            yield Found(known.name, f"{found.number}/factor", "the root has no second factor")


def _used(known: Known) -> Use | None:
    activity = known.identities.activity
    if not isinstance(activity, Activity):
        return None
    own = (each for each in activity.uses if each.principal == known.identities.number and each.key)
    return max(own, key=lambda each: (each.count, each.action), default=None)


BAD = (
    ((samples.account(root=Root((samples.key(),), second_factor=True)),), samples.AROUND),
    ((samples.account(root=Root((), second_factor=False)),), samples.AROUND),
    (
        (
            samples.account(
                activity=Activity(
                    samples.LONG_AGO, (Use(samples.OWNER, "cvm:RunInstances", 3, samples.AT, "AKID0"),), ()
                )
            ),
        ),
        samples.AROUND,
    ),
)
GOOD = (
    ((samples.account(),), samples.AROUND),
    ((samples.account(root=Root(Unread("refused"), Unread("refused"))),), samples.AROUND),
)
