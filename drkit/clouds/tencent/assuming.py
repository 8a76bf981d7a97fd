"""The power to destroy: a role, assumed for one run, with a policy that names what was approved.

The key pair of the broker may do nothing but assume this role. What it gets lasts minutes, and may do what
the role's policy and the session's both allow.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard
from urllib.parse import quote

from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.disks import (
    ATTACH_DISKS,
    DELETE_SNAPSHOTS,
    DESCRIBE_DISKS,
    DESCRIBE_SNAPSHOTS,
    DETACH_DISKS,
    MODIFY_SNAPSHOT_ATTRIBUTE,
    TERMINATE_DISKS,
)
from drkit.clouds.tencent.fields import mapping
from drkit.clouds.tencent.groups import DESCRIBE_GROUPS
from drkit.clouds.tencent.identity import GET_CALLER_IDENTITY
from drkit.clouds.tencent.lending import SHARE, SHARED_WITH
from drkit.clouds.tencent.naming import EVERYTHING, action_of, resources_of, statements
from drkit.clouds.tencent.retry import Caller
from drkit.clouds.tencent.settings import PRINTABLE, KeyPair
from drkit.clouds.tencent.tags import TAG_RESOURCES, UNTAG_RESOURCES
from drkit.core.actions import Action
from drkit.core.errors import ApprovalError
from drkit.ports.errors import UncertainError

ASSUME_ROLE = Call("sts", "2018-08-13", "AssumeRole", powers=(Power.BROKER,))
# AssumeRole documents a default of 7200 s, at most 43200 s and no minimum (1312/48197, 1150/49456): as long
# as the actions may take when the cloud is slow, and no longer.
FIRST, EACH, LONGEST = 120, 30, 43_200  # seconds
# What each verb that destroys calls: what destroys, and what it looks with.
VERBS: Mapping[str, tuple[Call, ...]] = {
    "disks.delete_snapshot": (DELETE_SNAPSHOTS, DESCRIBE_SNAPSHOTS),
    "disks.delete_unneeded": (DELETE_SNAPSHOTS, DESCRIBE_SNAPSHOTS),
    "disks.delete_scratch": (TERMINATE_DISKS, DESCRIBE_DISKS, DESCRIBE_SNAPSHOTS),
    "disks.attach_scratch": (ATTACH_DISKS, DESCRIBE_DISKS, DESCRIBE_SNAPSHOTS),
    "disks.detach_scratch": (DETACH_DISKS, DESCRIBE_DISKS, DESCRIBE_SNAPSHOTS),
    # What takes nothing away, by calls that could.
    "disks.extend_snapshot": (MODIFY_SNAPSHOT_ATTRIBUTE, DESCRIBE_SNAPSHOTS),
    "disks.adopt_snapshot": (MODIFY_SNAPSHOT_ATTRIBUTE, TAG_RESOURCES, DESCRIBE_SNAPSHOTS, DESCRIBE_GROUPS),
    "disks.mark_unneeded": (TAG_RESOURCES, DESCRIBE_SNAPSHOTS),
    "disks.unmark_needed": (UNTAG_RESOURCES, DESCRIBE_SNAPSHOTS),
    "disks.lend_snapshot": (SHARE, SHARED_WITH, DESCRIBE_SNAPSHOTS),
    "disks.take_back_snapshot": (SHARE, SHARED_WITH, DESCRIBE_SNAPSHOTS),
}
# Ids and regions as the cloud makes them; a star or a colon would say more than one thing.
PLAIN = re.compile("[A-Za-z0-9-]+")
# The things that an action may be done to, where the documentation says that CAM is passed them (362/34220).
VOLUME = "qcs::cvm:{region}:uin/{account}:volume/{thing}"
HOST = "qcs::cvm:{region}:uin/{account}:instance/{host}"
THINGS = {
    "cvm:TerminateDisks": (VOLUME,),
    "cvm:AttachDisks": (VOLUME, HOST),
    "cvm:DetachDisks": (VOLUME, HOST),
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


def bounds(actions: Iterable[Action], account: str) -> Bounds:
    """What a session for these actions may do, as narrow as the cloud can be told.

    Args:
        actions: all that were approved for this account.
        account: its number.

    Raises:
        ApprovalError: an action of a verb that nothing here carries out, or on what is no single thing.
    """
    approved = tuple(actions)
    wanted = set(_wanted(approved, account)) | {(action_of(GET_CALLER_IDENTITY), EVERYTHING)}
    policy = {"version": "2.0", "statement": statements(wanted)}
    seconds = min(FIRST + EACH * len(approved), LONGEST)
    return Bounds(policy, tuple(_unbound(wanted)), seconds)


def _wanted(actions: Iterable[Action], account: str) -> Iterator[tuple[str, str]]:
    """Pairs of an action of CAM and the resource that it may be done to."""
    for action in actions:
        calls = VERBS.get(action.verb)
        if calls is None:
            raise ApprovalError(f"nothing of Tencent Cloud carries out {action.verb}")
        host = str(action.arguments.get("host", "none"))
        if not all(map(PLAIN.fullmatch, (action.thing, action.region, host))):
            raise ApprovalError(f"{action.thing} in {action.region} is no single thing of Tencent Cloud")
        for name in map(action_of, calls):
            for form in THINGS.get(name) or resources_of(name):
                yield name, form.format(region=action.region, account=account, thing=action.thing, host=host)


def _unbound(wanted: Iterable[tuple[str, str]]) -> Iterator[str]:
    destroying = {action_of(call) for calls in VERBS.values() for call in calls if call.writes}
    for name, resource in sorted(wanted):
        if resource == EVERYTHING and name in destroying:
            yield (
                f"cannot be bound: {name} is allowed on every resource of the account while the session lasts, "
                "since no documentation says that it can be allowed on some; drkit alone keeps it to what was approved"
            )


def assume(caller: Caller, role: str, run: str, bound: Bounds) -> KeyPair:
    """A key pair of the role that lasts for minutes; it never leaves this process.

    Args:
        caller: calls with the key pair of the broker.
        role: its resource name.
        run: the id of the run, which the cloud's audit trail shows as the session's name.
        bound: what it may do.

    Raises:
        CloudError, AccountError: the cloud does not give it.
    """
    answer = caller.call(
        ASSUME_ROLE,
        {
            "RoleArn": role,
            "RoleSessionName": f"drkit-{run}",
            "DurationSeconds": bound.seconds,
            # URL-encoded once more than the request itself (1312/48197).
            "Policy": quote(json.dumps(bound.policy, separators=(",", ":")), safe=""),
        },
    )
    found = mapping(answer, "Credentials")
    id_, key, token = (found.get(name) for name in ("TmpSecretId", "TmpSecretKey", "Token"))
    if not (_is_secret(id_) and _is_secret(key) and _is_secret(token)):
        raise UncertainError("sts:AssumeRole: the answer holds no credential", code="Garbled")
    return KeyPair(id_, key, token)


def _is_secret(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value) and PRINTABLE.fullmatch(value) is not None
