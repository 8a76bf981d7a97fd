"""A company that runs shops for others: 40 hosts and 60 disks in Beijing and Shanghai.

Its daily snapshots once came from an automatic policy that somebody deleted: about half of the attached disks
have one or two snapshots, three and four days old, and nothing younger.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from drkit.sandbox.seeds import people
from drkit.sandbox.seeds.people import ACCOUNT
from drkit.sandbox.world.bastion import BLOCKED, EXECUTED, Session, Typed
from drkit.sandbox.world.model import Disk, Instance, Snapshot, World, short_digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drkit.sandbox.world.model import Resources

POLICY = f"asp-{short_digest('daily at two')}"
FOUNDED = datetime(2021, 3, 15, 2, 0, tzinfo=UTC)

ESTATE = """\
# Written by `drkit sandbox up` for the seed of the sandbox, and written anew each time.
estate: weimob
accounts:
  production:
    cloud: tencent
    account: "100000000001"
    environment: production
    regions: [ap-beijing, ap-shanghai]
    credentials: {look: DRKIT_LOOK, make: DRKIT_MAKE}
"""


@dataclass(frozen=True, slots=True)
class Role:
    """Hosts of one service; each of ``data`` is the size in GiB of a data disk that each of them has."""

    service: str
    hosts: int
    type: str
    cpu: int
    memory: int
    disk_type: str
    data: tuple[int, ...] = ()


# 40 hosts, 16 attached data disks, spread over the zones of the two regions in turn.
ROLES = (
    Role("gateway", 4, "S5.LARGE8", 4, 8, "CLOUD_PREMIUM"),
    Role("storefront", 6, "S5.2XLARGE16", 8, 16, "CLOUD_PREMIUM"),
    Role("orders", 5, "S5.2XLARGE16", 8, 16, "CLOUD_PREMIUM"),
    Role("members", 4, "S5.LARGE8", 4, 8, "CLOUD_PREMIUM"),
    Role("payments", 3, "S5.LARGE8", 4, 8, "CLOUD_BSSD"),
    Role("marketing", 2, "S5.LARGE8", 4, 8, "CLOUD_PREMIUM"),
    Role("mysql", 5, "S5.4XLARGE64", 16, 64, "CLOUD_BSSD", (1000, 500)),
    Role("redis", 3, "S5.2XLARGE32", 8, 32, "CLOUD_BSSD"),
    Role("kafka", 3, "S5.2XLARGE32", 8, 32, "CLOUD_BSSD", (1000,)),
    Role("search", 3, "S5.2XLARGE32", 8, 32, "CLOUD_BSSD", (500,)),
    Role("cos-gateway", 1, "S5.LARGE8", 4, 8, "CLOUD_PREMIUM"),
    Role("jump-host", 1, "S5.MEDIUM4", 2, 4, "CLOUD_PREMIUM"),
)
ZONES = ("ap-beijing-3", "ap-shanghai-2", "ap-beijing-5", "ap-shanghai-4", "ap-beijing-6", "ap-shanghai-5")
STOPPED = "marketing-02"
# Disks that nobody deleted when their hosts went.
UNATTACHED = (
    ("mysql-old-primary-data", "ap-beijing-3", 1000),
    ("orders-export", "ap-beijing-5", 200),
    ("search-rebuild", "ap-shanghai-2", 500),
    ("payments-ledger-2023", "ap-shanghai-4", 100),
)


def build(world: World, now: datetime) -> None:
    """Fill the world; ids are always the same, snapshots are three and four days older than now."""
    people.populate(world, now)
    account = world.accounts[ACCOUNT]
    for number, (role, name) in enumerate(named_hosts()):
        zone = ZONES[number % len(ZONES)]
        add_host(account.regions[region_of(zone)], role, name, zone, number)
    for number, (name, zone, size) in enumerate(UNATTACHED):
        created = FOUNDED + timedelta(days=90 + number)
        disk = Disk(made_up("disk", name), name, zone, "DATA_DISK", "CLOUD_PREMIUM", size, created)
        account.regions[region_of(zone)].disks[disk.id] = disk
    for resources in account.regions.values():
        add_old_snapshots(resources, now)
    add_bastion(account.regions["ap-beijing"], now)


def named_hosts() -> Iterator[tuple[Role, str]]:
    """Each host's role and name."""
    for role in ROLES:
        for number in range(1, role.hosts + 1):
            yield role, f"{role.service}-{number:02}"


