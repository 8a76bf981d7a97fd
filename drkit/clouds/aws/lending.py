"""Elastic Block Store, API 2016-11-15 of EC2: snapshots are shared with other accounts, and copied by them.

ModifySnapshotAttribute: in the snapshot's region, with whom its `createVolumePermission` names; whoever that is may
copy it as well (EBS User Guide, "Share an Amazon EBS snapshot", "Copy an Amazon EBS snapshot"). What is encrypted with
the account's default key is shared with nobody; with another key only whoever may use that key can copy it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from drkit.clouds.aws.client import garbled
from drkit.clouds.aws.disks import (
    COPY_SNAPSHOT,
    DESCRIBE_SNAPSHOT_ATTRIBUTE,
    DESCRIBE_SNAPSHOTS,
    id_of,
    tagged,
)
from drkit.clouds.aws.machines import NAME_TAG, VERSION
from drkit.clouds.aws.times import DELETE_AFTER_TAG
from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.fields import items_of, text
from drkit.clouds.tencent.retry import Caller
from drkit.core.times import text_of

MODIFY = Call("ec2", VERSION, "ModifySnapshotAttribute", writes=True, powers=(Power.DESTROY,))
PERMISSION = "createVolumePermission"


class AwsLending:
    """The lending port."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def lend(self, region: str, snapshot: str, account: str) -> None:
        """Add one account to whom may use one snapshot."""
        self._modify(region, snapshot, account, "add")

    def take_back(self, region: str, snapshot: str, account: str) -> None:
        """Remove that account; one that is not there is no error."""
        self._modify(region, snapshot, account, "remove")

    def lent_to(self, region: str, snapshot: str) -> frozenset[str]:
        """By DescribeSnapshotAttribute, which has no pages; what is public is lent to the group `all`."""
        call = DESCRIBE_SNAPSHOT_ATTRIBUTE.at(region)
        answer = self._caller.call(call, {"SnapshotId": snapshot, "Attribute": PERMISSION})
        if not isinstance(answer.get("CreateVolumePermissions"), list):
            raise garbled(call, "the answer says nothing of who may use it")
        items = items_of(answer, "CreateVolumePermissions")
        return frozenset(text(item, "UserId") or text(item, "Group") for item in items)

    def copy_lent(
        self,
        region: str,
        snapshot: str,
        *,
        to: str,
        name: str,
        deadline: datetime,
        tags: Mapping[str, str],
    ) -> str:
        """CopySnapshot, asked of the region that it goes to; the copy bears its tags and its deadline from the start.

        Of what is encrypted it is encrypted with the default key of the account that makes it.
        """
        call = COPY_SNAPSHOT.at(to)
        written = {**tags, NAME_TAG: name, DELETE_AFTER_TAG: text_of(deadline)}
        wanted = {
            "SourceRegion": region,
            "SourceSnapshotId": snapshot,
            "TagSpecifications": tagged("snapshot", written),
        }
        return id_of(call, self._caller.call(call, wanted), "SnapshotId")

    def said_of(self, region: str, snapshot: str) -> str:
        """`StateMessage`: a copy that may not use a key is begun, and ends in the state `error`."""
        call = DESCRIBE_SNAPSHOTS.at(region)
        wanted = {"OwnerIds": ["self"], "Filters": [{"Name": "snapshot-id", "Values": [snapshot]}]}
        found = items_of(self._caller.call(call, wanted), "Snapshots")
        return text(found[0], "StateMessage") if found else ""

    def _modify(self, region: str, snapshot: str, account: str, operation: str) -> None:
        wanted: dict[str, Any] = {"SnapshotId": snapshot, "Attribute": PERMISSION}
        self._caller.call(MODIFY.at(region), {**wanted, "OperationType": operation, "UserIds": [account]})
