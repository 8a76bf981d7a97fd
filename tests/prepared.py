"""A world in which what the documented examples speak of exists, and the examples with its ids and names."""

from __future__ import annotations

import itertools
import json
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from examples import SPECIFICATION, Example

from drkit.sandbox.services.catalogue import EMULATED
from drkit.sandbox.specification.load import ServiceShapes, Shape

REGION, ZONE = "ap-beijing", "ap-beijing-3"
OWNER, VAULT = "100000000001", "100000000002"
ID = re.compile(r"(disk|ins|snap|asp|img)-[0-9a-z]{8,9}")
IS_ZONE = re.compile(r"(ap|na|eu|sa|me)-[a-z]+-[0-9]+")
ANYTHING = json.dumps({"version": "2.0", "statement": [{"effect": "allow", "action": "*", "resource": "*"}]})
TRUST = {
    "action": "name/sts:AssumeRole",
    "effect": "allow",
    "principal": {"qcs": [f"qcs::cam::uin/{OWNER}:root"]},
}
TRUSTED = json.dumps({"version": "2.0", "statement": [TRUST]})

Calling = Callable[..., dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What there is: ids by their beginnings, and the value that a parameter of a name gets, in some actions."""

    ids: dict[str, list[str]]
    named: dict[str, Any]
    special: dict[str, dict[str, Any]]

    def parameters(self, example: Example) -> dict[str, Any]:
        """The parameters of an example, of things that exist and in the types of the specification."""
        fresh = {kind: itertools.cycle(of) for kind, of in self.ids.items()}
        known: dict[str, str] = {}
        shapes = SPECIFICATION.service_shapes(example.service, example.version)

        def text(old: str) -> str:
            matched = ID.fullmatch(old)
            if IS_ZONE.fullmatch(old):
                return ZONE
            if not matched or matched[1] not in fresh:
                return old
            return known.setdefault(old, next(fresh[matched[1]]))

        def walk(value: Any) -> Any:
            if isinstance(value, dict):
                inner = {name: self.named.get(name, walk(one)) for name, one in value.items()}
                return {name: one for name, one in inner.items() if one is not None}
            if isinstance(value, list):
                return [walk(one) for one in value]
            return text(value) if isinstance(value, str) else value

        given = walk(example.parameters) | self.special.get(example.action, {})
        given = {name: value for name, value in given.items() if value is not None}
        found: dict[str, Any] = fitted(given, shapes.request(example.action), shapes)
        return found


def fitted(given: dict[str, Any], shape: Shape, shapes: ServiceShapes) -> dict[str, Any]:
    """Numbers that an example writes as text, as numbers; one value where a list is wanted, in a list."""
    fit: dict[str, Any] = {}
    for name, value in given.items():
        if name not in shape:
            fit[name] = value
            continue
        member = shape[name]
        values = value if isinstance(value, list) else [value]
        elements = [element(one, member.kind, shapes) for one in values]
        fit[name] = elements if member.is_list else elements[0]
    return fit


def element(value: Any, kind: str, shapes: ServiceShapes) -> Any:
    if isinstance(value, dict):
        return fitted(value, shapes.shapes[kind], shapes)
    if kind in {"int64", "uint64"} and isinstance(value, str) and value.isdigit():
        return int(value)
    return str(value) if kind == "string" else value


def prepare(call: Calling, wait: Callable[[], object]) -> Prepared:
    """Make what examples speak of.

    Args:
        call: an action of the sandbox, as somebody who may do everything: service, version, action, parameters.
        wait: lets pass the time that making things takes.
    """
    versions = {service: version for service, version, _ in EMULATED}

    def do(service: str, action: str, **parameters: Any) -> dict[str, Any]:
        return call(service, versions[service], action, parameters)

    ids, special = machines(do)
    named = identity(do) if "cam" in versions else {}
    if "bh" in versions:
        special |= bastion(do)
    if "tag" in versions:
        do("tag", "CreateTag", TagKey="testTagKey", TagValue="testTagValue")
    wait()
    resource = f"qcs::cvm:{REGION}:uin/{OWNER}:instance/{ids['ins'][0]}"
    now = int(time.time())
    named |= {
        "AccountIds": [VAULT],
        "Deadline": (datetime.now(UTC) + timedelta(days=7)).isoformat(timespec="seconds"),
        "StartTime": now - 3600,
        "EndTime": now,
        "Resource": resource,
        "ResourceList": [resource],
        "PaginationToken": None,
    }
    return Prepared(ids, named, special)


def bastion(do: Calling) -> dict[str, dict[str, Any]]:
    """A template of commands, and the times between which sessions and commands are looked for."""
    made = do("bh", "CreateCmdTemplate", Name="drkit-examples", CmdList="rm -rf")["Id"]
    now = datetime.now(UTC)
    times = {
        "StartTime": (now - timedelta(days=1)).isoformat(timespec="seconds"),
        "EndTime": now.isoformat(timespec="seconds"),
    }
    return {
        "DeleteCmdTemplates": {"IdSet": [made]},
        "ModifyCmdTemplate": {"Id": made},
        "SearchCommand": times,
        "SearchSession": {**times, "Id": None, "Kind": 1},
    }


def machines(do: Calling) -> tuple[dict[str, list[str]], dict[str, dict[str, Any]]]:
    """Hosts, disks, snapshots, a policy, a group and an image in one zone."""
    disks = do("cbs", "DescribeDisks", Limit=100)["DiskSet"]
    hosts = do("cvm", "DescribeInstances", Limit=100)["InstanceSet"]
    disks.sort(key=lambda disk: disk["Placement"]["Zone"] != ZONE)
    free = [disk["DiskId"] for disk in disks if disk["DiskState"] == "UNATTACHED"]
    together, several = next(sorted_by_host(disks))
    near = [one["InstanceId"] for one in hosts if one["Placement"]["Zone"] == ZONE]
    near.remove(together)
    portable = [disk["DiskId"] for disk in disks if disk["Portable"] and disk["Attached"]]
    week = [{"DayOfWeek": [1], "Hour": [2]}]
    ids = {
        "disk": free,
        "ins": near[1:],
        "snap": [do("cbs", "CreateSnapshot", DiskId=disk)["SnapshotId"] for disk in free],
        "asp": [do("cbs", "CreateAutoSnapshotPolicy", Policy=week)["AutoSnapshotPolicyId"]],
        "img": [do("cvm", "CreateImage", InstanceId=near[1], ImageName="base")["ImageId"]],
    }
    group = do("cbs", "CreateSnapshotGroup", DiskIds=several)["SnapshotGroupId"]
    made = do("cbs", "DescribeSnapshots", Filters=[{"Name": "disk-id", "Values": several}])["SnapshotSet"]
    applied = [
        {"SnapshotId": next(one["SnapshotId"] for one in made if one["DiskId"] == disk), "DiskId": disk}
        for disk in several
    ]
    do("cvm", "StopInstances", InstanceIds=[near[0], together])
    subscribed = subscriptions(do)
    return ids, {
        **subscribed,
        "StartInstances": {"InstanceIds": [near[0]]},
        "DetachDisks": {"DiskIds": portable[:1]},
        "CreateSnapshotGroup": {"DiskIds": several},
        "ApplySnapshotGroup": {"SnapshotGroupId": group, "ApplyDisks": applied},
        "DeleteSnapshotGroup": {"SnapshotGroupId": group},
        "ResizeDisk": {"DiskSize": 4000},
        "InquiryPriceResizeDisk": {"DiskSize": 4000},
        "ResetInstance": {"SystemDisk": {"DiskSize": 100}},
        "AddUser": {"Name": "newcomer", "PhoneNum": "13200000000", "Email": "newcomer@example.com"},
        "GetUser": {"Name": "colleague"},
        "DeleteUser": {"Name": "colleague", "Force": 1},
        "UpdateUser": {
            "Name": "colleague",
            "PhoneNum": "13200000000",
            "Email": "c@example.com",
            "Password": "Dri11-and-Saw",
        },
        "CreateTag": {"TagKey": "fresh"},
        "DeletePolicyVersion": {"VersionId": [2]},
        "UpdateRoleSessionDuration": {"SessionDuration": 3600},
        "ListPolicies": {"Rp": 10, "Page": 1},
    }


def subscriptions(do: Calling) -> dict[str, dict[str, Any]]:
    """A disk and a host that are paid for in advance, for what is done with such alone."""
    place = {"Placement": {"Zone": ZONE}}
    paid = {"DiskChargeType": "PREPAID", "DiskChargePrepaid": {"Period": 1}}
    disk = do("cbs", "CreateDisks", DiskType="CLOUD_PREMIUM", DiskSize=50, **place, **paid)["DiskIdSet"][0]
    paid_host = {"InstanceChargeType": "PREPAID", "InstanceChargePrepaid": {"Period": 1}}
    hosts = do("cvm", "RunInstances", ImageId="img-sandbox0", **place, **paid_host)["InstanceIdSet"]
    return {"RenewDisk": {"DiskId": disk}, "RenewInstances": {"InstanceIds": hosts}}


def sorted_by_host(disks: list[dict[str, Any]]) -> Iterator[tuple[str, list[str]]]:
    """Hosts and their disks, those with most disks first."""
    by_host: defaultdict[str, list[str]] = defaultdict(list)
    for disk in disks:
        if disk["InstanceId"]:
            by_host[disk["InstanceId"]].append(disk["DiskId"])
    yield from sorted(by_host.items(), key=lambda item: -len(item[1]))


def identity(do: Calling) -> dict[str, Any]:
    """A user with a key, a group, a role, and a policy of two versions that all of them have."""
    user = do("cam", "AddUser", Name="colleague")
    key = do("cam", "CreateAccessKey", TargetUin=user["Uin"])["AccessKey"]["AccessKeyId"]
    group = do("cam", "CreateGroup", GroupName="colleagues")["GroupId"]
    role = do("cam", "CreateRole", RoleName="operator", PolicyDocument=TRUSTED)["RoleId"]
    policy = do("cam", "CreatePolicy", PolicyName="anything", PolicyDocument=ANYTHING)["PolicyId"]
    do("cam", "CreatePolicyVersion", PolicyId=policy, PolicyDocument=ANYTHING, SetAsDefault=False)
    do("cam", "AddUserToGroup", Info=[{"Uid": user["Uid"], "GroupId": group}])
    do("cam", "AttachUserPolicy", AttachUin=user["Uin"], PolicyId=policy)
    do("cam", "AttachGroupPolicy", AttachGroupId=group, PolicyId=policy)
    do("cam", "AttachRolePolicy", AttachRoleId=role, PolicyId=policy)
    return {
        **dict.fromkeys(("TargetUin", "AttachUin", "DetachUin", "SubUin", "OpUin"), user["Uin"]),
        **dict.fromkeys(("GroupId", "AttachGroupId", "DetachGroupId", "TargetGroupId"), group),
        **dict.fromkeys(("RoleId", "AttachRoleId", "DetachRoleId"), role),
        "FilterSubAccountUin": [user["Uin"]],
        "Uid": user["Uid"],
        "PolicyId": policy,
        "VersionId": 1,
        "AccessKeyId": key,
        "SecretIdList": [key],
        "RoleArn": f"qcs::cam::uin/{OWNER}:roleName/operator",
    }