def add_host(resources: Resources, role: Role, name: str, zone: str, number: int) -> None:
    """A host with its system disk and its data disks."""
    created = FOUNDED + timedelta(days=number, minutes=7 * number)
    tags = {"environment": "production", "service": role.service}
    region = region_of(zone)
    instance = Instance(
        id=made_up("ins", name),
        uuid=str(uuid.UUID(bytes=hashlib.sha256(name.encode()).digest()[:16], version=4)),
        name=name,
        zone=zone,
        type=role.type,
        cpu=role.cpu,
        memory=role.memory,
        created=created,
        vpc=made_up("vpc", region),
        subnet=made_up("subnet", zone),
        security_groups=[made_up("sg", role.service)],
        private_address=f"10.{10 if region == 'ap-beijing' else 20}.{ZONES.index(zone)}.{number + 10}",
        public_address=f"203.0.113.{number + 10}" if role.service in {"gateway", "jump-host"} else None,
        state="STOPPED" if name == STOPPED else "RUNNING",
        tags=tags,
    )
    resources.instances[instance.id] = instance
    wanted = [("system", "SYSTEM_DISK", 100)]
    wanted += [(f"data-{position}", "DATA_DISK", size) for position, size in enumerate(role.data, 1)]
    for suffix, usage, size in wanted:
        title = f"{name}-{suffix}"
        disk = Disk(made_up("disk", title), title, zone, usage, role.disk_type, size, created, instance.id)
        disk.tags = dict(tags)
        resources.disks[disk.id] = disk


# Who typed what through the bastion, how many hours ago; the last two were held.
TYPED = (
    ("li.na", "Li Na", "orders-01", 50, ("df -h", "systemctl status orders"), EXECUTED),
    ("wang.wei", "Wang Wei", "mysql-01", 30, ("ls /data/mysql", "du -sh /data/mysql"), EXECUTED),
    ("wang.wei", "Wang Wei", "mysql-01", 29, ("rm -rf /data/mysql/binlog", "mkfs.xfs /dev/vdb"), BLOCKED),
)


def add_bastion(resources: Resources, now: datetime) -> None:
    """Sessions on hosts through the managed bastion, and what was typed in them."""
    by_name = {one.name: one for one in resources.instances.values()}
    for user, name, host, hours, texts, action in TYPED:
        instance = by_name.get(host) or next(iter(by_name.values()))
        began = now - timedelta(hours=hours)
        id_ = str(uuid.UUID(bytes=hashlib.sha256(f"{user} {hours}".encode()).digest()[:16], version=4))
        resources.bastion.sessions[id_] = Session(
            id_, user, name, "root", instance.id, instance.name, instance.private_address, "203.0.113.200",
            began, began + timedelta(minutes=10),
        )  # fmt: skip
        resources.bastion.typed += [
            Typed(id_, text, began + timedelta(minutes=number), action)
            for number, text in enumerate(texts, 1)
        ]


def add_old_snapshots(resources: Resources, now: datetime) -> None:
    """What the forgotten policy left: snapshots of every other attached disk, of some of them two."""
    attached = [disk for disk in resources.disks.values() if disk.instance]
    for position, disk in enumerate(attached[::2]):
        for days in (3, 4)[: 1 + position % 2]:
            name = f"auto_{disk.id}_{days}"
            resources.add_snapshot(
                Snapshot(
                    id=made_up("snap", name),
                    name=name,
                    disk=disk.id,
                    disk_usage=disk.usage,
                    disk_size=disk.size,
                    zone=disk.zone,
                    created=now - timedelta(days=days, minutes=position),
                    deadline=now + timedelta(days=30 - days),
                    policy=POLICY,
                )
            )


def made_up(prefix: str, name: str) -> str:
    """An id that is the same in every sandbox."""
    return f"{prefix}-{short_digest(f'weimob {prefix} {name}')}"


def region_of(zone: str) -> str:
    """The region of a zone."""
    return zone.rpartition("-")[0]
