"""CVM 2017-03-12: new hosts with their disks."""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from drkit.sandbox.regions import REGIONS
from drkit.sandbox.services.cbs_create import LARGEST, MONTH, PERIODS
from drkit.sandbox.services.cbs_things import passing, usable_snapshot, where
from drkit.sandbox.services.cvm_images import custom, image_to_use, tags_of
from drkit.sandbox.services.table import Actions, Call, every
from drkit.sandbox.wire.errors import ApiError, missing_parameter, not_emulated, wrong_value
from drkit.sandbox.world.events import pass_instance
from drkit.sandbox.world.model import short_digest
from drkit.sandbox.world.things import PAY_AS_YOU_GO, SUBSCRIBED, Disk, Instance

if TYPE_CHECKING:
    from datetime import datetime

ACTIONS = Actions("cvm", "2017-03-12")
UNAVAILABLE = (
    *("LaunchTemplate", "ActionTimer", "HpcClusterId", "DedicatedClusterId", "ChcIds", "NetworkInterfaces"),
    *("CpuTopology", "EnableJumboFrame", "Metadata", "PartitionNumber", "MinCount", "InstanceMarketOptions"),
)
AT_ONCE = 500
NAME_LENGTH = 128
TOKEN_LENGTH = 64
DATA_DISKS = 20
TYPE = re.compile(r"[A-Z0-9]+\.(?:(SMALL|MEDIUM|LARGE)|([0-9]{0,3})XLARGE)([0-9]{1,5})")
CORES = {"SMALL": 1, "MEDIUM": 2, "LARGE": 4}
DEFAULT_TYPE = "S5.MEDIUM4"
SYSTEM_SIZE, SMALLEST_SYSTEM, SMALLEST_DATA = 50, 20, 10  # GiB
DISK_TYPES = frozenset(
    {"CLOUD_BASIC", "CLOUD_PREMIUM", "CLOUD_BSSD", "CLOUD_SSD", "CLOUD_HSSD", "CLOUD_TSSD"}
)
PATTERN = re.compile(r"\{R:([0-9]{1,9})(?:,F:([0-8]))?\}")


@ACTIONS.add("RunInstances", resources=[every("instance")])
def run_instances(call: Call) -> dict[str, Any]:
    """Begin hosts; they are PENDING, then RUNNING (document 213/15730)."""
    for one in UNAVAILABLE:
        if call.given(one):
            raise not_emulated(f"the parameter `{one}` of RunInstances")
    token = client_token(call)
    if token in call.world.tokens:
        return {"InstanceIdSet": call.world.tokens[token]}
    hosts = [new_host(call, number) for number in range(count(call))]
    disks = [new_disks(call, host) for host in hosts]
    if call.given("DryRun"):
        return {"InstanceIdSet": []}
    for host, held in zip(hosts, disks, strict=True):
        settle_in(call, host, held)
    made = [host.id for host in hosts]
    if token:
        call.world.tokens[token] = made
    return {"InstanceIdSet": made}


def settle_in(call: Call, host: Instance, disks: list[Disk]) -> None:
    """Put a host and its disks into the region, with ids and addresses."""
    host.id = call.world.new_id("ins")
    host.uuid = str(uuid.UUID(bytes=hashlib.sha256(host.id.encode()).digest()[:16], version=4))
    host.private_address = f"10.200.{call.world.made // 250 % 250}.{call.world.made % 250 + 2}"
    if host.public_address is not None:
        host.public_address = f"198.51.100.{call.world.made % 250 + 2}"
    call.resources.instances[host.id] = host
    for disk in disks:
        disk.id = call.world.new_id("disk")
        disk.instance = disk.last_instance = host.id
        call.resources.disks[disk.id] = disk
    pass_instance(call.world, where(call), host, passing(call, "PENDING", becomes="RUNNING"))


