"""One holder may destroy both production data and its backups.

Backups are there for the day on which production is gone. Who can end both, ends everything alone: by mistake,
under duress, or in anger. No condition helps where one person meets it for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from drkit.access.checks import samples
from drkit.access.checks.frame import Check, Found
from drkit.access.known import Around, Known
from drkit.access.rights import of_harm, rights, some
from drkit.access.watched import Harm
from drkit.core.verdicts import Severity

CHECK = Check(
    "access.audit/separation",
    Severity.CRITICAL,
    "certain",
    "let two different holders have them, the one of backups in an account of its own",
)


def look(accounts: Iterable[Known], around: Around) -> Iterator[Found]:  # noqa: ARG001 - every check has both
    """Users and roles that may destroy data, and copies or keys."""
    for known in accounts:
        for holder in known.holders():
            may = rights(known, holder)
            data = of_harm(known.dialect, may, Harm.DATA)
            copies = of_harm(known.dialect, may, Harm.COPIES, Harm.KEYS)
            if data and copies:
                why = f"{holder.name} may {some(data, 3)}, and {some(copies, 3)}"
                right = may[copies[0]]
                yield Found(known.name, holder.id, why, right.policy, right.statement)


BAD = (
    (
        (
            samples.having(
                samples.policy(samples.allow("cvm:TerminateDisks")),
                samples.policy(samples.allow("cvm:DeleteSnapshots"), id="2"),
            ),
        ),
        samples.AROUND,
    ),
)
GOOD = (
    ((samples.having(samples.policy(samples.allow("cvm:DeleteSnapshots"))),), samples.AROUND),
    (
        (
            samples.having(
                samples.policy(
                    samples.allow("cvm:*"),
                    samples.deny("cvm:DeleteSnapshots*"),
                    samples.deny(["cvm:Modify*", "cvm:Unbind*", "cvm:Delete*"]),
                )
            ),
        ),
        samples.AROUND,
    ),
)
