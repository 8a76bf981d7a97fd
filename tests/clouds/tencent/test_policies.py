"""The policies of the credentials hold what the code calls: nothing more, nothing less, and nothing that destroys."""

from __future__ import annotations

import ast
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers import ROOT, Drkit

from drkit.clouds import tencent
from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.policies import action_of, declared, file_name, write
from drkit.sandbox.gateway import Gateway
from drkit.sandbox.testing import InThread, in_thread
from drkit.sandbox.world.model import Credential

COMMITTED = ROOT / "configs" / "policies"
DAILY = ROOT / "playbooks" / "daily-snapshots.yaml"
# Two key pairs of two users: which power made a call shows in which pair signed it.
PAIRS = {Power.LOOK: ("AKID" + 32 * "l", 32 * "r"), Power.MAKE: ("AKID" + 32 * "m", 32 * "w")}
ESTATE = """\
estate: weimob
accounts:
  production:
    cloud: tencent
    account: "100000000001"
    environment: production
    regions: [ap-beijing, ap-shanghai]
    credentials: {look: LOOK, make: MAKE}
"""
# What deletes, overwrites, shortens, unlocks or covers tracks. CBS is authorised as cvm; whether the prefix
# cbs counts too is not documented, so both are looked for.
CBS = """TerminateDisks DeleteSnapshots DeleteSnapshotGroup DeleteDiskBackups DeleteAutoSnapshotPolicies
    UnbindAutoSnapshotPolicy ModifyAutoSnapshotPolicyAttribute ModifySnapshotAttribute ModifyDisksRenewFlag
    ApplySnapshot ApplySnapshotGroup ApplyDiskBackup"""
DESTRUCTION = {
    "cbs": CBS,
    "cvm": f"""TerminateInstances ResetInstance DeleteImages ModifyInstancesAttribute
        ModifyInstancesRenewFlag {CBS}""",
    "cdb": """IsolateDBInstance OfflineIsolatedInstances DeleteBackup DeleteDatabase ModifyBackupConfig
        ModifyRemoteBackupConfig ModifyInstanceDestroyProtect ModifyAutoRenewFlag""",
    "cynosdb": """IsolateCluster OfflineCluster DeleteBackup DeleteBackupVault DeleteVaults ModifyVault
        DeleteClusterDatabase""",
    "mongodb": """TerminateDBInstances IsolateDBInstance OfflineIsolatedDBInstance DeleteDBBackups
        ModifyBackupExpireTime SetDBInstanceDeletionProtection""",
    "redis": """DestroyPostpaidInstance DestroyPrepaidInstance CleanUpInstance ClearInstance
        ModifyAutoBackupConfig RestoreInstance""",
    "postgres": """IsolateDBInstances DestroyDBInstance DeleteBaseBackup DeleteLogBackup DeleteBackupPlan
        ModifyBaseBackupExpireTime ModifyDBInstanceDeletionProtection""",
    "sqlserver": "TerminateDBInstance DeleteDBInstance DeleteDB RemoveBackups ModifyBackupStrategy",
    "cfs": "DeleteCfsFileSystem DeleteCfsSnapshot ModifyLifecyclePolicy ApplyPathLifecyclePolicy",
    "lighthouse": """TerminateInstances TerminateDisks IsolateInstances DeleteSnapshots DeleteDiskBackups
        ResetInstance""",
    "tke": """DeleteCluster DeleteEKSCluster DeleteBackupStorageLocation
        DisableClusterDeletionProtection""",
    "kms": "ScheduleKeyDeletion DisableKey DisableKeys ArchiveKey DeleteImportedKeyMaterial",
    "ssm": "DeleteSecret",
    "cos": """DeleteObject DeleteMultipleObjects DeleteBucket PutObject PutBucketVersioning
        PutBucketLifecycle PutBucketReplication DeleteBucketReplication PutBucketPolicy DeleteBucketPolicy
        PutBucketACL""",
    "cloudaudit": "DeleteAuditTrack",
}


def committed(power: Power) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((COMMITTED / file_name(power)).read_text(encoding="utf-8"))
    return document


def allowed(power: Power) -> list[str]:
    return [action for statement in committed(power)["statement"] for action in statement["action"]]


