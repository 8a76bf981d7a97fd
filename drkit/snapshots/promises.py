"""What the cloud's automatic policies say of a disk, beside what its snapshots show; never believed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from drkit.core.configuration.types import format_duration
from drkit.core.times import hours
from drkit.ports.automatic import AutomaticPolicy
from drkit.ports.disks import Snapshot
from drkit.ports.facts import Unread


@dataclass(frozen=True, slots=True)
class Promises:
    """The automatic policies of a region, by what they are bound to."""

    read: bool
    known: Mapping[str, AutomaticPolicy]
    by_disk: Mapping[str, Sequence[AutomaticPolicy]]

    def told(self, disk: str, good: Iterable[Snapshot], at: datetime) -> str:
        """Each policy that has a disk, or made a good snapshot of it, with what it says and what there is."""
        return "; ".join(self._sentences(disk, good, at))

    def _sentences(self, disk: str, good: Iterable[Snapshot], at: datetime) -> Iterator[str]:
        bound = self.by_disk.get(disk, ())
        newest = _newest(good, at)
        for policy in bound:
            yield f"{policy.id} {_said(policy)}, {_shown(newest.get(policy.id))}"
        for id_, age in newest.items() if self.read else ():
            if id_ not in {policy.id for policy in bound}:
                what = "does not have this disk" if id_ in self.known else "is gone"
                yield f"{id_} {what}, {_shown(age)}"


def promises(policies: Iterable[AutomaticPolicy] | Unread) -> Promises:
    """By disk; of what was not read nothing is told here, since the facts say so themselves."""
    if isinstance(policies, Unread):
        return Promises(read=False, known={}, by_disk={})
    known = {policy.id: policy for policy in policies}
    by_disk: dict[str, list[AutomaticPolicy]] = defaultdict(list)
    for policy in known.values():
        for disk in policy.disks:
            by_disk[disk].append(policy)
    return Promises(read=True, known=known, by_disk=by_disk)


def _newest(snapshots: Iterable[Snapshot], at: datetime) -> dict[str, str]:
    """By policy, the age in words of the newest good snapshot that it made."""
    made: dict[str, list[Snapshot]] = defaultdict(list)
    for snapshot in snapshots:
        if snapshot.policy:
            made[snapshot.policy].append(snapshot)
    return {id_: _age(each, at) for id_, each in sorted(made.items())}


def _age(snapshots: Iterable[Snapshot], at: datetime) -> str:
    ages = [each.created.age(at)[1] for each in snapshots if each.created is not None]
    return f"{hours(min(ages))} old" if ages else "of an age that cannot be read"


def _said(policy: AutomaticPolicy) -> str:
    if policy.active is False:
        return "is off"
    if policy.every is None:
        return "says no time that can be read"
    return f"says every {format_duration(policy.every)}"


def _shown(age: str | None) -> str:
    return f"the newest good snapshot by it is {age}" if age else "there is no good snapshot by it"
