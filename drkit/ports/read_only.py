"""A cloud that can only be looked at: what was opened to look cannot act, whatever its credential may."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn

from drkit.ports.errors import RefusedError

if TYPE_CHECKING:
    from drkit.ports.automatic import Automatic
    from drkit.ports.cloud import Cloud
    from drkit.ports.disks import Disk, Disks, Group, Snapshot
    from drkit.ports.identities import People
    from drkit.ports.identity import Identity
    from drkit.ports.machines import Machines
    from drkit.ports.objects import Objects


class ReadOnlyDisks:
    """Disks whose every write is refused before it is sent."""

    def __init__(self, disks: Disks) -> None:
        self._disks = disks

    def list_disks(self, region: str) -> tuple[Disk, ...]:
        """As the disks that are looked at."""
        return self._disks.list_disks(region)

    def list_snapshots(self, region: str) -> tuple[Snapshot, ...]:
        """As the disks that are looked at."""
        return self._disks.list_snapshots(region)

    def get_snapshots(self, region: str, ids: Iterable[str]) -> tuple[Snapshot, ...]:
        """As the disks that are looked at."""
        return self._disks.get_snapshots(region, ids)

    def find_snapshots(self, region: str, disk: str, name: str) -> tuple[Snapshot, ...]:
        """As the disks that are looked at."""
        return self._disks.find_snapshots(region, disk, name)

    def get_disks(self, region: str, ids: Iterable[str]) -> tuple[Disk, ...]:
        """As the disks that are looked at."""
        return self._disks.get_disks(region, ids)

    def find_disks(self, region: str, name: str) -> tuple[Disk, ...]:
        """As the disks that are looked at."""
        return self._disks.find_disks(region, name)

    def snapshots_of(self, region: str, disk: str) -> tuple[Snapshot, ...]:
        """As the disks that are looked at."""
        return self._disks.snapshots_of(region, disk)

    def create_disk(self, region: str, snapshot: str, **_more: object) -> NoReturn:
        """Refused."""
        raise RefusedError(
            f"a disk from {snapshot} in {region} was asked of what was opened to look only", code="ReadOnly"
        )

    def attach_disk(self, region: str, disk: str, host: str) -> NoReturn:
        """Refused."""
        raise _look_only(f"that {disk} in {region} hangs on {host}")

    def detach_disk(self, region: str, disk: str, host: str) -> NoReturn:
        """Refused."""
        raise _look_only(f"that {disk} in {region} hangs on {host} no longer")

    def delete_disk(self, region: str, disk: str) -> NoReturn:
        """Refused."""
        raise RefusedError(
            f"the end of {disk} in {region} was asked of what was opened to look only", code="ReadOnly"
        )

    def create_snapshot(
        self,
        region: str,
        disk: str,
        *,
        name: str,  # noqa: ARG002 - the port's arguments, of which nothing is made
        deadline: datetime,  # noqa: ARG002
        tags: Mapping[str, str],  # noqa: ARG002
        lendable: bool = False,  # noqa: ARG002
    ) -> NoReturn:
        """Refused."""
        raise RefusedError(
            f"a snapshot of {disk} in {region} was asked of what was opened to look only", code="ReadOnly"
        )

    def find_copies(self, region: str, name: str) -> tuple[Snapshot, ...]:
        """As the disks that are looked at."""
        return self._disks.find_copies(region, name)

    def copy_snapshot(self, region: str, snapshot: str, *, to: str, name: str) -> NoReturn:  # noqa: ARG002
        """Refused."""
        raise RefusedError(
            f"a copy of {snapshot} of {region} in {to} was asked of what was opened to look only",
            code="ReadOnly",
        )

    def create_group(self, region: str, host: str, disks: Iterable[str], **_more: object) -> NoReturn:
        """Refused."""
        raise _look_only(f"a snapshot of {', '.join(disks)} of {host} in {region}")

    def find_groups(self, region: str, name: str) -> tuple[Group, ...]:
        """As the disks that are looked at."""
        return self._disks.find_groups(region, name)

    def adopt_snapshot(self, region: str, snapshot: str, **_more: object) -> NoReturn:
        """Refused."""
        raise _look_only(f"another name and deadline of {snapshot} in {region}")

    def group_of(self, region: str, snapshot: str) -> Group | None:
        """As the disks that are looked at."""
        return self._disks.group_of(region, snapshot)

    def delete_snapshot(self, region: str, snapshot: str) -> NoReturn:
        """Refused."""
        raise RefusedError(
            f"the end of {snapshot} in {region} was asked of what was opened to look only", code="ReadOnly"
        )

    def extend_snapshot(self, region: str, snapshot: str, deadline: datetime) -> NoReturn:  # noqa: ARG002
        """Refused."""
        raise _look_only(f"another deadline of {snapshot} in {region}")

    def tag_snapshot(self, region: str, snapshot: str, key: str, value: str) -> NoReturn:  # noqa: ARG002
        """Refused."""
        raise _look_only(f"the tag {key} on {snapshot} in {region}")

    def untag_snapshot(self, region: str, snapshot: str, key: str) -> NoReturn:
        """Refused."""
        raise _look_only(f"the end of the tag {key} of {snapshot} in {region}")


def _look_only(what: str) -> RefusedError:
    return RefusedError(f"{what} was asked of what was opened to look only", code="ReadOnly")


class ReadOnlyCloud:
    """One account that can only be looked at."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self.disks: Disks = ReadOnlyDisks(cloud.disks)

    @property
    def machines(self) -> Machines:
        """Hosts: that port has no writes."""
        return self._cloud.machines

    @property
    def identity(self) -> Identity:
        """Who the credential belongs to."""
        return self._cloud.identity

    @property
    def people(self) -> People:
        """Who there is, and who may do what: that port has no writes."""
        return self._cloud.people

    @property
    def objects(self) -> Objects | None:
        """Objects of buckets: that port has no writes yet."""
        return self._cloud.objects

    @property
    def automatic(self) -> Automatic | None:
        """Automatic policies: that port has no writes."""
        return self._cloud.automatic

    @property
    def lending(self) -> None:
        """Nothing is lent with it."""
        return