def client_token(call: Call) -> str:
    """Under what the ids of an idempotent call are kept; empty without a token."""
    token = call.given("ClientToken", "")
    if len(token) > TOKEN_LENGTH:
        raise ApiError("InvalidClientToken.TooLong", "The client token is too long.")
    return f"{call.account.uin} {call.region} {token}" if token else ""


def count(call: Call) -> int:
    """How many hosts are wanted."""
    wanted: int = call.given("InstanceCount", 1)
    if not 1 <= wanted <= AT_ONCE:
        raise wrong_value("InstanceCount", wanted, "InvalidParameterValue.Range")
    return wanted


def new_host(call: Call, number: int) -> Instance:
    """A host as the call wants it, without an id.

    Raises:
        ApiError: it cannot be made so.
    """
    placement = call.given("Placement")
    for name, value in (("Placement", placement), ("ImageId", call.given("ImageId"))):
        if value is None:
            raise missing_parameter(name)
    zone = zone_named(call, placement["Zone"])
    kind, cores, memory = hardware(call)
    charge, expires = charging(call)
    network = call.given("VirtualPrivateCloud", {})
    return Instance(
        id="",
        uuid="",
        name=host_name(call, number),
        zone=zone,
        type=kind,
        cpu=cores,
        memory=memory,
        created=call.now,
        vpc=network.get("VpcId") or f"vpc-{short_digest(f'default {call.region}')}",
        subnet=network.get("SubnetId") or f"subnet-{short_digest(f'default {zone}')}",
        security_groups=call.given("SecurityGroupIds", [f"sg-{short_digest(f'default {call.region}')}"]),
        private_address="",
        public_address="" if is_public(call) else None,
        tags=tags_of(call, "instance"),
        charge=charge,
        expires=expires,
        image=image_to_use(call, call.given("ImageId")),
        host_name=call.given("HostName", ""),
        cam_role=call.given("CamRoleName", ""),
        protected=bool(call.given("DisableApiTermination", default=False)),
        operation="RunInstances",
    )


def zone_named(call: Call, wanted: str) -> str:
    """A zone of the region of the call that is not sold out.

    Raises:
        ApiError: there is none of this name there, or nothing is left in it.
    """
    found = next((one for one in REGIONS[call.region].zones if one.name == wanted), None)
    if found is None:
        raise wrong_value("Placement.Zone", wanted, "InvalidZone.MismatchRegion")
    if found.sold_out:
        raise ApiError("ResourceInsufficient.AvailabilityZoneSoldOut", f"The zone `{wanted}` is sold out.")
    return wanted


def hardware(call: Call) -> tuple[str, int, int]:
    """Type, cores and GiB of memory: the type's name says them, ``S5.2XLARGE16``."""
    wanted: str = call.given("InstanceType", DEFAULT_TYPE)
    if "." not in wanted:
        raise wrong_value("InstanceType", wanted, "InvalidInstanceType.Malformed")
    match = TYPE.fullmatch(wanted)
    if match is None:
        raise wrong_value("InstanceType", wanted, "InvalidParameterValue.InstanceTypeNotFound")
    cores = CORES[match[1]] if match[1] else 4 * int(match[2] or 1)
    return wanted, cores, int(match[3])


def charging(call: Call) -> tuple[str, datetime | None]:
    """How a host is paid for, and until when."""
    wanted = call.given("InstanceChargeType", PAY_AS_YOU_GO)
    if wanted == PAY_AS_YOU_GO:
        return wanted, None
    if wanted in {"CDHPAID", "SPOTPAID", "CDCPAID"}:
        raise not_emulated(f"hosts that are {wanted}")
    if wanted != SUBSCRIBED:
        raise wrong_value("InstanceChargeType", wanted)
    prepaid = call.given("InstanceChargePrepaid")
    if prepaid is None:
        raise missing_parameter("InstanceChargePrepaid")
    if prepaid["Period"] not in PERIODS:
        raise wrong_value("InstanceChargePrepaid.Period", prepaid["Period"], "InvalidPeriod")
    return wanted, call.now + timedelta(days=MONTH * prepaid["Period"])


