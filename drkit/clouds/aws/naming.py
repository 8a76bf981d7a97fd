"""How policies of IAM name what the API calls: actions, resources, statements.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon EC2" and
"… for AWS Security Token Service"; EC2 User Guide, "Grant permission to tag resources during creation".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from drkit.clouds.tencent.client import Call

VERSION = "2012-10-17"  # of the language of policies
EVERYTHING = "*"
ROLE = "drkit-destroy"
# What an action is bound to in the policies that are shipped; a star for the partition, so that one file
# serves in every one of them.
RESOURCES = {
    "ec2:CreateTags": "arn:*:ec2:*:*:snapshot/*",
    "ec2:DeleteTags": "arn:*:ec2:*:*:snapshot/*",
    "ec2:ModifySnapshotAttribute": "arn:*:ec2:*:*:snapshot/*",
    "sts:AssumeRole": f"arn:*:iam::*:role/{ROLE}",
}
# Calls of S3 whose permission has another name (Service Authorization Reference, "Actions … for Amazon S3").
PERMISSIONS = {"s3:ListObjectsV2": "s3:ListBucket", "s3:ListObjectVersions": "s3:ListBucketVersions"}
# Who makes something with tags needs this beside it. The condition leaves no way to tag what is there already.
TAGGING = "ec2:CreateTags"
TAGGED = {
    "ec2:CopySnapshot": "CopySnapshot",
    "ec2:CreateSnapshot": "CreateSnapshot",
    "ec2:CreateSnapshots": "CreateSnapshots",
    "ec2:CreateVolume": "CreateVolume",
}


def action_of(call: Call) -> str:
    """A call's action as a policy names it, such as ``ec2:DescribeVolumes``."""
    name = f"{call.service}:{call.action}"
    return PERMISSIONS.get(name, name)


def document(allowed: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """A policy that allows pairs of an action and a resource: one statement for each set of resources."""
    by_action: dict[str, set[str]] = defaultdict(set)
    for action, resource in allowed:
        by_action[action].add(resource)
    by_resources: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for action, resources in sorted(by_action.items()):
        by_resources[tuple(sorted(resources))].append(action)
    statements: list[dict[str, Any]] = [
        {"Effect": "Allow", "Action": actions, "Resource": list(resources)}
        for resources, actions in sorted(by_resources.items())
    ]
    if making := sorted(TAGGED[action] for action in by_action if action in TAGGED):
        statements.append(
            {
                "Effect": "Allow",
                "Action": [TAGGING],
                "Resource": [EVERYTHING],
                "Condition": {"StringEquals": {"ec2:CreateAction": making}},
            }
        )
    return {"Version": VERSION, "Statement": statements}
