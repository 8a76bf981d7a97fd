"""Snapshots that are lent on AWS, as the vault sees them, and what it makes of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from clouds.aws.administrator import ACCOUNT
from clouds.aws.conftest import REGION
from clouds.aws.relay import Relay

from drkit.clouds.aws.cloud import AwsCloud
from drkit.clouds.tencent.settings import KeyPair
from drkit.core.actions import Action, Effect, Failed, Pending
from drkit.core.times import text_of
from drkit.ports.cloud import Hands
from drkit.ports.errors import RefusedError, UncertainError
from drkit.sandbox.aws.identity import MEMBER
from drkit.snapshots import vaulting
from drkit.snapshots.making import CREATE_FULL
from drkit.snapshots.vaulting import DIRECTLY, KEY_REFUSED, WITHIN

DEADLINE = datetime(2027, 5, 1, tzinfo=UTC)
ERROR = """\
<DescribeSnapshotsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r-1</requestId><snapshotSet>
<item><snapshotId>snap-1</snapshotId><volumeId>vol-ffffffff</volumeId><status>error</status>
<statusMessage>%s</statusMessage></item></snapshotSet></DescribeSnapshotsResponse>"""


@pytest.fixture
def vault(root: Callable[..., Any], relay: Relay, monkeypatch: pytest.MonkeyPatch) -> AwsCloud:
    """The other account, a vault for the first, opened with everything."""
    role = f"arn:aws:iam::{MEMBER}:role/OrganizationAccountAccessRole"
    pair = root("sts").assume_role(RoleArn=role, RoleSessionName="vault")["Credentials"]
    monkeypatch.setenv("AWS_ENDPOINT_URL", relay.endpoint)
    keys = KeyPair(pair["AccessKeyId"], pair["SecretAccessKey"], pair["SessionToken"])
    return AwsCloud(keys, REGION, (ACCOUNT,))


@pytest.fixture
def snapshots(root: Callable[..., Any], vault: AwsCloud, filled: str) -> list[str]:
    """Two of the first account, the first of which is lent to the vault."""
    ec2 = root("ec2")
    made = [ec2.create_snapshot(VolumeId=filled)["SnapshotId"] for _ in range(2)]
    ec2.modify_snapshot_attribute(
        SnapshotId=made[0], Attribute="createVolumePermission", OperationType="add", UserIds=[MEMBER]
    )
    return made


def copy(vault: AwsCloud, snapshot: str, to: str = REGION) -> str:
    return vault.lending.copy_lent(
        REGION, snapshot, to=to, name="drkit-vault-1", deadline=DEADLINE, tags={"drkit:source": snapshot}
    )


def test_the_vault_sees_what_is_lent_to_it_as_lent_and_nothing_else_of_the_lender(
    vault: AwsCloud, snapshots: list[str]
) -> None:
    lent, kept = snapshots

    assert [(each.id, each.shared) for each in vault.disks.list_snapshots(REGION)] == [(lent, True)]
    assert [each.id for each in vault.disks.get_snapshots(REGION, [lent, kept])] == [lent]


@pytest.mark.parametrize("to", [REGION, "eu-west-1"])
def test_a_copy_is_the_vaults_own_with_its_tags_and_its_deadline_from_the_start(
    vault: AwsCloud, snapshots: list[str], to: str
) -> None:
    made = copy(vault, snapshots[0], to)

    (found,) = vault.disks.find_copies(to, "drkit-vault-1")
    assert (found.id, found.copied, found.shared) == (made, True, False)
    assert found.deadline is not None
    assert (found.deadline.latest, found.tags["drkit:source"]) == (DEADLINE, snapshots[0])


def test_what_is_not_lent_is_not_copied(vault: AwsCloud, snapshots: list[str]) -> None:
    with pytest.raises(RefusedError, match=r"InvalidSnapshot\.NotFound"):
        copy(vault, snapshots[1])


def test_who_may_use_a_snapshot_is_read_whole_or_not_at_all(
    vault: AwsCloud, snapshots: list[str], relay: Relay
) -> None:
    public = "<createVolumePermission><item><group>all</group></item></createVolumePermission>"
    document = '<A xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><snapshotId>s</snapshotId>%s</A>'
    relay.answers["DescribeSnapshotAttribute"] = (200, "text/xml", (document % public).encode())
    assert vault.lending.lent_to(REGION, "snap-1") == {"all"}

    relay.answers["DescribeSnapshotAttribute"] = (200, "text/xml", (document % "").encode())
    with pytest.raises(UncertainError, match="says nothing of who may use it"):
        vault.lending.lent_to(REGION, "snap-1")


@pytest.mark.parametrize(
    ("told", "code"),
    [("Given key ID is not accessible", KEY_REFUSED), ("Internal error", "Spoiled"), ("", "Spoiled")],
)
def test_a_copy_that_may_not_use_the_key_fails_by_that_name_and_in_the_clouds_words(
    vault: AwsCloud, relay: Relay, told: str, code: str
) -> None:
    relay.answers["DescribeSnapshots"] = (200, "text/xml", (ERROR % told).encode())
    slot = text_of(datetime.now(UTC) - timedelta(minutes=5))
    arguments = {"name": "drkit-vault-1", "slot": slot, WITHIN: 3600, DIRECTLY: True}
    action = Action(CREATE_FULL, Effect.CREATE, "vault", REGION, "snap-0", arguments, "a test")

    answers = vaulting.poll({"k": (action, Pending("snap-1", 1))}, Hands({"vault": vault}, "r"))

    answer = answers["k"]
    assert isinstance(answer, Failed)
    assert (answer.code, answer.reason.endswith(told)) == (code, True)
