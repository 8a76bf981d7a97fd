"""Cloud Block Storage, API 2017-03-12: snapshots are shared with other accounts.

ModifySnapshotsSharePermission (362/38073): data disks alone, in the same region, with 50 accounts at most; whoever
a snapshot is shared with can make disks of it, and nothing else. CAM has no word for *whom* a snapshot may be shared
with, so the role that the broker assumes has this call, and no other credential: docs/policies.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NoReturn

from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.fields import items_of, text
from drkit.clouds.tencent.retry import Caller
from drkit.ports.errors import RefusedError, UncertainError

VERSION = "2017-03-12"
SHARE = Call("cbs", VERSION, "ModifySnapshotsSharePermission", writes=True, powers=(Power.DESTROY,))
SHARED_WITH = Call("cbs", VERSION, "DescribeSnapshotSharePermission", powers=(Power.DESTROY,))


class TencentLending:
    """The lending port."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def lend(self, region: str, snapshot: str, account: str) -> None:
        """Share one snapshot with one account."""
        self._modify(region, snapshot, account, "SHARE")

    def take_back(self, region: str, snapshot: str, account: str) -> None:
        """Share it with that account no longer."""
        self._modify(region, snapshot, account, "CANCEL")

    def lent_to(self, region: str, snapshot: str) -> frozenset[str]:
        """By DescribeSnapshotSharePermission (362/38074), which has no pages: 50 accounts are the most."""
        answer = self._caller.call(SHARED_WITH.at(region), {"SnapshotId": snapshot})
        if not isinstance(answer.get("SharePermissionSet"), list):
            raise UncertainError(f"{SHARED_WITH} of {snapshot}: the answer has no list", code="Garbled")
        return frozenset(text(item, "AccountId") for item in items_of(answer, "SharePermissionSet"))

    def copy_lent(
        self,
        region: str,
        snapshot: str,
        *,
        to: str,
        name: str,
        deadline: datetime,  # noqa: ARG002 - the port's arguments, of which nothing is made
        tags: Mapping[str, str],  # noqa: ARG002
    ) -> NoReturn:
        """Refused: of a shared snapshot only disks can be made (362/38073)."""
        what = f"{name} in {to} is not copied from {snapshot} in {region}"
        raise RefusedError(f"{what}: CBS copies no snapshot of another account", code="NotCopied")

    def said_of(self, region: str, snapshot: str) -> str:  # noqa: ARG002
        """CBS says nothing: a snapshot has a state, and no words for it (362/15669, data type Snapshot)."""
        return ""

    def _modify(self, region: str, snapshot: str, account: str, permission: str) -> None:
        wanted = {"SnapshotIds": [snapshot], "AccountIds": [account], "Permission": permission}
        self._caller.call(SHARE.at(region), wanted)
