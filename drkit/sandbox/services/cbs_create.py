"""CBS 2017-03-12: making disks, empty or out of a snapshot; what that costs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from drkit.sandbox.regions import REGIONS
from drkit.sandbox.services.cbs_things import name, passing, tags, usable_snapshot, where
from drkit.sandbox.services.table import Actions, Call, every
from drkit.sandbox.wire.errors import ApiError, missing_parameter, not_emulated, wrong_value
from drkit.sandbox.world.events import pass_disk
from drkit.sandbox.world.things import PAY_AS_YOU_GO, SUBSCRIBED, Disk

if TYPE_CHECKING:
    from datetime import datetime

    from drkit.sandbox.world.things import Snapshot

ACTIONS = Actions("cbs", "2017-03-12")
# GiB at least, by type (document 362/2353); CLOUD_TSSD is sold with a host only.
SMALLEST = {"CLOUD_PREMIUM": 10, "CLOUD_BSSD": 20, "CLOUD_SSD": 20, "CLOUD_HSSD": 20}
LARGEST = 32000
AT_ONCE = 50
TOKEN_LENGTH = 64
PERIODS = frozenset({*range(1, 13), 24, 36})  # months
MONTH = 30  # days
DISKS_OF_EXTRA_PERFORMANCE = frozenset({"CLOUD_HSSD"})
UNAVAILABLE = ("AutoMountConfiguration", "DiskBackupQuota", "BurstPerformance")


@ACTIONS.add("CreateDisks", resources=[every("volume")])
def create_disks(call: Call) -> dict[str, Any]:
    """Begin disks; they are listed once they are there (document 362/16312)."""
    token = client_token(call)
    if token in call.world.tokens:
        return {"DiskIdSet": call.world.tokens[token]}
    for unavailable in UNAVAILABLE:
        if call.given(unavailable):
            raise not_emulated(f"the parameter `{unavailable}` of CreateDisks")
    made = [new_disk(call) for _ in range(count(call))]
    for disk in made:
        disk.id = call.world.new_id("disk")
        call.resources.disks[disk.id] = disk
        pass_disk(call.world, where(call), disk, passing(call, "CREATING"))
    found = [disk.id for disk in made]
    if token:
        call.world.tokens[token] = found
    return {"DiskIdSet": found}


def new_disk(call: Call) -> Disk:
    """A disk as the call wants it, without an id.

    Raises:
        ApiError: it cannot be made so.
    """
    source = snapshot_to_use(call)
    kind = disk_type(call)
    charge, expires = charging(call)
    throughput = call.given("ThroughputPerformance", 0)
    if throughput and kind not in DISKS_OF_EXTRA_PERFORMANCE:
        raise wrong_value("ThroughputPerformance", throughput)
    placement = call.given("Placement")
    return Disk(
        id="",
        name=name(call, "DiskName"),
        zone=zone(call, placement["Zone"]),
        usage="DATA_DISK",
        type=kind,
        size=size(call, kind, source),
        created=call.now,
        encrypted=encrypted(call) or (source is not None and source.encrypted),
        tags=tags(call.given("Tags", [])),
        charge=charge,
        expires=expires,
        renew=(call.given("DiskChargePrepaid") or {}).get("RenewFlag") or "NOTIFY_AND_MANUAL_RENEW",
        project=placement.get("ProjectId") or 0,
        shareable=bool(call.given("Shareable", default=False)),
        throughput=throughput,
        delete_snapshots=delete_snapshots(call),
        made_from=source.id if source else None,
    )


def client_token(call: Call) -> str:
    """Under what the ids of an idempotent call are kept; empty without a token."""
    token = call.given("ClientToken", "")
    if len(token) > TOKEN_LENGTH or not token.isascii():
        raise ApiError("InvalidParameter.InvalidClientToken", "The client token is not valid.")
    return f"{call.account.uin} {call.region} {token}" if token else ""


def count(call: Call) -> int:
    """How many disks are wanted."""
    wanted: int = call.given("DiskCount", 1)
    if not 1 <= wanted <= AT_ONCE:
        raise wrong_value("DiskCount", wanted, "InvalidParameterValue.LimitExceeded")
    return wanted


def zone(call: Call, wanted: str) -> str:
    """A zone of the region that is not sold out."""
    found = next((one for one in REGIONS[call.region].zones if one.name == wanted), None)
    if found is None:
        raise wrong_value("Placement.Zone", wanted)
    if found.sold_out:
        raise ApiError("ResourceInsufficient", f"The zone `{wanted}` is sold out.")
    return wanted


def disk_type(call: Call) -> str:
    """The type of disk."""
    wanted: str = call.given("DiskType")
    if wanted == "CLOUD_TSSD":
        raise ApiError("InvalidParameter.DiskConfigNotSupported", "CLOUD_TSSD is sold with a host only.")
    if wanted not in SMALLEST:
        raise wrong_value("DiskType", wanted)
    return wanted


def snapshot_to_use(call: Call) -> Snapshot | None:
    """The data snapshot that the disk is made of.

    Raises:
        ApiError: there is none, or it is of a system disk or not finished.
    """
    wanted = call.given("SnapshotId")
    if wanted is None:
        return None
    found = usable_snapshot(call, wanted)
    if found.disk_usage != "DATA_DISK":
        raise wrong_value("SnapshotId", wanted)
    if found.state(call.now) != "NORMAL":
        raise ApiError("ResourceBusy", f"The snapshot `{wanted}` is {found.state(call.now)}.")
    return found


def size(call: Call, kind: str, source: Snapshot | None) -> int:
    """GiB: as asked for, else those of the snapshot."""
    wanted: int | None = call.given("DiskSize", source.disk_size if source else None)
    if wanted is None:
        raise missing_parameter("DiskSize")
    least = source.disk_size if source else SMALLEST[kind]
    if not least <= wanted <= LARGEST:
        raise wrong_value("DiskSize", wanted)
    return wanted


def charging(call: Call) -> tuple[str, datetime | None]:
    """How a disk is paid for, and until when."""
    wanted = call.given("DiskChargeType")
    if wanted == PAY_AS_YOU_GO:
        return wanted, None
    if wanted == "CDCPAID":
        raise not_emulated("disks in exclusive clusters")
    if wanted != SUBSCRIBED:
        raise wrong_value("DiskChargeType", wanted)
    return wanted, call.now + timedelta(days=MONTH * period(call))


def period(call: Call) -> int:
    """For how many months a disk is paid in advance."""
    prepaid = call.given("DiskChargePrepaid")
    if prepaid is None:
        raise missing_parameter("DiskChargePrepaid")
    months: int = prepaid["Period"]
    if months not in PERIODS:
        raise wrong_value("DiskChargePrepaid.Period", months)
    return months


def prolonged(call: Call, until: datetime, months: int, code: str = "InvalidParameterValue") -> datetime:
    """When something is paid until that was paid until a time, and is paid for some more months."""
    if months not in PERIODS:
        raise wrong_value("Period", months, code)
    return max(until, call.now) + timedelta(days=MONTH * months)


def encrypted(call: Call) -> bool:
    """Whether an encrypted disk is wanted; a shareable one cannot be."""
    wanted = call.given("Encrypt")
    if wanted is None:
        return False
    if wanted != "ENCRYPT" or call.given("Shareable"):
        raise wrong_value("Encrypt", wanted)
    return True


def delete_snapshots(call: Call) -> bool:
    """Whether those snapshots of a disk that have a deadline die with it."""
    wanted = call.given("DeleteSnapshot", 0)
    if wanted not in {0, 1}:
        raise wrong_value("DeleteSnapshot", wanted)
    return bool(wanted)
