"""What the conclusions of the steps that change snapshots have in common."""

from __future__ import annotations

from collections.abc import Iterator

from drkit.core.actions import Uncertain
from drkit.core.verdicts import Outcome, Verdict, worst
from drkit.ports.facts import Facts, Unread

NOT_CARRIED_OUT = Uncertain("the run ended before it was carried out")


def unread_verdicts(facts: Facts) -> Iterator[Verdict]:
    """An UNKNOWN for each list of disks or snapshots that was not read."""
    for region in facts.regions:
        for read in (region.disks, region.snapshots):
            if isinstance(read, Unread):
                yield Verdict(Outcome.UNKNOWN, f"{region.scope} was not read: {read.reason}")


def otherwise(verdicts: list[Verdict]) -> Verdict:
    """The verdict on what no finding names; where findings name everything, nothing else is wrong."""
    others = [verdict for verdict in verdicts if verdict.outcome is not Outcome.FAIL]
    return worst(others) if others or not verdicts else Verdict(Outcome.PASS)
