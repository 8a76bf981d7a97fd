"""Copies in the vault on AWS: lent, copied there by the vault itself, and taken back."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from clouds.aws.administrator import account, holder, set_up
from clouds.aws.relay import relaying
from gating import broker
from helpers import Drkit, Ran
from scratching import Scene

from drkit.sandbox.aws.identity import MEMBER
from drkit.sandbox.testing import Running

WHOLE = os.environ.get("DRKIT_SOAK") == "1"
REGION, ELSEWHERE = "us-east-1", "eu-west-1"
SOMEBODY = "210000000009"
TAKE = """\
playbook: take
schedule: {every: day}
steps:
  - uses: snapshots.take
    with: {accounts: [abroad], keep_for: 7d}
"""
VAULT = """\
playbook: vaulted
schedule: {every: day}
after_crash: resume
steps:
  - uses: snapshots.vault
    with: {accounts: [abroad], vault: vault, keep_for: 90d, copies: %s}
"""
COVER = """\
playbook: cover
schedule: {every: day}
steps:
  - uses: snapshots.cover
    with: {accounts: [abroad], younger_than: 25h, vaults: [vault]}
"""


def vault_account(**changed: Any) -> dict[str, Any]:
    """The vault as the estate has it."""
    credentials = {"look": "AWS_VAULT_LOOK", "make": "AWS_VAULT_MAKE", "destroy": "AWS_VAULT_BROKER"}
    role = f"arn:aws:iam::{MEMBER}:role/drkit-destroy"
    return account(
        **{
            "account": MEMBER,
            "environment": "vault",
            "credentials": credentials,
            "destroy_role": role,
            "vault_for": ["abroad"],
            "regions": [REGION, ELSEWHERE],
            **changed,
        }
    )


@dataclass
class AwsScene:
    """An estate with a vault and a broker, a host with one volume that has a good snapshot; two accounts of AWS."""

    drkit: Drkit
    sandbox: Running

    def __post_init__(self) -> None:
        self.own = self.sandbox.environment()
        self.root = holder("ec2", self.own)
        assumed = holder("sts", self.own).assume_role(
            RoleArn=f"arn:aws:iam::{MEMBER}:role/OrganizationAccountAccessRole", RoleSessionName="set-up"
        )["Credentials"]
        self.there, self.elsewhere = self.client(assumed), self.client(assumed, region=ELSEWHERE)
        variables = set_up(lambda service: holder(service, self.own))
        variables |= set_up(lambda service: self.client(assumed, service), "AWS_VAULT", MEMBER)
        self.broker_has = {name: value for name, value in variables.items() if "_BROKER_" in name}
        self.drkit.environment |= variables
        self.scene = Scene(self.drkit, self.sandbox)
        accounts = {"abroad": account(), "vault": vault_account()}
        self.scene.estate(accounts=accounts, scratch=None)
        self.root.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)
        self.take()

    def client(self, pair: dict[str, str], service: str = "ec2", region: str = REGION) -> Any:
        return boto3.client(
            service,
            region,
            endpoint_url=self.own["AWS_ENDPOINT_URL"],
            aws_access_key_id=pair["AccessKeyId"],
            aws_secret_access_key=pair["SecretAccessKey"],
            aws_session_token=pair["SessionToken"],
        )

    def take(self) -> None:
        ran = self.drkit("run", "--yes", self.drkit.write("take.yaml", TAKE))
        assert ran.status == 0, ran.out + ran.err

    def playbook(self, copies: str = "[]") -> Any:
        return self.drkit.write("vaulted.yaml", VAULT % copies)

    def run(self, copies: str = "[]") -> Ran:
        with self.broker():
            return self.drkit("run", "--yes", self.playbook(copies), "--format", "json")

    def broker(self) -> Any:
        return broker(self.scene.people, self.sandbox, **self.broker_has)

    def snapshots(self, whose: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = whose.describe_snapshots(OwnerIds=["self"])["Snapshots"]
        return found

    def lent(self) -> list[str]:
        """The ids of production's snapshots that are shared with anybody."""
        return [
            each["SnapshotId"]
            for each in self.snapshots(self.root)
            if self.root.describe_snapshot_attribute(
                SnapshotId=each["SnapshotId"], Attribute="createVolumePermission"
            )["CreateVolumePermissions"]
        ]

    def change(self, snapshot: str, operation: str, account: str) -> None:
        """Whom a snapshot is shared with, past drkit."""
        self.root.modify_snapshot_attribute(
            SnapshotId=snapshot,
            Attribute="createVolumePermission",
            OperationType=operation,
            UserIds=[account],
        )


@pytest.fixture
def scene(cloud: Drkit, sandbox: Running) -> AwsScene:
    return AwsScene(cloud, sandbox)


def rows(ran: Ran) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ran.json["runs"][0]["steps"][0]["rows"]
    return found


