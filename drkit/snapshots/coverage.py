"""Which volumes have a good snapshot that is young enough, in every region promised.

It starts from hosts, not from disks and not from what automatic policies promise: a volume that no
snapshot can reach shows up as uncovered instead of not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from drkit.core.estate import OtherHost
from drkit.ports.columns import by_disk
from drkit.ports.disks import Disk, Snapshot
from drkit.ports.facts import Facts, RegionFacts, Scope, Unread
from drkit.ports.machines import Host, Volume
from drkit.snapshots.copied import Copies, copies
from drkit.snapshots.days import DAYS, MARKS, NOT, days_of
from drkit.snapshots.judging import Judgement, Status, Usable, fresh, judge_disk, usable, without_lendable
from drkit.snapshots.promises import Promises, promises

OTHER_HOSTS = {"none": Status.NONE, "impossible": Status.IMPOSSIBLE, "elsewhere": Status.UNKNOWN}


class Row(NamedTuple):
    """One volume and what can be said of it; a tuple, as `Snapshot` is.

    Args:
        account: empty for a host that the estate declares itself; its region is then where it is.
        host: the host's id; empty for a disk that is attached to none.
        disk: the disk's id; empty where the host names none.
        name: the host's or the disk's name, for people.
        snapshot: the id of the snapshot that decides, where there is one.
        age: its age in words; both readings where its zone is not known.
        seconds: the greatest age that it can have; None where there is none.
        state: the cloud's word for the state of the host, or of a disk without one.
        automatic: what automatic policies say, beside what there is.
        days: a mark for each of the last days, the oldest first, by `drkit.snapshots.days`.
    """

    account: str
    region: str
    host: str
    disk: str
    name: str
    status: Status
    why: str
    snapshot: str = ""
    age: str = ""
    seconds: int | None = None
    state: str = ""
    automatic: str = ""
    days: str = ""

    def as_data(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {**self._asdict(), "status": self.status.value}


@dataclass(frozen=True, slots=True)
class _Judged:
    """What is said of one disk, and what stands beside it."""

    judgement: Judgement
    automatic: str = ""
    days: str = ""


@dataclass(frozen=True, slots=True)
class Promised:
    """What every volume is promised.

    Args:
        younger_than: how old its newest good snapshot may be.
        copied_to: the regions in which one that young must have a copy.
        vaults: the accounts in which one that young must have a copy of its own.
        scopes: the places whose volumes are judged; all that were looked at, unless said.
    """

    younger_than: timedelta
    copied_to: Sequence[str] = ()
    scopes: frozenset[Scope] | None = None
    vaults: Sequence[str] = ()


def cover(facts: Facts, promised: Promised, hosts: Iterable[OtherHost] = ()) -> tuple[Row, ...]:
    """A row for every volume of every host, for every disk beside them, and for all that was unread.

    Args:
        facts: what the clouds answered.
        promised: what every volume is promised.
        hosts: the hosts of the estate that are in no account.
    """
    copied = copies(facts, promised.copied_to, promised.vaults)
    rows = [
        row
        for region in facts.regions
        if promised.scopes is None or region.scope in promised.scopes
        for row in _Region(region, facts.looked_at, promised, copied, promises(region.policies)).rows()
    ]
    return (*rows, *map(_other_host, hosts))


def _other_host(host: OtherHost) -> Row:
    status = OTHER_HOSTS[host.covered]
    why = f"the estate says that something else covers it, and nobody looked: {host.reason}"
    return Row(
        account="",
        region=host.where,
        host=host.name,
        disk="",
        name=host.name,
        status=status,
        why=why if status is Status.UNKNOWN else f"in no account of the estate: {host.reason}",
        days=MARKS.get(status, NOT) * DAYS,
    )


@dataclass(frozen=True, slots=True)
class _Region:
    region: RegionFacts
    at: datetime
    promised: Promised
    copies: Copies
    promises: Promises
    shared: dict[str, str] = field(default_factory=dict)
    """Sentences and days that many disks have in common, kept once."""

    def rows(self) -> Iterator[Row]:
        hosts, disks, snapshots = self.region.hosts, self.region.disks, self.region.snapshots
        unread = [read.reason for read in (hosts, disks, snapshots) if isinstance(read, Unread)]
        if isinstance(hosts, Unread) or isinstance(disks, Unread) or isinstance(snapshots, Unread):
            yield self._row(_said(Status.UNKNOWN, f"not read: {'; '.join(unread)}"))
            return
        of_disk = by_disk(snapshots)
        judged = {disk.id: self._disk(disk, of_disk(disk.id)) for disk in disks}
        yield from self._host_rows(hosts, judged)
        attached = {volume.disk for host in hosts for volume in host.volumes}
        for disk in disks:
            if disk.id not in attached:
                yield self._row(judged[disk.id], disk.host, disk.id, disk.name, disk.state)

    def _disk(self, disk: Disk, snapshots: Sequence[Snapshot]) -> _Judged:
        sources, younger_than = usable(snapshots, self.at), self.promised.younger_than
        found = without_lendable(sources)
        judgement = self._with_copies(judge_disk(disk, snapshots, found, self.at, younger_than), sources)
        marks = days_of(found, self.at, younger_than, made=disk.created, today=judgement.status)
        told = self.promises.told(disk.id, found.good, self.at)
        return _Judged(judgement, self._once(told), self._once(marks))

    def _once(self, text: str) -> str:
        return self.shared.setdefault(text, text)

    def _with_copies(self, judgement: Judgement, sources: Usable) -> Judgement:
        """A volume that is covered where it is, and not in a region that was promised, is not covered."""
        if judgement.status is not Status.COVERED or not self.copies.promised:
            return judgement
        young = fresh(sources, self.at, self.promised.younger_than)
        wrong = self.copies.missing(self.region.scope, young)
        if wrong is None:
            return judgement
        return Judgement(*wrong, judgement.snapshot, judgement.age, judgement.oldest)

    def _host_rows(self, hosts: Iterable[Host], judged: Mapping[str, _Judged]) -> Iterator[Row]:
        for host in hosts:
            if not host.volumes:
                told = _said(Status.UNKNOWN, "the cloud names none of its volumes")
                yield self._row(told, host.id, "", host.name, host.state)
            for volume in host.volumes:
                yield self._row(_volume(volume, judged), host.id, volume.disk, host.name, host.state)

    def _row(self, judged: _Judged, host: str = "", disk: str = "", name: str = "", state: str = "") -> Row:
        said = judged.judgement
        return Row(
            account=self.region.scope.account,
            region=self.region.scope.region,
            host=host,
            disk=disk,
            name=name,
            status=said.status,
            why=said.why,
            snapshot=said.snapshot,
            age=said.age,
            seconds=None if said.oldest is None else max(0, int(said.oldest.total_seconds())),
            state=state,
            automatic=judged.automatic,
            days=judged.days,
        )


def _said(status: Status, why: str) -> _Judged:
    return _Judged(Judgement(status, why), days=MARKS.get(status, NOT) * DAYS)


def _volume(volume: Volume, judged: Mapping[str, _Judged]) -> _Judged:
    """What is said of a volume that a host names."""
    if volume.local:
        return _said(Status.IMPOSSIBLE, "a local disk: no snapshot reaches it")
    if not volume.disk:
        return _said(Status.UNKNOWN, "its host has a volume and does not say which disk it is")
    found = judged.get(volume.disk)
    return found or _said(Status.UNKNOWN, "its host names this volume, the list of disks does not")
