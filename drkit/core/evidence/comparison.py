"""Which checkpoints a log still matches, and between which lines it was changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drkit.core.evidence.problems import INVESTIGATE, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from drkit.core.evidence.sightings import Sighting


@dataclass(frozen=True)
class Comparison:
    """How many checkpoints hold, how many entries they cover, and what is wrong with the others."""

    holding: int
    covered: int
    covered_outside: int
    problems: list[Problem]


def compare(seen: Sequence[Sighting], roots: Mapping[int, bytes], size: int) -> Comparison:
    """Hold authentic checkpoints against the roots of a log at their sizes.

    Args:
        seen: the checkpoints.
        roots: of the log at every size that it reaches and a checkpoint has.
        size: of the log.
    """
    holding = [one for one in seen if roots.get(one.size) == one.checkpoint.root]
    broken = [one for one in seen if one.size <= size and one not in holding]
    beyond = [one for one in seen if one.size > size]
    found = []
    for outside in (True, False):
        found += _changed([one for one in broken if one.outside is outside], holding)
        found += _missing([one for one in beyond if one.outside is outside], holding, size)
    return Comparison(
        len(holding),
        max((one.size for one in holding), default=0),
        max((one.size for one in holding if one.outside), default=0),
        found,
    )


def _changed(broken: Sequence[Sighting], holding: Sequence[Sighting]) -> list[Problem]:
    """The narrowest range of lines that the checkpoints leave for the change."""
    if not broken:
        return []
    first = min(broken, key=lambda one: one.size)
    intact = _intact(first, holding)
    also = f"; {len(broken) - 1} more checkpoints do not hold either" if len(broken) > 1 else ""
    return [
        Problem(
            "evidence.root",
            "fail",
            first.where,
            f"{_lines(intact, first.size)} altered, dropped, added or reordered: "
            f"{first.where} does not hold{also}",
            _why_changed(first, holding),
            INVESTIGATE,
            intact,
            intact + 1,
            first.size,
        )
    ]


def _why_changed(first: Sighting, holding: Sequence[Sighting]) -> str:
    if any(one.size >= first.size for one in holding):
        return (
            "it has a valid signature and contradicts another that holds: somebody with the signing key has "
            "written this history a second time"
        )
    return f"the Merkle root of the first {first.size} entries is not the one that was signed"


def _missing(beyond: Sequence[Sighting], holding: Sequence[Sighting], size: int) -> list[Problem]:
    """Entries that were signed and are gone; from the end, or from anywhere after what still holds."""
    if not beyond:
        return []
    largest = max(beyond, key=lambda one: one.size)
    intact = _intact(largest, holding)
    return [
        Problem(
            "evidence.short",
            "fail",
            largest.where,
            f"the log has {size} entries, {largest.where} covers {largest.size}: "
            f"{largest.size - size} of lines {intact + 1} to {largest.size} are missing",
            "a checkpoint is signed after its entries are on the disk, so they were there",
            INVESTIGATE,
            intact,
            intact + 1,
            largest.size,
        )
    ]


def _intact(broken: Sighting, holding: Sequence[Sighting]) -> int:
    """How many entries before a checkpoint that does not hold are as they were signed.

    One on this host that holds says nothing against one from elsewhere: it may have been signed anew.
    """
    trusted = [one.size for one in holding if one.outside or not broken.outside]
    return max((size for size in trusted if size < broken.size), default=0)


def _lines(intact: int, size: int) -> str:
    return f"line {size} was" if intact + 1 == size else f"something in lines {intact + 1} to {size} was"
