"""Every check finds its bad samples and none of its good ones."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from drkit.access.audit import audit
from drkit.access.checks import checks, of_accounts, of_policies
from drkit.access.checks.frame import Found
from drkit.access.known import Known
from drkit.access.language.form import Dialect

MODULES = checks()
SAMPLES = [
    pytest.param(
        module,
        dialect,
        text,
        kind == "BAD",
        id=f"{module.__name__.rpartition('.')[2]}-{dialect}-{kind}-{number}",
    )
    for module in of_policies()
    for kind in ("BAD", "GOOD")
    for dialect, texts in getattr(module, kind).items()
    for number, text in enumerate(texts)
]


@pytest.mark.parametrize(("module", "dialect", "text", "bad"), SAMPLES)
def test_bad_samples_are_found_and_good_ones_are_not(
    module: ModuleType, dialect: str, text: str, *, bad: bool
) -> None:
    found = audit(Dialect(dialect), "p.json", text.encode())
    assert not found.unknown
    assert (module.CHECK.id in {each.id for each in found.findings}) is bad


@pytest.mark.parametrize("module", of_accounts(), ids=lambda module: module.__name__.rpartition(".")[2])
def test_bad_accounts_are_found_and_good_ones_are_not(module: ModuleType) -> None:
    for bad, sample in [(True, each) for each in module.BAD] + [(False, each) for each in module.GOOD]:
        accounts, around = sample
        seen = module.look([Known(each) for each in accounts], around)
        assert any(isinstance(each, Found) for each in seen) is bad


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_a_check_says_what_and_why_and_how_to_fix_it(module: ModuleType) -> None:
    what, _, why = module.__doc__.partition("\n\n")
    assert what.strip()
    assert why.strip()
    assert module.CHECK.fix
    assert module.BAD
    assert module.GOOD
    assert module.CHECK.id.startswith("access.audit/")


def test_ids_are_of_one_check_each() -> None:
    assert len({module.CHECK.id for module in MODULES}) == len(MODULES)


def run(directory: Path, form: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "drkit",
        "access",
        "audit",
        "--policies",
        str(directory),
        "--dialect",
        "cam",
    ]
    return subprocess.run([*command, "--format", form], capture_output=True, text=True, check=False)


BAD_POLICY = '{"version": "2.0", "statement": [\n  {"effect": "allow", "action": "*", "resource": "*"}\n]}'
GOOD_POLICY = (
    '{"version": "2.0", "statement": [{"effect": "allow", "action": "cvm:Describe*", "resource": "*"}]}'
)


def test_findings_are_bad_and_stand_at_their_line(tmp_path: Path) -> None:
    (tmp_path / "ops.json").write_text(BAD_POLICY)
    done = run(tmp_path, "text")
    assert done.returncode == 3
    assert f"{tmp_path}/ops.json:2:3: critical: every action is allowed" in done.stdout
    data = json.loads(run(tmp_path, "json").stdout)
    assert data["verdict"] == "fail"
    assert data["findings"][0]["where"] == f"{tmp_path}/ops.json:2:3"


def test_clean_policies_pass(tmp_path: Path) -> None:
    (tmp_path / "ops.json").write_text(GOOD_POLICY)
    assert run(tmp_path, "text").returncode == 0


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "",
        "7",
        '{"version":"2.0"}',
        GOOD_POLICY.replace("effect", "efect"),
        '{"a":1,"a":2}',
        "\x00",
    ],
)
def test_what_is_not_understood_is_never_clean(tmp_path: Path, text: str) -> None:
    (tmp_path / "ops.json").write_text(text)
    done = run(tmp_path, "json")
    data = json.loads(done.stdout)
    assert (done.returncode, data["verdict"]) == (1, "unknown")
    assert data["not_understood"][0].startswith(f"{tmp_path}/ops.json:1:")


def test_findings_win_over_what_is_not_understood_and_both_are_listed(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(BAD_POLICY)
    (tmp_path / "b.json").write_text("{")
    done = run(tmp_path, "json")
    assert done.returncode == 3
    assert json.loads(done.stdout)["statuses"] == [1, 3]


def test_sarif_names_rules_and_places(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(BAD_POLICY)
    (tmp_path / "b.json").write_text("{")
    [report] = json.loads(run(tmp_path, "sarif").stdout)["runs"]
    rules = {rule["id"] for rule in report["tool"]["driver"]["rules"]}
    assert {each["ruleId"] for each in report["results"]} <= rules
    first = report["results"][0]["locations"][0]["physicalLocation"]
    assert first["region"] == {"startLine": 2, "startColumn": 3}
    assert first["artifactLocation"]["uri"].endswith("a.json")


def test_a_directory_without_policies_is_an_error(tmp_path: Path) -> None:
    done = run(tmp_path, "text")
    assert (done.returncode, done.stdout) == (2, "")
