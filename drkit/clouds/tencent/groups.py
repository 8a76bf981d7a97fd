"""Cloud Block Storage, API 2017-03-12: snapshot groups, disks of one host at one moment.

CreateSnapshotGroup (362/116249) takes no deadline, names its snapshots ``NAME_0``, ``NAME_1`` and so on, and says of
its tags that they are the group's. So what each snapshot is to bear it gets afterwards, from whoever may set deadlines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.fields import text
from drkit.clouds.tencent.paging import read_all
from drkit.clouds.tencent.retry import Caller
from drkit.ports.disks import Group, Snapshot
from drkit.ports.errors import RefusedError, UncertainError

VERSION = "2017-03-12"
CREATE_GROUP = Call("cbs", VERSION, "CreateSnapshotGroup", writes=True, powers=(Power.MAKE,))
DESCRIBE_GROUPS = Call("cbs", VERSION, "DescribeSnapshotGroups", powers=(Power.MAKE, Power.DESTROY))
LONGEST_NAME = 60  # characters of a snapshot's name (CreateSnapshot, 362/15648)
NUMBERED = 3  # characters that the cloud puts behind the group's name

Members = Callable[[str, list[str]], tuple[Snapshot, ...]]
"""Snapshots of a region by their ids."""


def create_group(
    caller: Caller, region: str, disks: Iterable[str], name: str, tags: Mapping[str, str]
) -> str:
    """CreateSnapshotGroup; the group's id.

    Raises:
        CloudError: it is not known to have begun.
    """
    if len(name) > LONGEST_NAME - NUMBERED:
        told = f"no group can have the name {name}: its snapshots' names would be too long"
        raise RefusedError(told, code="NameTooLong")
    wanted = sorted(disks)
    answer = caller.call(
        CREATE_GROUP.at(region),
        {
            "DiskIds": wanted,
            "SnapshotGroupName": name,
            "Tags": [{"Key": key, "Value": value} for key, value in sorted(tags.items())],
        },
    )
    if not (id_ := text(answer, "SnapshotGroupId")):
        told = f"{CREATE_GROUP} of {', '.join(wanted)}: the answer names no group"
        raise UncertainError(told, code="Garbled")
    return id_


def find_groups(caller: Caller, region: str, filter_: str, value: str, members: Members) -> tuple[Group, ...]:
    """DescribeSnapshotGroups (362/116247) by one filter, with the snapshots of each as they are now."""
    wanted = {"Filters": [{"Name": filter_, "Values": [value]}]}
    items = read_all(caller, DESCRIBE_GROUPS.at(region), "SnapshotGroupSet", "SnapshotGroupId", wanted)
    ids = {text(item, "SnapshotGroupId"): _members(item) for item in items}
    found = {each.id: each for each in members(region, [id_ for some in ids.values() for id_ in some])}
    return tuple(
        Group(
            text(item, "SnapshotGroupId"),
            text(item, "SnapshotGroupName"),
            tuple(found[id_] for id_ in ids[text(item, "SnapshotGroupId")] if id_ in found),
        )
        for item in items
    )


def _members(item: dict[str, Any]) -> list[str]:
    listed = item.get("SnapshotIdSet")
    return [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []


def adoption(snapshot: str, name: str, deadline: datetime) -> dict[str, Any]:
    """What ModifySnapshotAttribute (362/15650) is told, so that name and deadline are set in one call or not at all."""
    return {
        "SnapshotId": snapshot,
        "SnapshotName": name,
        "IsPermanent": False,
        "Deadline": deadline.astimezone(UTC).isoformat(timespec="seconds"),
    }
