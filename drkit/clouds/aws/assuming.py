"""The power to destroy: a role, assumed for one run, with a session policy that names what was approved.

The key pair of the broker may do nothing but assume this role. What it gets may do what the role's policy and
the session's both allow.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from drkit.clouds.aws.attaching import ATTACH_VOLUME, DESCRIBE_VOLUMES, DETACH_VOLUME
from drkit.clouds.aws.disks import (
    CREATE_TAGS,
    DELETE_SNAPSHOT,
    DELETE_TAGS,
    DELETE_VOLUME,
    DESCRIBE_SNAPSHOT_ATTRIBUTE,
    DESCRIBE_SNAPSHOTS,
)
from drkit.clouds.aws.identity import GET_CALLER_IDENTITY
from drkit.clouds.aws.lending import MODIFY
from drkit.clouds.aws.naming import EVERYTHING, action_of, document
from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.fields import mapping
from drkit.clouds.tencent.retry import Caller
from drkit.clouds.tencent.settings import PRINTABLE, KeyPair
from drkit.core.actions import Action, takes_back
from drkit.core.errors import ApprovalError
from drkit.ports.errors import UncertainError

ASSUME_ROLE = Call("sts", "2011-06-15", "AssumeRole", powers=(Power.BROKER,))
# AssumeRole takes 900 s at least, and at most what the role allows, which is an hour unless somebody said more.
LEAST, FIRST, EACH, LONGEST = 900, 120, 30, 3_600  # seconds
LONGEST_POLICY = 2_048  # characters of a session policy (AssumeRole, Policy)
LONGEST_NAME = 64  # characters of a session's name (AssumeRole, RoleSessionName)
# What each verb that destroys calls: what destroys, and what it looks with.
VERBS: Mapping[str, tuple[Call, ...]] = {
    "disks.delete_snapshot": (DELETE_SNAPSHOT, DESCRIBE_SNAPSHOTS, DESCRIBE_SNAPSHOT_ATTRIBUTE),
    "disks.delete_unneeded": (DELETE_SNAPSHOT, DESCRIBE_SNAPSHOTS, DESCRIBE_SNAPSHOT_ATTRIBUTE),
    "disks.delete_scratch": (DELETE_VOLUME, DESCRIBE_VOLUMES, DESCRIBE_SNAPSHOTS),
    "disks.attach_scratch": (ATTACH_VOLUME, DESCRIBE_VOLUMES, DESCRIBE_SNAPSHOTS),
    "disks.detach_scratch": (DETACH_VOLUME, DESCRIBE_VOLUMES, DESCRIBE_SNAPSHOTS),
    # What takes nothing away, by calls that could.
    "disks.extend_snapshot": (CREATE_TAGS, DESCRIBE_SNAPSHOTS),
    "disks.mark_unneeded": (CREATE_TAGS, DESCRIBE_SNAPSHOTS),
    "disks.unmark_needed": (DELETE_TAGS, DESCRIBE_SNAPSHOTS),
    "disks.lend_snapshot": (MODIFY, DESCRIBE_SNAPSHOTS, DESCRIBE_SNAPSHOT_ATTRIBUTE),
    "disks.take_back_snapshot": (MODIFY, DESCRIBE_SNAPSHOTS, DESCRIBE_SNAPSHOT_ATTRIBUTE),
}
# Ids and regions as the cloud makes them; a star or a colon would say more than one thing.
PLAIN = re.compile("[A-Za-z0-9-]+")
# The things that an action may be done to. The account of a snapshot's name is empty in some documents and
# the owner's in others; the id is the only one of its kind either way.
SNAPSHOT = "arn:{partition}:ec2:{region}:*:snapshot/{thing}"
VOLUME = "arn:{partition}:ec2:{region}:{account}:volume/{thing}"
# Who attaches or detaches needs both (EC2 User Guide, "Example policies for working with the AWS CLI or an AWS SDK").
HOST = "arn:{partition}:ec2:{region}:{account}:instance/{host}"
THINGS = {
    "ec2:AttachVolume": (VOLUME, HOST),
    "ec2:CreateTags": (SNAPSHOT,),
    "ec2:DeleteSnapshot": (SNAPSHOT,),
    "ec2:DeleteTags": (SNAPSHOT,),
    "ec2:DeleteVolume": (VOLUME,),
    "ec2:DetachVolume": (VOLUME, HOST),
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a session may do.

    Args:
        policy: the session policy.
        unbound: sentences on what the policy cannot bind to the approved things.
        seconds: how long it lasts.
    """

    policy: Mapping[str, Any]
    unbound: tuple[str, ...]
    seconds: int


