"""What a step reads that no region answers: files of this host, lists of buckets, its own records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drkit.core.actions import Action
from drkit.core.times import Clock

if TYPE_CHECKING:
    from drkit.ports.cloud import Cloud


@dataclass(frozen=True, slots=True)
class Approved:
    """An action that other people approved, once, and that no run has used.

    Args:
        id: of the approval.
        people: who approved it.
    """

    id: str
    people: tuple[str, ...]
    action: Action


@dataclass(frozen=True, slots=True)
class Room:
    """Where a step reads.

    Args:
        state: the estate's state directory; a step keeps its records under its own promise's name there.
        run: the run's id: what was read for it need not be read again.
        since: when the run began, to the second.
        clouds: opened to look, by the account's name in the estate.
        entries: what the evidence tells so far, from its first entry.
        approved: the approved actions of a verb.
    """

    state: Path
    run: str
    since: datetime
    clouds: Mapping[str, Cloud]
    clock: Clock
    progress: Callable[[str], None]
    entries: Callable[[], Iterable[Mapping[str, Any]]]
    approved: Callable[[str], tuple[Approved, ...]]


@dataclass(frozen=True, slots=True)
class Read:
    """What was read.

    Args:
        data: what `Step.conclude` finds as ``facts.read``.
        used: ids of the approvals that it rests on; each is spent once the conclusion is in the evidence.
    """

    data: Any
    used: frozenset[str] = frozenset()
