"""CBS 2017-03-12: automatic snapshot policies. When they fire is in `world.policies`."""

from __future__ import annotations

import re
from typing import Any

from drkit.sandbox.services.cbs_disks import show_tags
from drkit.sandbox.services.cbs_things import disk_named, ids, name, where
from drkit.sandbox.services.listing import Listing, ordered, page
from drkit.sandbox.services.table import Actions, Call, every, named
from drkit.sandbox.wire.errors import ApiError, missing_parameter, wrong_value
from drkit.sandbox.world import policies
from drkit.sandbox.world.clock import naive_beijing, naive_utc
from drkit.sandbox.world.things import Policy, Rule

ACTIONS = Actions("cbs", "2017-03-12")
BOUND = (named("snapshot", "AutoSnapshotPolicyId"), named("volume", "DiskIds"))  # policies go as snapshots
POLICIES_A_REGION = 30
DISKS_A_REQUEST = 80  # BindAutoSnapshotPolicy
DISKS_A_POLICY = 200
POLICIES_A_DISK = 10
RETENTION = 7  # days
LONGEST_RETENTION = 65535
HOURS, WEEK, MONTH, INTERVAL = range(24), range(7), range(1, 32), range(1, 366)

POLICIES: Listing[Policy] = Listing(
    ids="AutoSnapshotPolicyIds",
    id_form=re.compile(r"asp-[0-9a-z]{8,}"),
    identify=lambda one: one.id,
    attributes={
        "auto-snapshot-policy-id": lambda one: [one.id],
        "auto-snapshot-policy-state": lambda _: ["NORMAL"],
        "auto-snapshot-policy-name": lambda one: [one.name],
    },
)


@ACTIONS.add("CreateAutoSnapshotPolicy", resources=[every("snapshot")])
def create_auto_snapshot_policy(call: Call) -> dict[str, Any]:
    """A new policy; with ``DryRun`` only when it would first fire (document 362/32167)."""
    permanent, days = retention(call)
    wanted = rules(call.given("Policy"))
    title = name(call, "AutoSnapshotPolicyName")
    first = policies.following(wanted, call.now, call.now)
    # The documented example answers here in UTC: midnight of Thursday is `16:00:00` of the day before.
    trigger = naive_utc(first) if first else ""
    if call.given("DryRun"):
        return {"AutoSnapshotPolicyId": "", "NextTriggerTime": trigger}
    if len(call.resources.policies) >= POLICIES_A_REGION:
        code = "LimitExceeded.AutoSnapshotPolicyOutOfQuota"
        raise ApiError(code, f"A region has at most {POLICIES_A_REGION} policies.")
    policy = Policy(call.world.new_id("asp"), title, call.now, wanted)
    policy.activated = call.given("IsActivated", default=True)
    policy.permanent, policy.retention_days = permanent, days
    call.resources.policies[policy.id] = policy
    policies.arm(call.world, policy, *where(call), call.now)
    return {"AutoSnapshotPolicyId": policy.id, "NextTriggerTime": trigger}


def retention(call: Call) -> tuple[bool, int]:
    """Whether snapshots are kept for good, and otherwise for how many days.

    Raises:
        ApiError: both are asked for.
    """
    permanent, days = bool(call.given("IsPermanent", default=False)), call.given("RetentionDays")
    if permanent and days is not None:
        raise wrong_value("RetentionDays", days)
    if days is not None and not 1 <= days <= LONGEST_RETENTION:
        raise wrong_value("RetentionDays", days)
    return permanent, 0 if permanent else days or RETENTION


def rules(given: list[dict[str, Any]]) -> list[Rule]:
    """When a policy fires (document 362/15669).

    Raises:
        ApiError: an hour or a day is none, or no days are named.
    """
    if not given:
        raise wrong_value("Policy", "[]")
    found = []
    for number, one in enumerate(given):
        prefix = f"Policy.{number}"
        days = (one.get("DayOfWeek") or [], one.get("DayOfMonth") or [], one.get("IntervalDays"))
        if not any(days):
            raise missing_parameter(f"{prefix}.DayOfWeek")
        for field, values, allowed in (
            ("Hour", one["Hour"] or [-1], HOURS),
            ("DayOfWeek", days[0], WEEK),
            ("DayOfMonth", days[1], MONTH),
            ("IntervalDays", [] if days[2] is None else [days[2]], INTERVAL),
        ):
            for value in values:
                if value not in allowed:
                    raise wrong_value(f"{prefix}.{field}", value)
        found.append(Rule(sorted(set(one["Hour"])), *days))
    return found


def policy_named(call: Call) -> Policy:
    """The policy of the call.

    Raises:
        ApiError: there is none.
    """
    wanted = call.given("AutoSnapshotPolicyId")
    found = call.resources.policies.get(wanted)
    if found is None:
        raise ApiError("InvalidAutoSnapshotPolicyId.NotFound", f"The policy `{wanted}` is not found.")
    return found


@ACTIONS.add("ModifyAutoSnapshotPolicyAttribute", resources=[named("snapshot", "AutoSnapshotPolicyId")])
def modify_auto_snapshot_policy_attribute(call: Call) -> dict[str, Any]:
    """Change what is given; the policy fires by its new rules from now on."""
    policy = policy_named(call)
    permanent, days = call.given("IsPermanent"), call.given("RetentionDays")
    if permanent and days is not None:
        raise wrong_value("RetentionDays", days, "InvalidParameter")
    wanted = policy.rules if call.given("Policy") is None else rules(call.given("Policy"))
    policy.name = name(call, "AutoSnapshotPolicyName", policy.name)
    policy.rules = wanted
    if days is not None or permanent is not None:
        policy.permanent = bool(permanent)
        policy.retention_days = 0 if permanent else days or policy.retention_days or RETENTION
    policy.activated = call.given("IsActivated", default=policy.activated)
    policies.arm(call.world, policy, *where(call), call.now)
    return {}


