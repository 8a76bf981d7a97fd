"""Facts in files: written by `drkit collect`, read again without a cloud.

``facts.json`` names the moment, the places, and for each kind of things the file that holds them and how many
there are, or why they were not read; and the same of who there is in each account. A file has one JSON object a
line: a thing, or some hundred snapshots field by field (`drkit.ports.columns.in_batches`). Times are two numbers,
the earliest and the latest that a stamp can mean, in seconds since 1970. What is not as it was written is Unread.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator, Mapping, Sized
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import orjson

from drkit.core.errors import UsageError
from drkit.core.files import write_whole
from drkit.core.times import text_of
from drkit.flows.saved_identities import read_saved, write_identities
from drkit.flows.saved_lines import read_lines, write_lines
from drkit.ports.automatic import AutomaticPolicy
from drkit.ports.columns import SnapshotColumns, in_batches, moments, reading
from drkit.ports.disks import Disk
from drkit.ports.facts import Facts, Kind, RegionFacts, Scope, Unread
from drkit.ports.machines import Host, Volume

HEAD = "facts.json"
FORM = "drkit facts 2"
FORMS = (FORM, "drkit facts 1")  # which had each snapshot on a line of its own
RARELY = 100_000
PLAIN = re.compile("[A-Za-z0-9_-]+")
Things = TypeVar("Things", bound=Sized)


def write_facts(facts: Facts, directory: Path) -> None:
    """Save facts; the head comes last, so that what was broken off is no saved facts.

    Raises:
        OSError: a file cannot be written.
    """
    regions = [write_region(region, directory) for region in facts.regions]
    accounts = [write_identities(each, directory) for each in facts.identities]
    write_head(directory, HEAD, head_of(text_of(facts.looked_at), regions, accounts))


def head_of(looked_at: str, regions: list[dict[str, Any]], accounts: list[dict[str, Any]]) -> dict[str, Any]:
    """What the head says."""
    return {"form": FORM, "looked_at": looked_at, "regions": regions, "identities": accounts}


def write_head(directory: Path, name: str, head: dict[str, Any]) -> None:
    """Write a head in place of the one before.

    Raises:
        OSError: it cannot be written.
    """
    write_whole(directory / name, orjson.dumps(head, option=orjson.OPT_INDENT_2), mode=0o600)


def write_region(region: RegionFacts, directory: Path) -> dict[str, Any]:
    """Save one region; what the head says of it.

    Raises:
        OSError: a file cannot be written.
    """
    place = directory / region.scope.account / region.scope.region
    place.mkdir(parents=True, exist_ok=True)
    snapshots = region.snapshots if isinstance(region.snapshots, Unread) else in_batches(region.snapshots)
    kinds = {
        Kind.HOSTS: write_lines(region.hosts, place / "hosts.jsonl", asdict),
        Kind.DISKS: write_lines(region.disks, place / "disks.jsonl", _as_data),
        Kind.SNAPSHOTS: write_lines(snapshots, place / "snapshots.jsonl", dict, _snapshots_in),
        Kind.POLICIES: write_lines(region.policies, place / "policies.jsonl", _as_data),
    }
    told = {kind.value: said for kind, said in kinds.items()}
    return {"account": region.scope.account, "region": region.scope.region, **told}


def _snapshots_in(batch: Mapping[str, Any]) -> int:
    return len(batch["id"])


def _as_data(thing: Any) -> dict[str, Any]:
    match thing:
        case Disk():
            fields: dict[str, Any] = {name: getattr(thing, name) for name in Disk.__slots__}
            return {**fields, "created": moments(thing.created)}
        case AutomaticPolicy():
            every = None if thing.every is None else thing.every.total_seconds()
            return {**asdict(thing), "every": every}
        case _:
            return asdict(thing)


def read_facts(directory: Path) -> Facts:
    """Facts as they were saved; a file that is not as it was written is Unread.

    Raises:
        UsageError: there are none.
    """
    gc.set_threshold(RARELY)  # what is read stays, and has no cycles
    try:
        head = orjson.loads((directory / HEAD).read_bytes())
        looked_at = _moment(head)
        regions = tuple(_region(directory, entry) for entry in head["regions"])
        accounts = tuple(read_saved(directory, entry) for entry in head.get("identities", ()))
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(
            f"there are no saved facts in {directory}", hint="save some: drkit collect --to DIR"
        ) from None
    return Facts(looked_at, regions, accounts)


def _moment(head: Mapping[str, Any]) -> datetime:
    """When it was looked at.

    Raises:
        ValueError: the head is of another form.
    """
    looked_at = datetime.fromisoformat(head["looked_at"])
    if head["form"] not in FORMS or looked_at.tzinfo is None:
        raise ValueError(head["form"])
    return looked_at


def _region(directory: Path, entry: Mapping[str, Any]) -> RegionFacts:
    scope = Scope(entry["account"], entry["region"])
    if not (PLAIN.fullmatch(scope.account) and PLAIN.fullmatch(scope.region)):
        raise ValueError(f"{scope} is no place")  # and no way out of the directory
    lines = _Lines(directory / scope.account / scope.region, entry)
    return RegionFacts(
        scope,
        hosts=lines.read(Kind.HOSTS, lambda items: tuple(map(_host, items))),
        disks=lines.read(Kind.DISKS, lambda items: tuple(map(_disk, items))),
        snapshots=lines.read(Kind.SNAPSHOTS, SnapshotColumns.from_saved),
        policies=lines.read(Kind.POLICIES, lambda items: tuple(map(_policy, items))),
    )


class _Lines:
    """The files of one place, and what the head says of them."""

    def __init__(self, place: Path, entry: Mapping[str, Any]) -> None:
        self._place, self._entry = place, entry

    def read(self, kind: Kind, made: Callable[[Iterator[dict[str, Any]]], Things]) -> Things | Unread:
        """What a file's lines make, one line at a time."""
        return read_lines(self._place / f"{kind}.jsonl", self._entry[kind.value], made)


def _host(item: dict[str, Any]) -> Host:
    item["volumes"] = tuple(Volume(**volume) for volume in item["volumes"])
    return Host(**item)


def _disk(item: dict[str, Any]) -> Disk:
    item["created"] = reading(item["created"])
    return Disk(**item)


def _policy(item: dict[str, Any]) -> AutomaticPolicy:
    every = None if item["every"] is None else timedelta(seconds=item["every"])
    return AutomaticPolicy(**{**item, "every": every, "disks": tuple(item["disks"])})
