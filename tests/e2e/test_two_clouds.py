"""One estate in two clouds: one playbook takes, covers and removes in both, in one run."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from clouds.aws.administrator import account, holder, set_up
from gating import People, approve, broker, request, snapshots, there
from helpers import snapshots_named

from drkit.sandbox.testing import Running

DAILY = """\
playbook: daily
schedule: {every: day}
steps:
  - uses: snapshots.take
    with: {keep_for: 7d}
  - uses: snapshots.cover
    with: {younger_than: 25h}
"""
TOGETHER = """\
playbook: together
schedule: {every: day}
steps:
  - uses: snapshots.take
    with: {accounts: [abroad], hosts: [%s], keep_for: 7d, together: host}
"""
REMOVE = """\
playbook: remove
schedule: {every: day}
steps:
  - uses: snapshots.remove
    name: at-home
    with: {account: production, region: ap-beijing, snapshots: [%s], reason: made by mistake}
  - uses: snapshots.remove
    name: abroad
    with: {account: abroad, region: us-east-1, snapshots: [%s], reason: made by mistake}
"""


@pytest.fixture
def ec2(sandbox: Running, people: People) -> Any:
    """The other cloud with two hosts and a disk beside them, in the same estate; boto3 as its root."""
    variables = sandbox.environment()

    def root(service: str) -> Any:
        return holder(service, variables)

    people.drkit.environment |= set_up(root)
    file = people.estate()
    estate = yaml.safe_load(file.read_text())
    estate["accounts"]["abroad"] = account()
    people.drkit.write("estate.yaml", yaml.safe_dump(estate))
    ec2 = root("ec2")
    ec2.run_instances(ImageId="ami-12345678", MinCount=2, MaxCount=2)
    ec2.create_volume(AvailabilityZone="us-east-1a", Size=8)
    return ec2


def abroad(ec2: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
    return found


def test_one_run_takes_and_covers_in_both_clouds_and_a_second_one_of_the_slot_does_nothing(
    people: People, sandbox: Running, ec2: Any
) -> None:
    file = people.drkit.write("daily.yaml", DAILY)

    ran = people.drkit("run", "--yes", file, "--format", "json")

    assert ran.status == 0, ran.err + ran.out
    assert [step["verdict"] for step in ran.json["runs"][0]["steps"]] == ["pass", "pass"]
    assert len(snapshots_named(sandbox, "drkit-daily-")) == 60
    taken = abroad(ec2)
    assert len({each["VolumeId"] for each in taken}) == len(taken) == 3
    tags = [{tag["Key"]: tag["Value"] for tag in each["Tags"]} for each in taken]
    assert all(each["Name"].startswith("drkit-daily-") and each["drkit:delete-after"] for each in tags)

    again = people.drkit("run", "--yes", file, "--format", "json")

    assert again.status == 0, again.err + again.out
    assert abroad(ec2) == taken
    assert len(snapshots_named(sandbox, "drkit-daily-")) == 60


def test_a_cloud_that_cannot_be_read_is_unknown_and_the_other_is_covered_all_the_same(
    people: People, ec2: Any
) -> None:
    people.drkit("run", "--yes", people.drkit.write("daily.yaml", DAILY))
    cover = DAILY.replace("playbook: daily", "playbook: cover").split("  - uses: snapshots.take")[0]
    cover += "  - uses: snapshots.cover\n    with: {younger_than: 25h}\n"
    statement = {"Effect": "Deny", "Action": "ec2:DescribeVolumes", "Resource": "*"}
    deny = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam = holder("iam", people.drkit.environment)
    iam.put_user_policy(UserName="drkit-look", PolicyName="deny", PolicyDocument=deny)

    ran = people.drkit("run", "--yes", people.drkit.write("cover.yaml", cover), "--format", "json")

    (step,) = ran.json["runs"][0]["steps"]
    assert step["verdict"] == "unknown"
    assert "UnauthorizedOperation" in step["reason"]
    assert (step["summary"]["covered"], step["summary"]["unknown"]) == (60, 1)


def test_what_two_people_approved_is_removed_from_both_clouds_and_nothing_else(
    people: People, sandbox: Running, ec2: Any
) -> None:
    volume = ec2.describe_volumes()["Volumes"][0]["VolumeId"]
    doomed, kept = (ec2.create_snapshot(VolumeId=volume)["SnapshotId"] for _ in range(2))
    [here] = snapshots(sandbox)
    file = people.drkit.write("remove.yaml", REMOVE % (here, doomed))
    assert people.drkit("run", "--yes", file).status == 5

    approve(people, request(people, file), "bob", "carol")
    own = {name: people.drkit.environment[name] for name in people.drkit.environment if "AWS_" in name}
    with broker(people, sandbox, **own):
        done = people.drkit("run", "--yes", file)

    assert done.status == 0, done.err + done.out
    assert not there(sandbox, here)
    assert [each["SnapshotId"] for each in abroad(ec2)] == [kept]


def test_init_finds_the_accounts_of_both_clouds_and_the_estate_is_fine(people: People, ec2: Any) -> None:
    drkit = people.drkit
    assert drkit("init", "dr").status == 0

    accounts = yaml.safe_load((drkit.directory / "dr" / "estate.yaml").read_text())["accounts"]

    assert {name: (each["account"], sorted(each["regions"])) for name, each in accounts.items()} == {
        "production": ("100000000001", ["ap-beijing", "ap-shanghai"]),
        "aws": ("210000000001", ["us-east-1"]),
    }
    checked = drkit("check", "--estate", "dr/estate.yaml")
    assert checked.status == 0, checked.out + checked.err


def test_the_volumes_of_a_host_abroad_are_taken_together_and_a_second_run_of_the_slot_does_nothing(
    people: People, ec2: Any
) -> None:
    first = ec2.describe_instances()["Reservations"][0]["Instances"][0]["InstanceId"]
    (spare,) = [each for each in ec2.describe_volumes()["Volumes"] if not each["Attachments"]]
    ec2.attach_volume(VolumeId=spare["VolumeId"], InstanceId=first, Device="/dev/sdf")
    file = people.drkit.write("together.yaml", TOGETHER % first)

    ran = people.drkit("run", "--yes", file, "--format", "json")

    assert ran.status == 0, ran.err + ran.out
    taken = abroad(ec2)
    assert len({each["VolumeId"] for each in taken}) == len(taken) == 2
    tags = [{tag["Key"]: tag["Value"] for tag in each["Tags"]} for each in taken]
    assert len({each["drkit:together"] for each in tags}) == 1
    assert all(each["Name"].startswith("drkit-together-") and each["drkit:delete-after"] for each in tags)

    again = people.drkit("run", "--yes", file, "--format", "json")

    assert again.status == 0, again.err + again.out
    assert abroad(ec2) == taken
