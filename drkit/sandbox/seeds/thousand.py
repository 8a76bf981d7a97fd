"""A large estate: 500 hosts and 1,000 disks in four regions, for measuring.

Every host has a system disk and a data disk; automatic policies that fire each hour have all of them.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from drkit.sandbox.seeds import people
from drkit.sandbox.seeds.people import ACCOUNT
from drkit.sandbox.seeds.weimob import made_up, region_of
from drkit.sandbox.world import policies
from drkit.sandbox.world.model import Disk, Instance, World
from drkit.sandbox.world.things import Policy, Rule

if TYPE_CHECKING:
    from drkit.sandbox.world.model import Resources

HOSTS = 500
DISKS_A_POLICY = 200
FOUNDED = datetime(2022, 1, 10, tzinfo=UTC)
ZONES = ("ap-beijing-3", "ap-shanghai-2", "ap-guangzhou-3", "ap-chengdu-1")
HOURLY = Rule(list(range(24)), list(range(7)))

ESTATE = """\
# Written by `drkit sandbox up` for the seed of the sandbox, and written anew each time.
estate: thousand
accounts:
  production:
    cloud: tencent
    account: "100000000001"
    environment: production
    regions: [ap-beijing, ap-shanghai, ap-guangzhou, ap-chengdu]
    credentials: {look: DRKIT_LOOK, make: DRKIT_MAKE}
"""


def build(world: World, now: datetime) -> None:
    """Fill the world; ids are always the same."""
    people.populate(world, now)
    account = world.accounts[ACCOUNT]
    for number in range(HOSTS):
        zone = ZONES[number % len(ZONES)]
        add_host(account.regions[region_of(zone)], f"node-{number:03}", zone, number)
    for region, resources in account.regions.items():
        add_policies(world, resources, region, now)


def add_host(resources: Resources, name: str, zone: str, number: int) -> None:
    """A host with two disks."""
    created = FOUNDED + timedelta(hours=number)
    host = resources.instances[made_up("ins", name)] = Instance(
        id=made_up("ins", name),
        uuid=str(uuid.UUID(bytes=hashlib.sha256(name.encode()).digest()[:16], version=4)),
        name=name,
        zone=zone,
        type="S5.LARGE8",
        cpu=4,
        memory=8,
        created=created,
        vpc=made_up("vpc", region_of(zone)),
        subnet=made_up("subnet", zone),
        security_groups=[made_up("sg", "node")],
        private_address=f"10.{ZONES.index(zone)}.{number // 250}.{number % 250 + 2}",
        tags={"environment": "production"},
    )
    for usage, size in (("SYSTEM_DISK", 100), ("DATA_DISK", 500)):
        title = f"{name}-{usage.partition('_')[0].lower()}"
        disk = Disk(made_up("disk", title), title, zone, usage, "CLOUD_PREMIUM", size, created, host.id)
        disk.tags = dict(host.tags)
        resources.disks[disk.id] = disk


def add_policies(world: World, resources: Resources, region: str, now: datetime) -> None:
    """Policies that fire each hour, with as many disks as one may have."""
    disks = list(resources.disks)
    for number, begin in enumerate(range(0, len(disks), DISKS_A_POLICY)):
        policy = Policy(made_up("asp", f"{region} {number}"), f"hourly-{number}", now, [HOURLY])
        policy.retention_days, policy.disks = 1, disks[begin : begin + DISKS_A_POLICY]
        resources.policies[policy.id] = policy
        policies.arm(world, policy, ACCOUNT, region, now)