def findings(ran: Ran) -> list[str]:
    return [each["id"] for each in ran.json["findings"]]


def test_a_copy_is_made_directly_and_covers_and_a_second_run_of_the_slot_copies_it_to_another_region_alone(
    scene: AwsScene,
) -> None:
    ran = scene.run()

    assert (ran.status, ran.json["verdict"]) == (0, "pass"), ran.out + ran.err
    (row,) = rows(ran)
    assert (row["status"], row["scratch"], row["share"]) == ("copied", "", "taken back")
    (source,), (copy,) = scene.snapshots(scene.root), scene.snapshots(scene.there)
    assert (copy["SnapshotId"], copy["OwnerId"]) == (row["snapshot"], MEMBER)
    tags = {tag["Key"]: tag["Value"] for tag in copy["Tags"]}
    assert (tags["drkit:source"], tags["Name"][:12]) == (source["SnapshotId"], "drkit-vault-")
    assert tags["drkit:delete-after"] > "2026"
    assert scene.lent() == []

    cover = scene.drkit("run", "--yes", scene.drkit.write("cover.yaml", COVER), "--format", "json")
    assert (cover.status, cover.json["verdict"]) == (0, "pass"), cover.out + cover.err

    again = scene.run(copies=f"[{{region: {ELSEWHERE}}}]")
    told = sorted((row["account"], row["region"], row["status"]) for row in rows(again))
    assert (again.status, told) == (
        0,
        [("abroad", REGION, "already there"), ("vault", ELSEWHERE, "copied")],
    )
    assert scene.snapshots(scene.there) == [copy]
    assert [each["OwnerId"] for each in scene.snapshots(scene.elsewhere)] == [MEMBER]
    assert scene.there.describe_volumes()["Volumes"] == []


def test_what_cannot_be_lent_fails_by_its_own_name_and_what_was_left_lent_is_taken_back(
    scene: AwsScene,
) -> None:
    (usual,) = scene.snapshots(scene.root)
    sealed = scene.root.create_volume(AvailabilityZone=f"{REGION}a", Size=8, Encrypted=True)["VolumeId"]
    scene.take()
    scene.change(usual["SnapshotId"], "add", SOMEBODY)

    ran = scene.run()

    assert ran.status == 3, ran.err
    assert {row["disk"]: row["status"] for row in rows(ran)} == {
        sealed: "not-shareable",
        usual["VolumeId"]: "share-refused",
    }
    whys = {each["id"]: each["why"] for each in ran.json["findings"]}
    assert "with EBS default key cannot be shared" in whys["snapshots.vault/not-shareable"]
    assert f"it is shared with {SOMEBODY}" in whys["snapshots.vault/share-refused"]
    assert scene.snapshots(scene.there) == []

    scene.change(usual["SnapshotId"], "remove", SOMEBODY)
    scene.change(usual["SnapshotId"], "add", MEMBER)
    again = scene.run()
    assert {row["disk"]: row["status"] for row in rows(again)} == {
        sealed: "not-shareable",
        usual["VolumeId"]: "copied",
    }
    assert (scene.lent(), len(scene.snapshots(scene.there))) == ([], 1)


def test_without_a_broker_nothing_is_lent_and_nothing_is_made(scene: AwsScene) -> None:
    ran = scene.drkit("run", "--yes", scene.playbook(), "--format", "json")

    assert (ran.status, findings(ran)) == (3, ["snapshots.vault/share-refused"]), ran.err
    assert (scene.snapshots(scene.there), scene.lent()) == ([], [])


@pytest.mark.parametrize("action", ["CopySnapshot", "ModifySnapshotAttribute"] if WHOLE else ["CopySnapshot"])
def test_silence_is_looked_into_and_one_copy_is_made(scene: AwsScene, action: str) -> None:
    with relaying(scene.sandbox.record.aws_port) as relay:
        relay.lost.add(action)
        scene.drkit.environment["AWS_ENDPOINT_URL"] = relay.endpoint
        ran = scene.run()

    assert (ran.status, rows(ran)[0]["status"], scene.lent()) == (0, "copied", []), ran.err
    assert len(scene.snapshots(scene.there)) == 1


# Among the twelve writes of the journal: after a loan was intended, made, used, and taken back.
@pytest.mark.parametrize("point", range(2, 13) if WHOLE else (6,))
def test_killed_after_a_write_of_the_journal_and_recovered(scene: AwsScene, point: int) -> None:
    """One copy, nothing lent, every run ended."""
    with scene.broker():
        killed = scene.drkit.killed("journal", "after", point, "run", "--yes", scene.playbook())
        recovered = scene.drkit("recover", "--yes")

    assert killed.status < 0
    assert recovered.status == 0, recovered.out + recovered.err
    assert (scene.lent(), len(scene.snapshots(scene.there))) == ([], 1)
