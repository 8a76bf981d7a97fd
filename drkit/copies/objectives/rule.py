"""The 3-2-1-1-0 rule: so many copies, in so many clouds, off-site, immutable, and no errors; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from drkit.core.datasets import Dataset
from drkit.core.estate import Estate
from drkit.core.verdicts import Outcome


class State(StrEnum):
    """What is known of a copy."""

    WHOLE = "whole"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Kept:
    """Whether a dataset's rule is kept.

    Args:
        counts: what is surely there of copies, clouds, off-site, immutable.
        why: what is not, in words; empty where all is.
        short: fewer are there than wanted even if all that is unknown were whole, or is wrong.
    """

    outcome: Outcome
    counts: tuple[int, int, int, int]
    errors: int
    why: str
    short: bool


NAMES = ("copies", "clouds", "off-site", "immutable")


def judge(dataset: Dataset, states: Mapping[str, State], estate: Estate, errors: int) -> Kept:
    """Hold a dataset's copies against its rule.

    A copy with objects missing or other than the reference's is no copy; one that could not be judged may be one.

    Args:
        dataset: with its rule.
        states: of each copy, by name.
        estate: whose accounts tell the clouds.
        errors: how many findings there are about it.
    """
    surely = _count(dataset, (name for name, state in states.items() if state is State.WHOLE), estate)
    # An error is in some of the objects: how many copies there are is another question, asked of what is there.
    there = _count(dataset, states, estate)
    short = [name for name, count, wanted in zip(NAMES, there, dataset.wanted, strict=True) if count < wanted]
    open_ = [
        name for name, count, wanted in zip(NAMES, surely, dataset.wanted, strict=True) if count < wanted
    ]
    why = []
    if short:
        why.append("too few: " + ", ".join(short))
    if errors:
        why.append(f"{errors} errors, where there may be none")
    if short or errors:
        return Kept(Outcome.FAIL, surely, errors, "; ".join(why), bool(short))
    unknown = [name for name, state in states.items() if state is State.UNKNOWN]
    if unknown:
        said = f"not judged: {', '.join(unknown)}" + (
            f"; so not surely enough {', '.join(open_)}" if open_ else ""
        )
        return Kept(Outcome.UNKNOWN, surely, errors, said, short=False)
    return Kept(Outcome.PASS, surely, errors, "", short=False)


def _count(dataset: Dataset, names: Iterable[str], estate: Estate) -> tuple[int, int, int, int]:
    counted = [dataset.copies[name] for name in names]
    reference = dataset.copies[dataset.reference]
    home = (estate.accounts[reference.account].cloud, reference.region)
    clouds = [estate.accounts[copy.account].cloud for copy in counted]
    offsite = sum((cloud, copy.region) != home for cloud, copy in zip(clouds, counted, strict=True))
    return len(counted), len(set(clouds)), offsite, sum(copy.immutable != "no" for copy in counted)


def told(kept: Kept, rule: str) -> dict[str, Any]:
    """Plain data for rows and pages."""
    return {
        "rule": rule,
        "kept": kept.outcome.value,
        **dict(zip(NAMES, kept.counts, strict=True)),
        "why": kept.why,
    }