def host_name(call: Call, number: int) -> str:
    """The display name of the host of a number: by a pattern, or numbered where there are several."""
    wanted: str = call.given("InstanceName", "未命名" if call.chinese else "Unnamed")
    if len(wanted) > NAME_LENGTH:
        raise wrong_value("InstanceName", wanted, "InvalidInstanceName.TooLong")
    if PATTERN.search(wanted):
        return PATTERN.sub(lambda match: f"{int(match[1]) + number:0{int(match[2] or 0)}}", wanted)
    return f"{wanted}{number + 1}" if count(call) > 1 else wanted


def is_public(call: Call) -> bool:
    """Whether the host gets a public address: with bandwidth, unless that is not wanted."""
    wanted = call.given("InternetAccessible", {})
    assigned = wanted.get("PublicIpAssigned")
    return bool(wanted.get("InternetMaxBandwidthOut")) and assigned is not False


def new_disks(call: Call, host: Instance) -> list[Disk]:
    """The system disk, the data disks that are asked for, and those that come with the image."""
    given = call.given("DataDisks", [])
    if len(given) > DATA_DISKS:
        raise wrong_value("DataDisks", len(given), "InvalidParameterValue.LimitExceeded")
    system = call.given("SystemDisk", {})
    wanted_size = system.get("DiskSize") or SYSTEM_SIZE
    if not SMALLEST_SYSTEM <= wanted_size <= LARGEST:
        raise wrong_value("SystemDisk.DiskSize", wanted_size)
    first = disk(call, host, system, "SYSTEM_DISK", wanted_size)
    data = [data_disk(call, host, one) for one in given if one["DiskSize"]]
    return [first, *data, *(data_disk(call, host, one) for one in out_of_image(call, host.image))]


def out_of_image(call: Call, image: str) -> list[dict[str, Any]]:
    """The data disks that an image of a whole host brings, as the call would ask for them."""
    found = custom(call).get(image)
    parts = [call.resources.snapshot(one, call.now) for one in found.snapshots] if found else []
    return [
        {"DiskSize": one.disk_size, "SnapshotId": one.id}
        for one in parts
        if one and one.disk_usage == "DATA_DISK"
    ]


def data_disk(call: Call, host: Instance, wanted: dict[str, Any]) -> Disk:
    """A data disk, out of a snapshot where one is named."""
    size = wanted["DiskSize"]
    if not SMALLEST_DATA <= size <= LARGEST:
        raise wrong_value("DataDisks.DiskSize", size)
    made = disk(call, host, wanted, "DATA_DISK", size)
    made.encrypted = bool(wanted.get("Encrypt"))
    made.delete_with_instance = wanted.get("DeleteWithInstance") is not False and host.charge == PAY_AS_YOU_GO
    if wanted.get("SnapshotId"):
        try:
            snapshot = usable_snapshot(call, wanted["SnapshotId"])
        except ApiError as error:
            raise ApiError("InvalidParameter.SnapshotNotFound", error.message) from None
        if snapshot.disk_size > size:
            code = "FailedOperation.SnapshotSizeLargerThanDataSize"
            raise ApiError(code, f"The snapshot `{snapshot.id}` is larger than the disk.")
        made.made_from, made.encrypted = snapshot.id, made.encrypted or snapshot.encrypted
    return made


def disk(call: Call, host: Instance, wanted: dict[str, Any], usage: str, size: int) -> Disk:
    """A disk of a new host."""
    kind = wanted.get("DiskType") or "CLOUD_PREMIUM"
    if kind.startswith("LOCAL_"):
        raise not_emulated("local disks")
    if kind not in DISK_TYPES:
        raise wrong_value("DiskType", kind)
    title = wanted.get("DiskName") or f"{host.name}-{'system' if usage == 'SYSTEM_DISK' else 'data'}"
    made = Disk("", title, host.zone, usage, kind, size, call.now)
    made.tags = dict(host.tags)
    made.charge, made.expires = host.charge, host.expires
    return made
