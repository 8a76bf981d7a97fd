"""The power to destroy on AWS: a role for minutes, with a session policy that names what was approved."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from clouds.aws.administrator import ACCOUNT, ROLE, estate_text, holder, set_up
from clouds.aws.conftest import REGION
from clouds.aws.relay import Relay

from drkit.clouds.aws.assuming import LONGEST_POLICY, VERBS, bounds
from drkit.clouds.aws.cloud import AwsCloud
from drkit.clouds.aws.naming import action_of
from drkit.clouds.aws.policies import declared
from drkit.clouds.tencent.client import Power
from drkit.core.actions import Action, Effect
from drkit.core.errors import AccountError, ApprovalError, UsageError
from drkit.core.estate import Estate
from drkit.flows.clouds import all_on_this_machine, open_clouds, open_to_destroy
from drkit.flows.registry import work_by_verb
from drkit.ports.errors import RefusedError
from drkit.ports.facts import Scope
from drkit.ports.scratch import GROUP_TAG
from drkit.sandbox.aws.identity import MEMBER
from drkit.snapshots import lending
from drkit.snapshots.lending import LEND, TAKE_BACK

RUN = "20261122T013000Z-abc123"
DENIED = "UnauthorizedOperation|AccessDenied"


def delete(verb: str, thing: str, region: str = REGION) -> Action:
    return Action(verb, Effect.DESTROY, "abroad", region, thing, {}, "a test")


def move(verb: str, disk: str, host: str) -> Action:
    return Action(verb, Effect.CHANGE, "abroad", REGION, disk, {"host": host, "scratch": True}, "a test")


def loan(verb: str, snapshot: str, account: str = MEMBER) -> Action:
    return lending.action_of(verb, Scope("abroad", REGION), snapshot, "vol-1", "vault", account)


def estate(**changed: Any) -> Estate:
    return Estate.model_validate_json(estate_text(**changed))


@pytest.fixture
def ec2(root: Callable[..., Any], filled: str, relay: Relay, monkeypatch: pytest.MonkeyPatch) -> Any:
    """boto3 as the root of an account that is set up for drkit."""
    for name, value in (set_up(root) | {"AWS_ENDPOINT_URL": relay.endpoint}).items():
        monkeypatch.setenv(name, value)
    return root("ec2")


def snapshots(ec2: Any, volume: str, count: int = 2) -> list[str]:
    return [ec2.create_snapshot(VolumeId=volume)["SnapshotId"] for _ in range(count)]


def listed(ec2: Any) -> set[str]:
    return {each["SnapshotId"] for each in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]}


def test_an_approved_snapshot_is_deleted_by_the_role_and_by_no_other_credential(
    ec2: Any, filled: str
) -> None:
    doomed, kept = snapshots(ec2, filled)
    for prefix in ("AWS_LOOK", "AWS_MAKE", "AWS_BROKER"):
        with pytest.raises(RefusedError, match=DENIED):
            AwsCloud(prefix, REGION).disks.delete_snapshot(REGION, doomed)

    power = open_to_destroy(estate(), [delete("disks.delete_snapshot", doomed)], RUN)

    assert power.unbound == ()
    assert "assumed-role/drkit-destroy/drkit-" in power.callers["abroad"].principal
    power.clouds["abroad"].disks.delete_snapshot(REGION, doomed)
    assert listed(ec2) == {kept}


def test_a_session_for_one_thing_cannot_touch_another_thing_region_or_kind(ec2: Any, filled: str) -> None:
    doomed, kept = snapshots(ec2, filled)
    volumes = [each["VolumeId"] for each in ec2.describe_volumes()["Volumes"] if not each["Attachments"]]

    disks = open_to_destroy(estate(), [delete("disks.delete_snapshot", doomed)], RUN).clouds["abroad"].disks
    with pytest.raises(RefusedError, match=DENIED):
        disks.delete_snapshot(REGION, kept)
    with pytest.raises(RefusedError, match=DENIED):
        disks.delete_disk(REGION, volumes[0])
    with pytest.raises(RefusedError, match=DENIED):
        disks.list_disks(REGION)

    disks = (
        open_to_destroy(estate(), [delete("disks.delete_scratch", volumes[0])], RUN).clouds["abroad"].disks
    )
    with pytest.raises(RefusedError, match=DENIED):
        disks.delete_disk(REGION, volumes[1])
    disks.delete_disk(REGION, volumes[0])
    assert disks.get_disks(REGION, volumes[:2]) == disks.get_disks(REGION, [volumes[1]])


def test_a_session_for_one_disk_and_one_host_attaches_and_detaches_no_other(ec2: Any, filled: str) -> None:
    host, other = sorted(
        each["InstanceId"] for some in ec2.describe_instances()["Reservations"] for each in some["Instances"]
    )[:2]
    disk, foreign = sorted(
        each["VolumeId"] for each in ec2.describe_volumes()["Volumes"] if not each["Attachments"]
    )[:2]
    ec2.attach_volume(VolumeId=foreign, InstanceId=host, Device="/dev/sdf")

    def session(verb: str) -> Any:
        return open_to_destroy(estate(), [move(verb, disk, host)], RUN).clouds["abroad"].disks

    disks = session("disks.attach_scratch")
    for each, where in ((foreign, host), (disk, other)):
        with pytest.raises(RefusedError, match=DENIED):
            disks.attach_disk(REGION, each, where)
    with pytest.raises(RefusedError, match=DENIED):
        disks.detach_disk(REGION, disk, host)
    disks.attach_disk(REGION, disk, host)
    assert [(each.host, each.made) for each in disks.get_disks(REGION, [disk])] == [(host, False)]

    disks = session("disks.detach_scratch")
    with pytest.raises(RefusedError, match=DENIED):
        disks.detach_disk(REGION, foreign, host)
    with pytest.raises(RefusedError, match=DENIED):
        disks.attach_disk(REGION, disk, host)
    disks.detach_disk(REGION, disk, host)
    assert [each.made for each in disks.get_disks(REGION, [disk])] == [False]
    assert [each.host for each in disks.get_disks(REGION, [disk, foreign]) if each.id == disk] == [""]


def test_no_credential_of_the_runners_can_attach_or_detach(ec2: Any, filled: str) -> None:
    host = ec2.describe_instances()["Reservations"][0]["Instances"][0]["InstanceId"]
    for prefix in ("AWS_LOOK", "AWS_MAKE", "AWS_BROKER"):
        disks = AwsCloud(prefix, REGION).disks
        for act in (disks.attach_disk, disks.detach_disk):
            with pytest.raises(RefusedError, match=DENIED):
                act(REGION, filled, host)


def test_a_session_for_one_loan_lends_no_other_snapshot_and_to_no_other_account(
    ec2: Any, filled: str
) -> None:
    meant, other = snapshots(ec2, filled)

    lender = open_to_destroy(estate(), [loan(LEND, meant)], RUN).clouds["abroad"].lending
    for snapshot, account in ((other, MEMBER), (meant, "210000000009")):
        with pytest.raises(RefusedError, match=DENIED):
            lender.lend(REGION, snapshot, account)
    with pytest.raises(RefusedError, match=DENIED):
        lender.take_back(REGION, meant, MEMBER)
    lender.lend(REGION, meant, MEMBER)
    assert (lender.lent_to(REGION, meant), lender.lent_to(REGION, other)) == ({MEMBER}, set())

    lender = open_to_destroy(estate(), [loan(TAKE_BACK, meant)], RUN).clouds["abroad"].lending
    with pytest.raises(RefusedError, match=DENIED):
        lender.lend(REGION, meant, MEMBER)
    lender.take_back(REGION, meant, MEMBER)
    assert lender.lent_to(REGION, meant) == set()


@pytest.mark.parametrize("account", ["*", "", "2100*", "${aws:PrincipalAccount}"])
def test_a_loan_to_what_is_no_single_account_is_refused(account: str) -> None:
    with pytest.raises(ApprovalError, match="is no single account"):
        bounds([loan(LEND, "snap-1", account)], ROLE, ACCOUNT)


def test_no_credential_of_the_runners_can_lend(ec2: Any, filled: str) -> None:
    (snapshot,) = snapshots(ec2, filled, 1)
    for prefix in ("AWS_LOOK", "AWS_MAKE", "AWS_BROKER"):
        with pytest.raises(RefusedError, match=DENIED):
            AwsCloud(prefix, REGION).lending.lend(REGION, snapshot, MEMBER)


def test_a_snapshot_that_is_shared_is_not_deleted_whoever_approved_it(ec2: Any, filled: str) -> None:
    (shared,) = snapshots(ec2, filled, 1)
    ec2.modify_snapshot_attribute(
        SnapshotId=shared, Attribute="createVolumePermission", OperationType="add", UserIds=["210000000002"]
    )
    disks = open_to_destroy(estate(), [delete("disks.delete_snapshot", shared)], RUN).clouds["abroad"].disks
    with pytest.raises(RefusedError, match="is shared with another account"):
        disks.delete_snapshot(REGION, shared)
    assert listed(ec2) == {shared}


def test_a_credential_that_the_role_does_not_trust_does_not_get_it(ec2: Any) -> None:
    thief = estate(credentials={"look": "AWS_LOOK", "make": "AWS_MAKE", "destroy": "AWS_MAKE"})
    with pytest.raises(RefusedError, match=DENIED):
        open_to_destroy(thief, [delete("disks.delete_snapshot", "snap-1")], RUN)


def test_make_can_tag_nothing_that_is_there_already(ec2: Any, filled: str) -> None:
    """Otherwise it could give a foreign snapshot a deadline that has passed."""
    maker = holder("ec2", os.environ, "AWS_MAKE")
    (foreign,) = snapshots(ec2, filled, 1)
    with pytest.raises(maker.exceptions.ClientError, match=DENIED):
        maker.create_tags(Resources=[foreign], Tags=[{"Key": "drkit:delete-after", "Value": "2020-01-01"}])


def test_the_account_is_confirmed_and_its_regions_are_checked(ec2: Any) -> None:
    opened = open_clouds(estate(), ["abroad"])
    assert {
        power: caller.principal.rpartition("/")[2] for power, caller in opened.callers["abroad"].items()
    } == {
        "look": "drkit-look",
        "make": "drkit-make",
    }
    with pytest.raises(AccountError, match=f"AWS_LOOK_ACCESS_KEY_ID belongs to account {ACCOUNT}"):
        open_clouds(estate(account="210000000009", destroy_role=None), ["abroad"])
    with pytest.raises(
        UsageError, match="has no region 'us-easst-1' that is available, did you mean 'us-east-1'"
    ):
        open_clouds(estate(regions=["us-east-1", "us-easst-1"]), ["abroad"])


def test_each_credential_calls_what_its_policy_allows_and_all_of_it(
    ec2: Any, filled: str, relay: Relay
) -> None:
    eyes, maker = AwsCloud("AWS_LOOK", REGION), AwsCloud("AWS_MAKE", REGION)
    opened = open_clouds(estate(), ["abroad"])
    assert opened.look["abroad"].machines.list_hosts(REGION)
    eyes.disks.list_snapshots(REGION)
    disk = next(disk for disk in eyes.disks.list_disks(REGION) if not disk.host)
    deadline = datetime.now(UTC) + timedelta(days=9)
    made = maker.disks.create_snapshot(REGION, disk.id, name="n", deadline=deadline, tags={})
    assert maker.disks.get_snapshots(REGION, [made])
    maker.disks.copy_snapshot(REGION, made, to="eu-west-1", name="drkit-copy-1")
    copy = maker.disks.create_disk(
        REGION, made, zone=disk.zone, kind="io2", name="c", tags={}, token="t" * 20
    )
    assert [each.kind for each in maker.disks.get_disks(REGION, [copy])] == ["gp3"]
    together = next(each for each in eyes.disks.list_disks(REGION) if each.host)
    maker.disks.create_group(
        REGION, together.host, [together.id], name="g", deadline=deadline, tags={GROUP_TAG: "g"}
    )
    doomed = [delete("disks.delete_scratch", copy), delete("disks.delete_snapshot", made)]
    hands = open_to_destroy(estate(), doomed, RUN).clouds["abroad"]
    assert hands.disks.get_disks(REGION, [copy])
    host = next(each for each in opened.look["abroad"].machines.list_hosts(REGION) if each.zone == disk.zone)
    moves = [move(verb, copy, host.id) for verb in ("disks.attach_scratch", "disks.detach_scratch")]
    movers = open_to_destroy(estate(), moves, RUN).clouds["abroad"].disks
    for act in (movers.attach_disk, movers.detach_disk):
        act(REGION, copy, host.id)
        assert not movers.get_disks(REGION, [copy])[0].made
    assert not movers.get_disks(REGION, [copy])[0].host
    lender = open_to_destroy(estate(), [loan(LEND, made)], RUN).clouds["abroad"].lending
    lender.lend(REGION, made, MEMBER)
    assert lender.lent_to(REGION, made) == {MEMBER}
    open_to_destroy(estate(), [loan(TAKE_BACK, made)], RUN).clouds["abroad"].lending.take_back(
        REGION, made, MEMBER
    )
    hands.disks.delete_disk(REGION, copy)
    hands.disks.delete_snapshot(REGION, made)

    keys = {
        os.environ[f"AWS_{power.name}_ACCESS_KEY_ID"]: power
        for power in (Power.LOOK, Power.MAKE, Power.BROKER)
    }
    # ministack names no resource of these two, so a session that is bound to one may not call them there.
    with pytest.raises(RefusedError, match=DENIED):
        hands.disks.tag_snapshot(REGION, made, "k", "v")
    with pytest.raises(RefusedError, match=DENIED):
        hands.disks.untag_snapshot(REGION, made, "k")
    called: dict[Power, set[str]] = {power: set() for power in Power}
    for call in relay.seen:
        called[keys.get(call["key"], Power.DESTROY)].add(call["Action"])
    # What looks at people and buckets is called in test_people.py and test_objects.py.
    here = [call for call in declared() if call.service in ("ec2", "sts")]
    assert called == {power: {call.action for call in here if power in call.powers} for power in Power}


def test_a_session_policy_names_the_approved_things_and_only_them() -> None:
    actions = [delete("disks.delete_snapshot", each) for each in ("snap-1", "snap-2")]

    bound = bounds([*actions, delete("disks.delete_scratch", "vol-1")], ROLE, ACCOUNT)

    statements = {tuple(each["Action"]): each["Resource"] for each in bound.policy["Statement"]}
    assert statements == {
        ("ec2:DeleteSnapshot",): [f"arn:aws:ec2:{REGION}:*:snapshot/{each}" for each in ("snap-1", "snap-2")],
        ("ec2:DeleteVolume",): [f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"],
        (
            "ec2:DescribeSnapshotAttribute",
            "ec2:DescribeSnapshots",
            "ec2:DescribeVolumes",
            "sts:GetCallerIdentity",
        ): ["*"],
    }
    assert (bound.unbound, bound.seconds) == ((), 900)


def test_a_session_that_attaches_is_bound_to_that_disk_and_that_host() -> None:
    for verb, name in (
        ("disks.attach_scratch", "ec2:AttachVolume"),
        ("disks.detach_scratch", "ec2:DetachVolume"),
    ):
        bound = bounds([move(verb, "vol-1", "i-1")], ROLE, ACCOUNT)
        statements = {tuple(each["Action"]): each["Resource"] for each in bound.policy["Statement"]}
        here = f"arn:aws:ec2:{REGION}:{ACCOUNT}"
        assert statements[(name,)] == [f"{here}:instance/i-1", f"{here}:volume/vol-1"]
        assert bound.unbound == ()
    with pytest.raises(ApprovalError, match="is no single thing"):
        bounds([move("disks.attach_scratch", "vol-1", "*")], ROLE, ACCOUNT)


def test_a_session_that_moves_a_deadline_is_bound_to_its_snapshot() -> None:
    bound = bounds([delete("disks.extend_snapshot", "snap-1")], ROLE, ACCOUNT)
    statements = {tuple(each["Action"]): each["Resource"] for each in bound.policy["Statement"]}
    assert statements[("ec2:CreateTags",)] == [f"arn:aws:ec2:{REGION}:*:snapshot/snap-1"]


def test_a_role_of_china_binds_to_things_of_china() -> None:
    role = f"arn:aws-cn:iam::{ACCOUNT}:role/drkit-destroy"
    bound = bounds([delete("disks.delete_snapshot", "snap-1", "cn-north-1")], role, ACCOUNT)
    assert "arn:aws-cn:ec2:cn-north-1:*:snapshot/snap-1" in json.dumps(bound.policy)


def test_what_has_no_room_in_a_session_policy_is_bound_to_its_kind_and_region_and_that_is_said() -> None:
    many = [delete("disks.delete_snapshot", f"snap-{number:017x}") for number in range(100)]

    bound = bounds(many, ROLE, ACCOUNT)

    assert len(json.dumps(bound.policy, separators=(",", ":"))) <= LONGEST_POLICY
    assert f"arn:aws:ec2:{REGION}:*:snapshot/*" in json.dumps(bound.policy)
    assert [each.split(";")[0] for each in bound.unbound] == [
        "cannot be bound: 100 approved things have no room in a session policy"
    ]
    assert bound.seconds == 3120


@pytest.mark.parametrize("thing", ["*", "snap-*", "", "snap-1/snap-2", "snap-${aws:username}"])
def test_what_would_name_more_than_one_thing_is_refused(thing: str) -> None:
    with pytest.raises(ApprovalError, match="is no single thing"):
        bounds([delete("disks.delete_snapshot", thing)], ROLE, ACCOUNT)


def test_a_verb_that_nothing_carries_out_is_refused() -> None:
    with pytest.raises(ApprovalError, match=r"nothing of AWS carries out disks\.explode"):
        bounds([delete("disks.explode", "vol-1")], ROLE, ACCOUNT)


def test_the_role_may_do_exactly_what_the_verbs_call_and_every_verb_is_a_steps() -> None:
    role = {action_of(call) for call in declared() if Power.DESTROY in call.powers}
    called = {action_of(call) for calls in VERBS.values() for call in calls}
    assert role == called | {"sts:GetCallerIdentity"}
    assert set(VERBS) <= set(work_by_verb())


@pytest.mark.parametrize(
    ("tencent", "aws", "here"),
    [
        ("http://127.0.0.1:1", "http://127.0.0.1:2", True),
        ("http://127.0.0.1:1", "", False),
        ("", "http://127.0.0.1:2", False),
    ],
)
def test_all_clouds_are_on_this_machine_only_where_each_endpoint_says_so(
    monkeypatch: pytest.MonkeyPatch, tencent: str, aws: str, *, here: bool
) -> None:
    monkeypatch.setenv("DRKIT_TENCENT_ENDPOINT", tencent)
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws)
    assert all_on_this_machine(["tencent", "aws"]) is here
