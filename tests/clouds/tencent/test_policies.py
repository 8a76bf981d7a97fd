"""The policies of the credentials hold what the code calls: nothing more, nothing less, and nothing that destroys."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from helpers import ROOT

from drkit.clouds import tencent
from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.dangers import DANGEROUS, first_danger, harmless
from drkit.clouds.tencent.policies import TRUST_FILE, declared, file_name, write
from drkit.clouds.tencent.rights import read_policy

COMMITTED = ROOT / "configs" / "policies"


def committed(power: Power) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((COMMITTED / file_name(power)).read_text(encoding="utf-8"))
    return document


def allowed(power: Power) -> list[str]:
    return [action for statement in committed(power)["statement"] for action in statement["action"]]


def test_the_committed_policies_are_those_that_the_code_makes(tmp_path: Path) -> None:
    write(tmp_path)

    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert {path.name: path.read_bytes() for path in COMMITTED.glob("tencent-*")} == made, (
        "run `make schemas`"
    )


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

    assert bound == {
        ("cvm:DescribeDisks", "qcs::cvm:::volume/*"),
        ("cvm:DescribeDisks", "cvm:TerminateDisks", "qcs::cvm:::volume/*"),
        ("cvm:AttachDisks", "cvm:DetachDisks", "qcs::cvm:::instance/*", "qcs::cvm:::volume/*"),
        ("sts:AssumeRole", "qcs::cam:::roleName/drkit-destroy"),
    }


@pytest.mark.parametrize("power", [Power.LOOK, Power.MAKE])
def test_neither_look_nor_make_is_allowed_anything_that_destroys(power: Power) -> None:
    assert set(DANGEROUS).isdisjoint(allowed(power))
    assert not [action for action in allowed(power) if not harmless(action)]
    written = [each for each in allowed(power) if each.startswith(("cam:", "organization:"))]
    assert all(each.split(":")[1].startswith(("Describe", "Get", "List")) for each in written)


@pytest.mark.parametrize("power", [Power.LOOK, Power.MAKE])
def test_the_doctor_finds_nothing_in_the_policies_of_look_and_make(power: Power) -> None:
    rights = read_policy("shipped", json.dumps(committed(power)))

    assert (rights.dangers, rights.unread) == ((), ())


@pytest.mark.parametrize("power", [Power.DESTROY, Power.BROKER])
def test_the_doctor_finds_the_policies_of_the_role_and_of_the_broker_dangerous(power: Power) -> None:
    assert read_policy("shipped", json.dumps(committed(power))).dangers


def test_the_broker_may_assume_the_role_and_nothing_else() -> None:
    assert allowed(Power.BROKER) == ["sts:AssumeRole"]


def test_the_role_trusts_one_user_and_no_account_as_a_whole() -> None:
    trust = json.loads((COMMITTED / TRUST_FILE).read_text(encoding="utf-8"))

    (statement,) = trust["statement"]
    assert statement["action"] == ["name/sts:AssumeRole"]
    assert statement["principal"] == {"qcs": ["qcs::cam::uin/ACCOUNT:uin/BROKER"]}


def test_every_dangerous_action_is_found_by_its_own_name() -> None:
    assert all(first_danger(action) == action for action in DANGEROUS)


def test_look_makes_no_call_that_writes_and_every_read_or_write_has_its_power() -> None:
    for call in declared():
        assert call.powers, f"{call} is in no policy"
        assert not (call.writes and Power.LOOK in call.powers), (
            f"{call} writes with the credential that looks"
        )
    assert not [
        action
        for action in allowed(Power.LOOK)
        if not action.split(":")[1].startswith(("Describe", "Get", "List", "Search"))
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