@ACTIONS.add("DeleteAutoSnapshotPolicies", resources=[named("snapshot", "AutoSnapshotPolicyIds")])
def delete_auto_snapshot_policies(call: Call) -> dict[str, Any]:
    """Delete policies, all of them or none; their snapshots stay."""
    wanted = ids(call, "AutoSnapshotPolicyIds", 100)
    for one in wanted:
        if one not in call.resources.policies:
            raise ApiError("InvalidAutoSnapshotPolicyId.NotFound", f"The policy `{one}` is not found.")
    for one in wanted:
        del call.resources.policies[one]
    return {}


@ACTIONS.add("DescribeAutoSnapshotPolicies", resources=[named("snapshot", "AutoSnapshotPolicyIds")])
def describe_auto_snapshot_policies(call: Call) -> dict[str, Any]:
    """The policies of a region, newest first unless told."""
    found = POLICIES.select(call, call.resources.policies.values())
    found = ordered(call, found, {"CREATE_TIME": lambda one: (one.created, one.id)})
    shown = [show_policy(one, one.disks) for one in page(call, found)]
    return {"TotalCount": len(found), "AutoSnapshotPolicySet": shown}


@ACTIONS.add("DescribeDiskAssociatedAutoSnapshotPolicy", resources=[named("volume", "DiskId")])
def describe_disk_associated_auto_snapshot_policy(call: Call) -> dict[str, Any]:
    """The policies that a disk is bound to."""
    disk = disk_named(call, call.given("DiskId"), "InvalidParameterValue")
    found = [one for one in call.resources.policies.values() if disk.id in one.disks]
    shown = [show_policy(one, []) for one in found]
    return {"TotalCount": len(found), "AutoSnapshotPolicySet": shown}


def show_policy(policy: Policy, disks: list[str]) -> dict[str, Any]:
    """A policy as the documented example shows it."""
    return {
        "DiskIdSet": disks,
        "InstanceIdSet": [],
        "IsActivated": policy.activated,
        "AutoSnapshotPolicyState": "NORMAL",
        "IsCopyToRemote": 0,
        "IsPermanent": policy.permanent,
        "NextTriggerTime": naive_beijing(policy.next) if policy.next else "",
        "AutoSnapshotPolicyName": policy.name,
        "AutoSnapshotPolicyId": policy.id,
        "Policy": [show_rule(one) for one in policy.rules],
        "CreateTime": naive_beijing(policy.created),
        "RetentionDays": policy.retention_days,
        "CopyToAccountUin": None,
        "CopyFromAccountUin": None,
        "RetentionMonths": 0,
        "RetentionAmount": 0,
        "AdvancedRetentionPolicy": None,
        "Tags": show_tags(policy.tags),
    }


def show_rule(rule: Rule) -> dict[str, Any]:
    """A rule with the way of counting days that it uses."""
    shown: dict[str, Any] = {"Hour": rule.hours}
    if rule.days_of_week:
        shown["DayOfWeek"] = rule.days_of_week
    if rule.days_of_month:
        shown["DayOfMonth"] = rule.days_of_month
    if rule.interval_days:
        shown["IntervalDays"] = rule.interval_days
    return shown


@ACTIONS.add("BindAutoSnapshotPolicy", resources=BOUND)
def bind_auto_snapshot_policy(call: Call) -> dict[str, Any]:
    """Bind disks to a policy, all of them or none (document 362/32168)."""
    policy = policy_named(call)
    if call.given("DiskIds") is None:
        raise missing_parameter("DiskIds")
    wanted = [disk_named(call, one) for one in ids(call, "DiskIds", DISKS_A_REQUEST)]
    for disk in wanted:
        bound = sum(disk.id in one.disks for one in call.resources.policies.values())
        for obstacle, code, why in (
            (disk.id in policy.disks, "InvalidDisk.AlreadyBound", "is bound to the policy already"),
            (not disk.snapshot_ability, "InvalidDisk.NotSupported", "does not support snapshots"),
            (bound >= POLICIES_A_DISK, "InvalidParameterValue.LimitExceeded", "has too many policies"),
        ):
            if obstacle:
                raise ApiError(code, f"The disk `{disk.id}` {why}.")
    if len(policy.disks) + len(wanted) > DISKS_A_POLICY:
        code = "InvalidParameterValue.BindDiskLimitExceeded"
        raise ApiError(code, f"A policy has at most {DISKS_A_POLICY} disks.")
    policy.disks.extend(disk.id for disk in wanted)
    return {}


@ACTIONS.add("UnbindAutoSnapshotPolicy", resources=BOUND)
def unbind_auto_snapshot_policy(call: Call) -> dict[str, Any]:
    """Take disks, or all those of hosts, from a policy; what is not bound is passed over."""
    policy = policy_named(call)
    disks, hosts = call.given("DiskIds", []), call.given("InstanceIds", [])
    if not disks and not hosts:
        raise missing_parameter("DiskIds")
    gone = {disk_named(call, one).id for one in disks}
    gone |= {disk.id for host in hosts for disk in call.resources.disks_of(host)}
    policy.disks = [one for one in policy.disks if one not in gone]
    return {}