def bounds(actions: Iterable[Action], role: str, account: str) -> Bounds:
    """What a session for these actions may do, as narrow as a session policy can say.

    Args:
        actions: all that were approved for this account.
        role: the role that is assumed, by its ARN; it says the partition.
        account: the account's number.

    Raises:
        ApprovalError: an action of a verb that nothing here carries out, or on what is no single thing.
    """
    approved = tuple(actions)
    partition = role.split(":")[1]
    wanted = set(_wanted(approved, partition, account)) | {(action_of(GET_CALLER_IDENTITY), EVERYTHING)}
    unbound: tuple[str, ...] = ()
    if len(_text(document(wanted))) > LONGEST_POLICY:
        wanted = {(name, _of_its_kind(resource)) for name, resource in wanted}
        unbound = (
            (
                f"cannot be bound: {len(approved)} approved things have no room in a session policy; it names their "
                "kinds and regions, and drkit alone keeps it to what was approved"
            ),
        )
    seconds = max(LEAST, min(FIRST + EACH * len(approved), LONGEST))
    policy = document(wanted)
    policy["Statement"] += _loans(approved, partition)
    return Bounds(policy, unbound, seconds)


def _loans(actions: Iterable[Action], partition: str) -> Iterator[Mapping[str, Any]]:
    """Statements that say which snapshot may be lent to whom, or taken back from whom.

    IAM knows conditions for that (Service Authorization Reference, Amazon EC2: `ec2:Add/userId`, `ec2:Remove/userId`).
    """
    for action in actions:
        if MODIFY not in VERBS[action.verb]:
            continue
        account = str(action.arguments["account"])
        if not PLAIN.fullmatch(account):
            raise ApprovalError(f"{account} is no single account of AWS")
        change = "Remove" if takes_back(action) else "Add"
        yield {
            "Effect": "Allow",
            "Action": [action_of(MODIFY)],
            "Resource": [SNAPSHOT.format(partition=partition, region=action.region, thing=action.thing)],
            "Condition": {"StringEquals": {f"ec2:{change}/userId": account}},
        }


def _wanted(actions: Iterable[Action], partition: str, account: str) -> Iterator[tuple[str, str]]:
    """Pairs of an action of IAM and the resource that it may be done to."""
    for action in actions:
        calls = VERBS.get(action.verb)
        if calls is None:
            raise ApprovalError(f"nothing of AWS carries out {action.verb}")
        host = str(action.arguments.get("host", "none"))
        if not all(map(PLAIN.fullmatch, (action.thing, action.region, host))):
            raise ApprovalError(f"{action.thing} in {action.region} is no single thing of AWS")
        words = {"partition": partition, "account": account, "region": action.region, "thing": action.thing}
        for name in map(action_of, (call for call in calls if call != MODIFY)):
            for form in THINGS.get(name, (EVERYTHING,)):
                yield name, form.format(**words, host=host)


def _of_its_kind(resource: str) -> str:
    """Every thing of the same kind in the same region."""
    kind, slash, _ = resource.partition("/")
    return f"{kind}/*" if slash else resource


def _text(policy: Mapping[str, Any]) -> str:
    return json.dumps(policy, separators=(",", ":"))


def assume(caller: Caller, role: str, run: str, bound: Bounds, home: str) -> KeyPair:
    """A key pair of the role that lasts for minutes; it never leaves this process.

    Args:
        caller: calls with the key pair of the broker.
        role: its ARN.
        run: the id of the run, which CloudTrail shows as the session's name.
        bound: what it may do.
        home: a region of the account's partition.

    Raises:
        CloudError, AccountError: the cloud does not give it.
    """
    answer = caller.call(
        ASSUME_ROLE.at(home),
        {
            "RoleArn": role,
            "RoleSessionName": f"drkit-{run}"[:LONGEST_NAME],
            "DurationSeconds": bound.seconds,
            "Policy": _text(bound.policy),
        },
    )
    found = mapping(answer, "Credentials")
    id_, key, token = (found.get(name) for name in ("AccessKeyId", "SecretAccessKey", "SessionToken"))
    if not (_is_secret(id_) and _is_secret(key) and _is_secret(token)):
        raise UncertainError("sts:AssumeRole: the answer holds no credential", code="Garbled")
    return KeyPair(id_, key, token)


def _is_secret(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value) and PRINTABLE.fullmatch(value) is not None
