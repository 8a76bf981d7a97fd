"""Copies in the vault against the sandbox: lent, made there, and taken back whatever happens in between."""

from __future__ import annotations

import os
import re
import time
from datetime import timedelta

import pytest
from helpers import Drkit, Ran
from shifted import ahead
from vaults import VaultScene, accounts

from drkit.sandbox.testing import Running

COVER = """\
playbook: cover
schedule: {every: day}
steps:
  - uses: snapshots.cover
    with: {accounts: [production], regions: [ap-beijing], younger_than: 25h, vaults: [vault]}
"""
WHOLE = os.environ.get("DRKIT_SOAK") == "1"


@pytest.fixture
def scene(cloud: Drkit, sandbox: Running) -> VaultScene:
    return VaultScene(cloud, sandbox)


def test_a_copy_is_made_in_the_vault_and_the_loan_and_the_scratch_disk_end_with_the_run(
    scene: VaultScene,
) -> None:
    with scene.broker():
        ran = scene.drkit("run", "--yes", scene.playbook(), "--format", "json")

    assert (ran.status, ran.json["verdict"]) == (0, "pass"), ran.out + ran.err
    (row,) = ran.json["runs"][0]["steps"][0]["rows"]
    assert (row["status"], row["scratch"], row["share"]) == ("copied", "removed", "taken back")
    (copy,) = scene.vaulted()
    assert (copy["SnapshotId"], copy["SnapshotState"], copy["SnapshotType"]) == (
        row["snapshot"],
        "NORMAL",
        "PRIVATE_SNAPSHOT",
    )
    assert (copy["DeadlineTime"] != "", copy["IsPermanent"]) == (True, False)
    tags = {tag["Key"]: tag["Value"] for tag in copy["Tags"]}
    assert tags["drkit:source"] == scene.newest()["SnapshotId"]
    assert (scene.scratch(), scene.lent()) == ([], [])


def test_the_vaults_copy_is_copied_to_another_region_of_the_vault_once(scene: VaultScene) -> None:
    file = scene.playbook(copies="[{region: ap-shanghai}]")
    with scene.broker():
        ran, again = (scene.drkit("run", "--yes", file, "--format", "json") for _ in range(2))

    def told(ran: Ran) -> list[tuple[str, str, str]]:
        rows = ran.json["runs"][0]["steps"][0]["rows"]
        return sorted((row["account"], row["region"], row["status"]) for row in rows)

    places = [("production", "ap-beijing"), ("vault", "ap-shanghai")]
    assert (ran.status, told(ran)) == (0, [(*place, "copied") for place in places]), ran.err
    assert (again.status, told(again)) == (0, [(*place, "already there") for place in places]), again.err
    (copy,) = scene.vaulted("ap-shanghai")
    assert (copy["CopyFromRemote"], copy["SnapshotState"]) == (True, "NORMAL")
    assert (scene.lent(), len(scene.vaulted())) == ([], 1)


def test_a_copy_in_another_region_that_the_cloud_refuses_fails_that_one_and_no_other(
    scene: VaultScene,
) -> None:
    scene.sandbox.fault("error", action="CopySnapshotCrossRegions", code="InsufficientSnapshotQuota")
    with scene.broker():
        file = scene.playbook(copies="[{region: ap-shanghai}]")
        ran = scene.drkit("run", "--yes", file, "--format", "json")

    assert (ran.status, findings(ran)) == (3, ["snapshots.vault/quota"]), ran.err
    assert ran.json["findings"][0]["where"] == "vault/ap-shanghai"
    assert len(scene.vaulted()) == 1


def test_a_system_disk_is_copied_by_way_of_a_snapshot_that_is_made_to_be_lent(scene: VaultScene) -> None:
    with scene.broker():
        ran = scene.drkit("run", "--yes", scene.playbook(system=True), "--format", "json")
        again = scene.drkit("run", "--yes", scene.playbook(system=True), "--format", "json")

    assert (ran.status, ran.json["verdict"]) == (0, "pass"), ran.out + ran.err
    rows = ran.json["runs"][0]["steps"][0]["rows"]
    assert {row["status"] for row in rows} == {"copied"}
    assert {row["share"] for row in rows} == {"taken back"}
    lendable = scene.lendable()
    assert [(each["DiskUsage"], each["SnapshotState"]) for each in lendable] == [("DATA_DISK", "NORMAL")] * (
        len(rows) - 1
    )
    assert all(each["DeadlineTime"] and not each["IsPermanent"] for each in lendable)
    sources = {
        tag["Value"] for each in scene.vaulted() for tag in each["Tags"] if tag["Key"] == "drkit:source"
    }
    assert sources == {each["SnapshotId"] for each in lendable} | {scene.newest()["SnapshotId"]}
    assert (scene.scratch(), scene.lent(), len(scene.vaulted())) == ([], [], len(rows))
    assert (again.status, len(scene.lendable())) == (0, len(lendable)), again.err
    cover = scene.drkit("run", "--yes", scene.drkit.write("cover.yaml", COVER), "--format", "json")
    volumes = cover.json["runs"][0]["steps"][0]["rows"]
    ours = {row["disk"] for row in rows}
    assert {row["status"] for row in volumes if row["disk"] in ours} == {"covered"}
    assert len([row for row in volumes if row["disk"] in ours]) == len(rows)


