"""The IAM policies hold what the code calls: nothing more, nothing less, and nothing that destroys."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from helpers import ROOT

from drkit.clouds import aws
from drkit.clouds.aws.policies import TRUST_FILE, declared, file_name, write
from drkit.clouds.tencent.client import Call, Power

COMMITTED = ROOT / "configs" / "policies"
DESTROYING = (
    "Delete",
    "Terminate",
    "Modify",
    "Reset",
    "Unlock",
    "Disable",
    "Detach",
    "Put",
    "Attach",
    "Update",
)


LOOKED_AT = {(Power.LOOK, "iam"), (Power.LOOK, "cloudtrail")}


def committed(power: Power) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((COMMITTED / file_name(power)).read_text(encoding="utf-8"))
    return document


def allowed(power: Power) -> list[str]:
    return [action for statement in committed(power)["Statement"] for action in statement["Action"]]


def test_the_committed_policies_are_those_that_the_code_makes(tmp_path: Path) -> None:
    write(tmp_path)

    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert {path.name: path.read_bytes() for path in COMMITTED.glob("aws-*")} == made, "run `make schemas`"


@pytest.mark.parametrize("power", Power)
def test_every_action_stands_once_and_in_full_and_is_only_ever_allowed(power: Power) -> None:
    document = committed(power)
    assert document["Version"] == "2012-10-17"
    assert {each["Effect"] for each in document["Statement"]} == {"Allow"}
    actions = allowed(power)
    assert len(actions) == len(set(actions))
    assert not [action for action in actions if "*" in action or action.count(":") != 1]


@pytest.mark.parametrize("power", [Power.LOOK, Power.MAKE])
def test_neither_look_nor_make_is_allowed_anything_that_destroys_or_touches_access(power: Power) -> None:
    for action in allowed(power):
        service, _, name = action.partition(":")
        assert service in {"ec2", "s3", "sts"} or (power, service) in LOOKED_AT
        # A report of credentials changes nothing; it is made anew at most every four hours.
        assert service != "iam" or name.startswith(("Get", "List", "GenerateCredentialReport"))
        assert not name.startswith(DESTROYING)
    assert "sts:AssumeRole" not in allowed(power)


def test_make_gives_tags_at_birth_alone_and_the_role_tags_nothing_but_snapshots() -> None:
    tagging = {
        power: statement
        for power in Power
        for statement in committed(power)["Statement"]
        if "ec2:CreateTags" in statement["Action"]
    }

    assert set(tagging) == {Power.MAKE, Power.DESTROY}
    assert tagging[Power.MAKE]["Action"] == ["ec2:CreateTags"]
    births = ["CopySnapshot", "CreateSnapshot", "CreateSnapshots", "CreateVolume"]
    assert tagging[Power.MAKE]["Condition"] == {"StringEquals": {"ec2:CreateAction": births}}
    assert tagging[Power.DESTROY]["Resource"] == ["arn:*:ec2:*:*:snapshot/*"]


def test_the_broker_may_assume_the_role_and_nothing_else() -> None:
    (statement,) = committed(Power.BROKER)["Statement"]
    assert (statement["Action"], statement["Resource"]) == (
        ["sts:AssumeRole"],
        ["arn:*:iam::*:role/drkit-destroy"],
    )


def test_the_role_trusts_one_user_and_no_account_as_a_whole() -> None:
    (statement,) = json.loads((COMMITTED / TRUST_FILE).read_text(encoding="utf-8"))["Statement"]
    assert statement["Principal"] == {"AWS": ["arn:aws:iam::ACCOUNT:user/drkit-broker"]}
    assert statement["Action"] == ["sts:AssumeRole"]


def test_look_makes_no_call_that_writes_and_every_call_has_a_power() -> None:
    for call in declared():
        assert call.powers, f"{call} is in no policy"
        assert not (call.writes and Power.LOOK in call.powers)
    assert {call.action for call in declared() if call.writes} == {
        "AttachVolume",
        "CopySnapshot",
        "CreateSnapshot",
        "CreateSnapshots",
        "CreateTags",
        "CreateVolume",
        "DeleteSnapshot",
        "DeleteTags",
        "DeleteVolume",
        "ModifySnapshotAttribute",
        "DetachVolume",
    }


def test_calls_are_made_by_declarations_alone() -> None:
    """A `Call(…)` inside a function would be in no policy."""
    inside = []
    for path in sorted(Path(aws.__path__[0]).glob("*.py")):
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
