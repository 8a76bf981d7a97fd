"""A function for AWS Lambda that removes the snapshots of drkit's whose deadline has passed.

The owner of an account installs it, in each region, with a role of its own (docs/policies.md): EC2 has no deadline
for a snapshot, and no credential of drkit's that makes snapshots may delete any. It needs boto3, which Lambda has,
and nothing of drkit's.

It removes a completed snapshot of this account that bears the tags ``drkit:run`` and ``drkit:delete-after``, the
latter with a moment that has passed; never the newest good one of a volume that is still there, and never one that
is shared. What it did and why it left what it left is its result.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

RUN, AFTER = "drkit:run", "drkit:delete-after"


def handler(event: Any, _context: Any) -> dict[str, Any]:
    """What Lambda calls; ``{"dry": true}`` only says what would be removed."""
    import boto3

    return remove(boto3.client("ec2"), datetime.now(UTC), dry=bool((event or {}).get("dry")))


def remove(ec2: Any, now: datetime, *, dry: bool = False) -> dict[str, Any]:
    """Remove what is due in the client's region.

    Returns:
        ``removed``, the ids; ``kept``, the reason by the id of each that is due or cannot be judged.
    """
    listed = _all(ec2, "describe_snapshots", "Snapshots", OwnerIds=["self"])
    volumes = {each["VolumeId"] for each in _all(ec2, "describe_volumes", "Volumes")}
    due = {each["SnapshotId"]: each for each in listed if {RUN, AFTER} <= _tags(each).keys()}
    reasons = {id_: _reason(each, now) for id_, each in due.items()}
    newest = _newest(listed)
    removed: list[str] = []
    kept: dict[str, str] = {}
    for id_, each in sorted(due.items()):
        why: str | None = reasons[id_]
        if why == "early":
            continue
        if not why and each["VolumeId"] in volumes and newest.get(each["VolumeId"]) == id_:
            why = "it is the newest good one of its volume"
        if not why and _is_shared(ec2, id_):
            why = "it is shared"
        why = why or (None if dry else _delete(ec2, id_))
        if why:
            kept[id_] = why
        else:
            removed.append(id_)
    return {"removed": removed, "kept": kept}


def _reason(snapshot: dict[str, Any], now: datetime) -> str:
    """Why a snapshot stays: ``early`` where its moment has not come, empty where nothing is in the way."""
    try:
        after = datetime.fromisoformat(_tags(snapshot)[AFTER])
        if after > now:
            return "early"
    except (ValueError, TypeError):
        return "its deadline cannot be read"
    return "" if snapshot.get("State") == "completed" else "it is not completed"


def _newest(snapshots: list[dict[str, Any]]) -> dict[str, str]:
    """The newest completed snapshot of each volume, whoever made it."""
    newest: dict[str, tuple[datetime, str]] = {}
    for each in snapshots:
        if each.get("State") == "completed" and each.get("StorageTier") != "archive":
            before = newest.get(each["VolumeId"])
            if before is None or (each["StartTime"], each["SnapshotId"]) > before:
                newest[each["VolumeId"]] = each["StartTime"], each["SnapshotId"]
    return {volume: id_ for volume, (_, id_) in newest.items()}


def _is_shared(ec2: Any, id_: str) -> bool:
    found = ec2.describe_snapshot_attribute(SnapshotId=id_, Attribute="createVolumePermission")
    return bool(found["CreateVolumePermissions"])


def _delete(ec2: Any, id_: str) -> str | None:
    """Why it could not be removed; None where it was."""
    from botocore.exceptions import ClientError

    try:
        ec2.delete_snapshot(SnapshotId=id_)
    except ClientError as error:
        return str(error.response["Error"]["Code"])  # locked, in use by an image, or not allowed
    return None


def _all(ec2: Any, action: str, key: str, **wanted: Any) -> list[dict[str, Any]]:
    pages = ec2.get_paginator(action).paginate(PaginationConfig={"PageSize": 500}, **wanted)
    return [each for page in pages for each in page[key]]


def _tags(thing: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in thing.get("Tags", [])}
