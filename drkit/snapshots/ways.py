"""How each cloud lets another account make a copy of its own of a snapshot that is lent to it; data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Way:
    """What is done between a loan and its end.

    Args:
        directly: the snapshot itself is copied; otherwise a disk is made of it, and a snapshot of that disk.
        system: a snapshot of a system disk is lent as any other; otherwise one is made that can be lent.
        at_once: how many copies the cloud makes in one region at the same time; None where it says no number.
    """

    directly: bool
    system: bool
    at_once: int | None = None


WAYS: Mapping[str, Way] = MappingProxyType(
    {
        # 362/38073: of a shared snapshot disks can be made, and data disks' alone are shared.
        "tencent": Way(directly=False, system=False),
        # EBS User Guide, "Copy an Amazon EBS snapshot": "including shared snapshots", up to twenty to one region.
        "aws": Way(directly=True, system=True, at_once=20),
    }
)
"""By the cloud's name in an estate."""
