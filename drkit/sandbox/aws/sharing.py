"""Snapshots that one account of AWS lends to another, and that account: ministack keeps a loan, and nobody sees it.

By the API reference of EC2: CopySnapshot, DescribeSnapshots, ModifySnapshotAttribute. A copy belongs to whoever makes
it, bears the tags of the call and no volume, and is lent to nobody. What is encrypted counts as encrypted with the
account's default key, since ministack keeps no other.
"""

# ruff: noqa: SLF001 - ministack offers no other way

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ministack.core import iam_actions
from ministack.core.responses import get_account_id, get_region
from ministack.services import ec2, iam

from drkit.sandbox.aws.identity import ACCOUNT, MEMBER

Parameters = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]
# What Organizations makes in each account that it creates, for whoever holds the managing account.
ROLE = "OrganizationAccountAccessRole"
NO_VOLUME = "vol-ffffffff"  # of a copy (data type Snapshot)


def install() -> None:
    """Have ministack answer so."""
    ec2._ACTION_MAP |= {
        "CopySnapshot": copy_snapshot,
        "DescribeSnapshots": describe_snapshots,
        "ModifySnapshotAttribute": modify_snapshot_attribute,
    }
    iam._roles.set_scoped(MEMBER, None, ROLE, _role())
    usual = iam_actions.request_tag_context
    iam_actions.request_tag_context = lambda *asked: {**usual(*asked), **to_whom(asked[1], asked[3])}


def to_whom(action: str, wanted: Parameters) -> dict[str, str]:
    """What policies can say of whom a call lends to, or takes from (Service Authorization Reference, Amazon EC2)."""
    if action != "ec2:ModifySnapshotAttribute":
        return {}
    change = "add" if ec2._p(wanted, "OperationType") == "add" else "remove"
    named = {"userid": ec2._p(wanted, "UserId.1"), "group": ec2._p(wanted, "UserGroup.1")}
    return {f"ec2:{change}/{kind}": value for kind, value in named.items() if value}


def copy_snapshot(wanted: Parameters) -> Answer:
    """A copy of the caller's own, of what is its own or lent to it."""
    source_id = ec2._p(wanted, "SourceSnapshotId")
    region = ec2._p(wanted, "SourceRegion") or get_region()
    source = next((each for each in _usable(region) if each["SnapshotId"] == source_id), None)
    if source is None:
        return _refused("InvalidSnapshot.NotFound", f"The snapshot '{source_id}' does not exist.")
    id_ = ec2._new_snapshot_id()
    ec2._snapshots[id_] = {
        **source,
        "SnapshotId": id_,
        "VolumeId": NO_VOLUME,
        "OwnerId": get_account_id(),
        "StartTime": ec2._now_ts(),
        "Description": ec2._p(wanted, "Description"),
        "CreateVolumePermissions": [],
    }
    ec2._parse_tag_specs(wanted, "snapshot", id_)
    return _answered("CopySnapshotResponse", f"<snapshotId>{id_}</snapshotId>")


def describe_snapshots(wanted: Parameters) -> Answer:
    """As ministack; where it is asked for what the caller may restore, also what is lent to it."""
    if ec2._parse_member_list(wanted, "RestorableBy") != ["self"]:
        return ec2._describe_snapshots(wanted)  # type: ignore[no-any-return]
    owners, filters = ec2._parse_member_list(wanted, "Owner"), ec2._parse_filters(wanted)
    found = [
        each
        for each in _usable(get_region())
        if not owners or each["OwnerId"] in owners
        if ec2._snapshot_matches_filters(each, filters)
        if ec2._resource_matches_tag_filters(
            each["SnapshotId"], filters
        )  # of one's own tags: others' are not seen
    ]
    items = "".join(f"<item>{ec2._snapshot_inner_xml(each)}</item>" for each in found)
    return _answered("DescribeSnapshotsResponse", f"<snapshotSet>{items}</snapshotSet>")


def modify_snapshot_attribute(wanted: Parameters) -> Answer:
    """As ministack, but that what the default key encrypts is lent to nobody."""
    snapshot = ec2._snapshots.get(ec2._p(wanted, "SnapshotId"))
    lends = ec2._p(wanted, "OperationType") == "add"
    if snapshot and snapshot["Encrypted"] and lends:
        return _refused("OperationNotPermitted", "Encrypted snapshots with EBS default key cannot be shared")
    return ec2._modify_snapshot_attribute(wanted)  # type: ignore[no-any-return]


def _usable(region: str) -> Iterator[dict[str, Any]]:
    """All of a region that the caller may make something of: its own, and what names its account."""
    me = get_account_id()
    for (owner, place, _), each in list(ec2._snapshots._data.items()):
        lent = {"UserId": me} in each.get("CreateVolumePermissions", [])
        if place == region and (owner == me or lent):
            yield each


def _answered(root: str, inner: str) -> Answer:
    return ec2._xml(200, root, inner)  # type: ignore[no-any-return]


def _refused(code: str, message: str) -> Answer:
    return ec2._error(code, message, 400)  # type: ignore[no-any-return]


def _role() -> dict[str, Any]:
    """Everything in the other account, for the root of the first and whom its policies let."""
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    }
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    return {
        "RoleName": ROLE,
        "Arn": f"arn:aws:iam::{MEMBER}:role/{ROLE}",
        "RoleId": iam._gen_id("AROA"),
        "CreateDate": iam._now(),
        "Path": "/",
        "AssumeRolePolicyDocument": _policy(trust),
        "Description": "",
        "MaxSessionDuration": 3600,
        "PermissionsBoundary": "",
        "AttachedPolicies": [],
        "InlinePolicies": {"AdministratorAccess": _policy(everything)},
        "Tags": [],
    }


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