def run(scene: VaultScene, **options: str) -> Ran:
    return scene.drkit("run", "--yes", scene.playbook(), "--format", "json", **options)


def findings(ran: Ran) -> list[str]:
    return [each["id"] for each in ran.json["findings"]]


@pytest.mark.parametrize(
    ("action", "code", "finding"),
    [
        ("ModifySnapshotsSharePermission", "ResourceInsufficient.OverQuota", "share-quota"),
        ("CreateDisks", "ResourceInsufficient", "disk-failed"),
        ("CreateSnapshot", "InsufficientSnapshotQuota", "quota"),
        *(
            [
                ("ModifySnapshotsSharePermission", "UnauthorizedOperation", "share-refused"),
                ("ModifySnapshotsSharePermission", "InvalidSnapshot.NotSupported", "not-shareable"),
                ("CreateSnapshot", "ResourceUnavailable.NotSupported", "failed"),
            ]
            if WHOLE
            else []
        ),
    ],
)
def test_what_the_cloud_refuses_fails_the_disk_by_its_own_name_and_nothing_stays_lent_or_behind(
    scene: VaultScene, action: str, code: str, finding: str
) -> None:
    scene.sandbox.fault("error", action=action, code=code)
    with scene.broker():
        ran = run(scene)
        again = run(scene)

    assert (ran.status, findings(ran)) == (3, [f"snapshots.vault/{finding}"]), ran.err
    assert code in ran.json["findings"][0]["why"]
    assert (again.status, again.json["runs"][0]["steps"][0]["rows"][0]["status"]) == (0, "copied")
    assert (scene.scratch(), scene.lent(), len(scene.vaulted())) == ([], [], 1)


@pytest.mark.parametrize("status", ["already there", "taken back"])
def test_a_share_that_is_not_taken_back_is_a_finding_and_the_next_run_takes_it_back(
    scene: VaultScene, status: str
) -> None:
    """Also where the disk is gone since, which no run has in its list any more."""
    scene.sandbox.fault("error", action="ModifySnapshotsSharePermission", code="InvalidParameter", after=1)
    newest = scene.newest()["SnapshotId"]
    with scene.broker():
        ran = run(scene)
        still = scene.lent()
        if status == "taken back":
            scene.remove_search_disk()
        again = run(scene)

    assert (ran.status, findings(ran)) == (3, ["snapshots.vault/still-shared"]), ran.err
    assert still == [newest]
    (row,) = again.json["runs"][0]["steps"][0]["rows"]
    assert (again.status, row["status"], row["share"], scene.lent()) == (0, status, "taken back", [])


def test_without_a_broker_nothing_is_lent_and_nothing_is_made(scene: VaultScene) -> None:
    ran = run(scene)

    assert (ran.status, findings(ran)) == (3, ["snapshots.vault/share-refused"]), ran.err
    assert (scene.scratch(), scene.vaulted(), scene.lent()) == ([], [], [])


def test_an_encrypted_snapshot_fails_its_disk_and_the_other_disk_is_copied(scene: VaultScene) -> None:
    tags = [{"Key": "service", "Value": "search"}]
    usual = {
        "Placement": {"Zone": "ap-beijing-3"},
        "DiskChargeType": "POSTPAID_BY_HOUR",
        "DiskType": "CLOUD_PREMIUM",
    }
    more = {"DiskSize": 20, "DiskName": "sealed", "Encrypt": "ENCRYPT", "Tags": tags}
    (sealed,) = scene.ask("administrator", "CreateDisks", **usual, **more)["DiskIdSet"]
    scene.sandbox.advance(timedelta(minutes=1))
    scene.take()
    with scene.broker():
        ran = run(scene)

    assert (ran.status, findings(ran)) == (3, ["snapshots.vault/not-shareable"]), ran.err
    rows = {row["disk"]: row["status"] for row in ran.json["runs"][0]["steps"][0]["rows"]}
    assert rows == {sealed: "not-shareable", scene.search_disk(): "copied"}


