"""Facts in files: written by `drkit collect`, read again without a cloud.

``facts.json`` names the moment, the places, and for each kind of things the file that holds them and how many
there are, or why they were not read. A file has one JSON object a line. Times of snapshots are two numbers,
the earliest and the latest that a stamp can mean, in seconds since 1970. What is not as it was written is Unread.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import orjson

from drkit.core.errors import UsageError
from drkit.core.files import sync_directory, write_whole
from drkit.core.times import text_of
from drkit.ports.automatic import AutomaticPolicy
from drkit.ports.columns import SnapshotColumns, field_of, moments, reading
from drkit.ports.disks import Disk, Snapshot
from drkit.ports.facts import Facts, Kind, RegionFacts, Scope, Unread
from drkit.ports.machines import Host, Volume

HEAD = "facts.json"
FORM = "drkit facts 1"
PLAIN = re.compile("[A-Za-z0-9_-]+")
Thing = TypeVar("Thing")


def write_facts(facts: Facts, directory: Path) -> None:
    """Save facts; the head comes last, so that what was broken off is no saved facts.

    Raises:
        OSError: a file cannot be written.
    """
    regions = []
    for region in facts.regions:
        place = directory / region.scope.account / region.scope.region
        place.mkdir(parents=True, exist_ok=True)
        read = {Kind.HOSTS: region.hosts, Kind.DISKS: region.disks, Kind.SNAPSHOTS: region.snapshots}
        kinds = {kind.value: _write(things, place / f"{kind}.jsonl") for kind, things in read.items()}
        kinds[Kind.POLICIES.value] = _write(region.policies, place / "policies.jsonl")
        regions.append({"account": region.scope.account, "region": region.scope.region, **kinds})
    head = {"form": FORM, "looked_at": text_of(facts.looked_at), "regions": regions}
    write_whole(directory / HEAD, orjson.dumps(head, option=orjson.OPT_INDENT_2), mode=0o600)


def _write(things: Iterable[Any] | Unread, path: Path) -> dict[str, Any]:
    """The lines of one kind, streamed; what the head says of them."""
    if isinstance(things, Unread):
        return {"unread": things.reason}
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    digest, count = hashlib.sha256(), 0
    try:
        with os.fdopen(handle, "wb") as stream:
            for count, thing in enumerate(things, 1):  # noqa: B007 - the last number is how many there are
                line = orjson.dumps(_as_data(thing)) + b"\n"
                digest.update(line)
                stream.write(line)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
    sync_directory(path.parent)
    return {"count": count, "sha256": digest.hexdigest()}


def _as_data(thing: Any) -> dict[str, Any]:
    match thing:
        case Snapshot():
            fields: dict[str, Any] = {name: getattr(thing, name) for name in Snapshot.__slots__}
            return {**fields, "created": moments(thing.created), "deadline": moments(thing.deadline)}
        case Disk():
            fields = {name: getattr(thing, name) for name in Disk.__slots__}
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
    try:
        head = orjson.loads((directory / HEAD).read_bytes())
        looked_at = _moment(head)
        regions = tuple(_region(directory, entry) for entry in head["regions"])
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(
            f"there are no saved facts in {directory}", hint="save some: drkit collect --to DIR"
        ) from None
    return Facts(looked_at, regions)


def _moment(head: Mapping[str, Any]) -> datetime:
    """When it was looked at.

    Raises:
        ValueError: the head is of another form.
    """
    looked_at = datetime.fromisoformat(head["looked_at"])
    if head["form"] != FORM or looked_at.tzinfo is None:
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
        snapshots=lines.read(Kind.SNAPSHOTS, _snapshots),
        policies=lines.read(Kind.POLICIES, lambda items: tuple(map(_policy, items))),
    )


class _Lines:
    """The files of one place, and what the head says of them."""

    def __init__(self, place: Path, entry: Mapping[str, Any]) -> None:
        self._place, self._entry = place, entry

    def read(self, kind: Kind, made: Callable[[Iterator[dict[str, Any]]], Thing]) -> Thing | Unread:
        """What a file's lines make, one line at a time."""
        said = self._entry[kind.value]
        if "unread" in said:
            return Unread(str(said["unread"]))
        digest = hashlib.sha256()
        try:
            with (self._place / f"{kind}.jsonl").open("rb") as stream:
                things = made(_items(stream, digest.update))
        except (OSError, ValueError, KeyError, TypeError) as error:
            return Unread(f"the saved {kind} cannot be read ({type(error).__name__})")
        return things if digest.hexdigest() == said["sha256"] else Unread(f"the saved {kind} were changed")


def _items(stream: Iterable[bytes], update: Callable[[bytes], object]) -> Iterator[dict[str, Any]]:
    for line in stream:
        update(line)
        yield orjson.loads(line)


def _host(item: dict[str, Any]) -> Host:
    return Host(**{**item, "volumes": tuple(Volume(**volume) for volume in item["volumes"])})


def _disk(item: dict[str, Any]) -> Disk:
    created = field_of(item["created"])
    return Disk(**{**item, "created": reading(*created) if created else None})


def _policy(item: dict[str, Any]) -> AutomaticPolicy:
    every = None if item["every"] is None else timedelta(seconds=item["every"])
    return AutomaticPolicy(**{**item, "every": every, "disks": tuple(item["disks"])})


def _snapshots(items: Iterable[dict[str, Any]]) -> SnapshotColumns:
    columns = SnapshotColumns()
    for item in items:
        columns.append_saved(item)
    return columns