def test_the_committed_policies_are_those_that_the_code_makes(tmp_path: Path) -> None:
    write(tmp_path)

    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert {path.name: path.read_bytes() for path in COMMITTED.iterdir()} == made, "run `make schemas`"


@pytest.mark.parametrize("power", Power)
def test_a_policy_is_a_document_of_version_2_in_which_every_action_stands_once_and_in_full(
    power: Power,
) -> None:
    document = committed(power)

    assert (list(document), document["version"]) == (["version", "statement"], "2.0")
    for statement in document["statement"]:
        assert list(statement) == ["effect", "action", "resource"]
        assert statement["effect"] == "allow"
    actions = allowed(power)
    assert len(actions) == len(set(actions))
    assert not [action for action in actions if "*" in action or action.count(":") != 1]
    # The cloud takes no longer ones (598/10609).
    assert len((COMMITTED / file_name(power)).read_text()) <= 6144


def test_only_what_the_documentation_binds_to_resources_is_bound() -> None:
    bound = {
        (*statement["action"], *statement["resource"])
        for power in Power
        for statement in committed(power)["statement"]
        if statement["resource"] != ["*"]
    }

    assert bound == {("cvm:DescribeDisks", "qcs::cvm:::volume/*")}


@pytest.mark.parametrize("power", Power)
def test_no_policy_allows_anything_that_destroys(power: Power) -> None:
    destroying = {
        f"{service}:{action}" for service, actions in DESTRUCTION.items() for action in actions.split()
    }

    assert destroying.isdisjoint(allowed(power))
    assert not [action for action in allowed(power) if action.startswith(("cam:", "organization:"))]


def test_look_makes_no_call_that_writes_and_every_read_or_write_has_its_power() -> None:
    for call in declared():
        assert call.powers, f"{call} is in no policy"
        assert not (call.writes and Power.LOOK in call.powers), (
            f"{call} writes with the credential that looks"
        )
    assert not [
        action for action in allowed(Power.LOOK) if not action.split(":")[1].startswith(("Describe", "Get"))
    ]


def test_calls_are_made_by_declarations_alone() -> None:
    """A `Call(…)` inside a function would be in no policy."""
    inside = []
    for path in sorted(Path(tencent.__path__[0]).glob("*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        declarations = {
            statement.value
            for statement in module.body
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call)
        }
        inside += [
            f"{path.name}:{node.lineno}"
            for node in ast.walk(module)
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == Call.__name__
            if node not in declarations
        ]

    assert not inside


class Watched:
    """A sandbox that two users call, with what each of them called."""

    def __init__(self, sandbox: InThread) -> None:
        self.sandbox = sandbox
        self.called: dict[str, set[str]] = defaultdict(set)
        for power, (id_, key) in PAIRS.items():
            user = Credential(id_, key, "100000000001", f"drkit-{power}")
            sandbox.world.credentials[id_] = user

    def by(self, power: Power) -> set[str]:
        """What one power called, as policies name it."""
        return self.called[PAIRS[power][0]]


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    authenticate = Gateway.authenticate

    with in_thread() as sandbox:
        watched = Watched(sandbox)

        def authenticate_and_note(self, request, name):
            caller = authenticate(self, request, name)
            watched.called[caller.secret_id].add(action_of(Call(name.service, name.version, name.action)))
            return caller

        monkeypatch.setattr(Gateway, "authenticate", authenticate_and_note)
        yield watched


def test_a_daily_run_calls_with_each_credential_exactly_what_its_policy_allows(
    drkit: Drkit, watched: Watched
) -> None:
    watched.sandbox.create_in(0)
    pairs = {
        f"{power.name}_SECRET_{part}": value
        for power, pair in PAIRS.items()
        for part, value in zip(("ID", "KEY"), pair, strict=True)
    }
    estate = drkit.write("estate.yaml", ESTATE)

    ran = drkit(
        "run",
        "--yes",
        DAILY,
        "--estate",
        estate,
        DRKIT_TENCENT_ENDPOINT=watched.sandbox.endpoint,
        **pairs,
    )

    assert "snapshots.take" in ran.out, ran.err
    assert {power: watched.by(power) for power in Power} == {power: set(allowed(power)) for power in Power}
    assert set(watched.called) == {id_ for id_, _ in PAIRS.values()}