def test_a_copy_that_never_arrives_fails_by_its_own_name(scene: VaultScene) -> None:
    scene.sandbox.create_in(10_000_000)
    with scene.broker():
        first = scene.drkit.start("run", "--yes", scene.playbook())
        ends = time.monotonic() + 60
        while not [each for each in scene.vaulted() if each["SnapshotState"] == "CREATING"]:
            assert time.monotonic() < ends, "the vault's snapshot was not begun"
            time.sleep(0.2)
        first.kill()
        first.communicate()
        later = scene.drkit("recover", "--yes", prefix=ahead(timedelta(hours=40)))

    assert later.status != 0
    (row,) = scene.drkit("report", "--format", "json").json["runs"][0]["steps"][0]["rows"]
    assert (row["status"], row["share"]) == ("never-arrived", "taken back"), row


@pytest.mark.parametrize("kind", ["cut_before", "cut_after"] if WHOLE else ["cut_after"])
def test_silence_when_it_is_lent_is_looked_into(scene: VaultScene, kind: str) -> None:
    scene.drkit.environment["DRKIT_TIMEOUT"] = "2"
    scene.sandbox.fault(kind, action="ModifySnapshotsSharePermission")
    with scene.broker():
        ran = run(scene)
        again = run(scene)

    assert ran.status in (0, 1), ran.err
    assert again.status == 0, again.err
    assert (scene.scratch(), scene.lent(), len(scene.vaulted())) == ([], [], 1)


# --- killed ---

# The run's start, three sizes of the evidence, the step's conclusion and the run's end; of each of the five actions
# the intention, and what came of it; of the three that take time, at first and at last.
LEAST = 6 + 3 * 3 + 2 * 2
POINTS = range(2, LEAST + 1) if WHOLE else (6, 11)


def test_a_run_that_is_not_killed_writes_as_often_as_the_matrix_says(scene: VaultScene) -> None:
    with scene.broker():
        ran = scene.drkit.killed("journal", "never", 0, "run", "--yes", scene.playbook())

    assert (ran.status, int(re.findall(r"writes: (\d+)", ran.err)[0])) == (0, LEAST), ran.err


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_write_of_the_journal_and_recovered(scene: VaultScene, point: int) -> None:
    """One copy, no scratch, nothing lent, every run ended."""
    with scene.broker():
        killed = scene.drkit.killed("journal", "after", point, "run", "--yes", scene.playbook())
        recovered = scene.drkit("recover", "--yes")

    assert killed.status < 0
    assert recovered.status == 0, recovered.out + recovered.err
    assert (scene.scratch(), scene.lent(), len(scene.vaulted())) == ([], [], 1)
    runs = scene.drkit("history", "--format", "json").json["runs"]
    assert {each["state"] for each in runs} == {"ended"}


@pytest.mark.parametrize("point", range(2, 44, 3) if WHOLE else (17,))
def test_killed_while_system_disks_are_copied_and_recovered(scene: VaultScene, point: int) -> None:
    """As many copies as disks, each of a snapshot that is there, and of each system disk one that can be lent."""
    with scene.broker():
        file = scene.playbook(system=True, copies="[{region: ap-shanghai}]")
        killed = scene.drkit.killed("journal", "after", point, "run", "--yes", file)
        recovered = scene.drkit("recover", "--yes")

    assert killed.status < 0
    assert recovered.status == 0, recovered.out + recovered.err
    disks = {each["DiskId"] for each in scene.lendable()}
    assert len(disks) == len(scene.lendable()) > 0
    copies = len(disks) + 1
    assert (len(scene.vaulted()), len(scene.vaulted("ap-shanghai"))) == (copies, copies)
    assert (scene.scratch(), scene.lent()) == ([], [])


# --- what the estate says ---


@pytest.mark.parametrize(
    ("vault", "told"),
    [
        ({"vault_for": []}, "'vault' is a vault for none of these accounts"),
        ({"regions": ["ap-shanghai"]}, "'vault' lists no region 'ap-beijing'"),
        ({"vault_for": ["producton"]}, "did you mean 'production'?"),
        ({"vault_for": ["vault"]}, "it takes another account of the same cloud"),
    ],
)
def test_a_vault_that_the_estate_does_not_name_is_refused_before_anything_is_done(
    scene: VaultScene, vault: dict[str, list[str]], told: str
) -> None:
    scene.estate(accounts=accounts(**vault), scratch=None)

    ran = scene.drkit("run", "--yes", scene.playbook())

    assert (ran.status, told in ran.err) == (2, True), ran.err
