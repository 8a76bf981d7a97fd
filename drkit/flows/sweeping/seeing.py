"""What is seen of things that may be scratch, with whichever credential reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from drkit.core.errors import AccountError
from drkit.core.times import Reading
from drkit.ports.cloud import Cloud
from drkit.ports.disks import Disk, SnapshotState
from drkit.ports.errors import CloudError
from drkit.ports.scratch import RUN_TAG, UNTIL_TAG


class ThingKind(StrEnum):
    """What can be scratch."""

    DISK = "disk"


@dataclass(frozen=True, slots=True)
class Hanging:
    """Something that was made of a thing."""

    id: str
    creating: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A region of an account as the cloud knows it.

    Args:
        account: the account's name in the estate.
        number: the account's number that the cloud confirmed.
    """

    account: str
    number: str
    region: str


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing, as the cloud shows it.

    Args:
        system: whether a host starts from it; None where the cloud did not say.
        host: the id of the host that it is attached to, empty where there is none.
        hanging: the snapshots that were made of it; None where they could not be read.
        created: None where the cloud gave no time, or one that nobody can read.
    """

    id: str
    kind: ThingKind
    place: Place
    name: str
    tags: Mapping[str, str]
    system: bool | None = False
    host: str = ""
    hanging: tuple[Hanging, ...] | None = ()
    created: Reading | None = None

    @property
    def run(self) -> str:
        """The run that its tag names."""
        return self.tags.get(RUN_TAG, "")


def see(cloud: Cloud, place: Place, id_: str) -> Thing | None:
    """One disk; None where there is none.

    Raises:
        CloudError: nobody can say.
    """
    found = cloud.disks.get_disks(place.region, [id_])
    return _thing(cloud, place, found[0]) if found else None


def see_marked(cloud: Cloud, place: Place) -> Iterator[Thing]:
    """Every disk of a region that bears one of drkit's marks, whoever put it there; raises as `see`."""
    for disk in cloud.disks.list_disks(place.region):
        if RUN_TAG in disk.tags or UNTIL_TAG in disk.tags:
            yield _thing(cloud, place, disk)


def _thing(cloud: Cloud, place: Place, disk: Disk) -> Thing:
    return Thing(
        id=disk.id,
        kind=ThingKind.DISK,
        place=place,
        name=disk.name,
        tags=disk.tags,
        system=disk.system,
        host=disk.host,
        hanging=_hanging(cloud, place, disk),
        created=disk.created,
    )


def _hanging(cloud: Cloud, place: Place, disk: Disk) -> tuple[Hanging, ...] | None:
    try:
        snapshots = cloud.disks.snapshots_of(place.region, disk.id)
    except (CloudError, AccountError):
        return None
    return tuple(Hanging(each.id, each.state is SnapshotState.CREATING) for each in snapshots)
