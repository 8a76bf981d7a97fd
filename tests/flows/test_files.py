"""Estates and playbooks as files: checked all at once, with place and suggestion; schemas; examples; the wheel."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import jsonschema
import pytest
import yaml
from helpers import ROOT, Drkit, bare_environment

ESTATE = """\
estate: weimob
accounts:
  production:
    cloud: tencent
    account: "100000000001"
    environment: production
    regions: [ap-beijing, ap-shanghai]
"""


def test_every_error_of_every_file_comes_at_once_with_its_place_and_a_suggestion(drkit: Drkit) -> None:
    drkit.write("estate.yaml", ESTATE.replace("environment", "enviroment"))
    drkit.write(
        "playbooks/x.yaml",
        """\
playbook: x
schedule:
  every: day
  at: 22:00
steps:
  - uses: snapshto.take
    with: {keep_for: 14d}
  - uses: snapshots.take
    with: {keep_for: 14 days, accounts: [prodution]}
  - uses: snapshots.take
  - uses: snapshots.cover
    with: {yonger_than: 25h}
""",
    )

    ran = drkit("check")

    assert ran.status == 2
    assert ran.err.splitlines() == [
        "drkit: estate.yaml:4:5: missing field 'environment'",
        "drkit: estate.yaml:6:5: unknown field 'enviroment', did you mean 'environment'?",
        (
            "drkit: playbooks/x.yaml:4:7: 22:00 is the number 1320 in YAML 1.1 and text in YAML 1.2: "
            "write '22:00' in quotes"
        ),
        "drkit: playbooks/x.yaml:6:11: unknown step 'snapshto.take', did you mean 'snapshots.take'?",
        (
            "drkit: playbooks/x.yaml:9:22: '14 days' is no duration: write a whole number and a unit, "
            "such as 90s, 30m, 25h, 14d or 8w"
        ),
        "drkit: playbooks/x.yaml:10:5: a second step called 'snapshots.take': give it a `name` of its own",
        "drkit: playbooks/x.yaml:10:5: missing field 'with': snapshots.take needs keep_for",
        "drkit: playbooks/x.yaml:12:12: unknown field 'yonger_than', did you mean 'younger_than'?",
    ]


def test_names_that_the_estate_does_not_have_are_found_in_their_place(drkit: Drkit) -> None:
    drkit.write("estate.yaml", ESTATE)
    drkit.write(
        "playbooks/x.yaml",
        "playbook: x\nschedule: {every: day}\nsteps:\n  - uses: snapshots.cover\n"
        "    with:\n      accounts: [prodution]\n      regions: [ap-nanjing]\n",
    )

    ran = drkit("check")

    assert ran.status == 2
    assert (
        "playbooks/x.yaml:6:18: the estate has no account 'prodution', did you mean 'production'?" in ran.err
    )
    assert "playbooks/x.yaml:7:17: no account of the estate lists the region 'ap-nanjing'" in ran.err


def test_two_steps_of_one_name_are_refused(drkit: Drkit) -> None:
    drkit.write("estate.yaml", ESTATE)
    cover = "  - uses: snapshots.cover\n"
    drkit.write("playbooks/x.yaml", f"playbook: x\nschedule: {{every: day}}\nsteps:\n{cover}{cover}")

    assert "x.yaml:5:5: a second step called 'snapshots.cover'" in drkit("check").err


def test_good_files_are_fine_and_a_playbook_alone_is_not_called_so(drkit: Drkit) -> None:
    playbook = ROOT / "playbooks" / "daily-snapshots.yaml"

    alone = drkit("check", playbook)
    together = drkit("check", ROOT / "configs" / "estate.yaml", playbook)

    assert (alone.status, "for want of an estate" in alone.out) == (1, True)
    assert (together.status, together.err) == (0, "")


def test_no_estate_anywhere_names_the_way_out(drkit: Drkit) -> None:
    ran = drkit("plan", ROOT / "playbooks" / "daily-snapshots.yaml")

    assert (ran.status, "drkit init DIR" in ran.err) == (2, True)


@pytest.mark.parametrize("kind", ["estate", "playbook"])
def test_the_committed_schema_is_the_one_the_models_make(drkit: Drkit, kind: str) -> None:
    committed = (ROOT / "configs" / "schemas" / f"{kind}.json").read_text(encoding="utf-8")

    assert drkit("schema", kind).out == committed, "run `make schemas`"


def schema(kind: str) -> jsonschema.Draft202012Validator:
    content = json.loads((ROOT / "configs" / "schemas" / f"{kind}.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(content)
    return jsonschema.Draft202012Validator(content)


def test_the_examples_satisfy_the_schemas() -> None:
    for kind, paths in {
        "estate": [ROOT / "configs" / "estate.yaml"],
        "playbook": sorted((ROOT / "playbooks").glob("*.yaml")),
    }.items():
        for path in paths:
            assert list(schema(kind).iter_errors(yaml.safe_load(path.read_text()))) == []


@pytest.mark.parametrize(
    "step",
    [
        "uses: snapshots.take",
        "{uses: snapshots.take, with: {keep_for: 14}}",
        "{uses: snapshots.take, with: {keep_for: 14d, nonsense: 1}}",
        "{uses: snapshots.nonsense}",
        "{uses: snapshots.cover, with: {younger_than: soon}}",
    ],
)
def test_the_schema_refuses_what_check_refuses(drkit: Drkit, step: str) -> None:
    text = f"playbook: x\nschedule: {{every: day}}\nsteps:\n  - {step}\n"
    drkit.write("estate.yaml", ESTATE)

    assert drkit("check", drkit.write("x.yaml", text)).status == 2
    assert list(schema("playbook").iter_errors(yaml.safe_load(text))) != []


def test_init_writes_files_that_check_finds_fine_and_overwrites_nothing(drkit: Drkit) -> None:
    assert drkit("init", "dr").status == 0
    assert drkit("check", "--estate", "dr/estate.yaml").out.splitlines() == [
        "dr/estate.yaml: fine",
        "dr/playbooks/audit-permissions.yaml: fine",
        "dr/playbooks/daily-snapshots.yaml: fine",
        "dr/playbooks/keep-snapshots.yaml: fine",
        "dr/playbooks/prove-snapshots.yaml: fine",
    ]
    again = drkit("init", "dr")
    assert (again.status, "already there: dr/estate.yaml" in again.err) == (2, True)


def test_a_playbook_of_a_promise_that_the_estate_does_not_make_lies_apart_and_is_fine_once_it_does(
    drkit: Drkit,
):
    ran = drkit("init", "dr")
    assert "later/verify-cold-copies.yaml is for later" in ran.err
    estate = drkit.directory / "dr" / "estate.yaml"
    before, commented, after = re.split("(# datasets:.*?\n\n)", estate.read_text(), flags=re.DOTALL)
    abroad = """\
accounts:
  abroad: {cloud: aws, account: "210000000001", environment: production, regions: [us-east-1]}
"""
    datasets = re.sub("^# ?", "", commented, flags=re.MULTILINE)
    estate.write_text(before + datasets + after.replace("accounts:\n", abroad))
    later = drkit.directory / "dr" / "later" / "verify-cold-copies.yaml"
    later.rename(drkit.directory / "dr" / "playbooks" / later.name)
    ran = drkit("check", "--estate", "dr/estate.yaml")
    assert (ran.status, "dr/playbooks/verify-cold-copies.yaml: fine" in ran.out) == (0, True), ran.err


def test_the_files_that_init_writes_name_schemas_that_are_there(drkit: Drkit) -> None:
    drkit("init", "dr")

    for path in (drkit.directory / "dr").rglob("*.yaml"):
        (name,) = re.findall(r"\$schema=(\S+)", path.read_text())
        assert (path.parent / name).is_file(), path


def test_init_asks_the_cloud_which_account_and_regions_there_are(cloud: Drkit) -> None:
    ran = cloud("init", "dr")

    estate = yaml.safe_load((cloud.directory / "dr" / "estate.yaml").read_text())
    assert ran.status == 0
    assert estate["accounts"]["production"]["account"] == "100000000001"
    assert sorted(estate["accounts"]["production"]["regions"]) == ["ap-beijing", "ap-shanghai"]


def test_init_takes_the_key_pairs_of_the_powers_where_they_are_set(cloud: Drkit) -> None:
    for name in ("SECRET_ID", "SECRET_KEY"):
        del cloud.environment[f"TENCENTCLOUD_{name}"]  # the administrator's, which is not needed for it

    ran = cloud("init", "dr")

    text = (cloud.directory / "dr" / "estate.yaml").read_text()
    assert (ran.status, "discovered account 100000000001" in ran.err) == (0, True), ran.err
    (account,) = yaml.safe_load(text)["accounts"].values()
    assert account["credentials"] == {"look": "DRKIT_LOOK", "make": "DRKIT_MAKE"}
    assert "TENCENTCLOUD" not in text


def test_init_without_an_answer_says_so_and_writes_the_example(drkit: Drkit) -> None:
    keys = {"TENCENTCLOUD_SECRET_ID": "AKID", "TENCENTCLOUD_SECRET_KEY": "k"}
    ran = drkit("init", "dr", DRKIT_TENCENT_ENDPOINT="http://127.0.0.1:9", **keys)

    assert ran.status == 0
    assert "nothing was discovered" in ran.err
    assert (drkit.directory / "dr" / "estate.yaml").read_text() == (
        ROOT / "configs" / "estate.yaml"
    ).read_text()


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel, unpacked as an installer would."""
    out = tmp_path_factory.mktemp("wheel")
    uv = Path(sys.executable).parent / "uv"
    words = [uv, "build", "--wheel", "--no-build-isolation", "--offline", "--out-dir", out, ROOT]
    subprocess.run(words, check=True, capture_output=True)
    (built,) = out.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(out / "installed")
    return out / "installed"


def test_an_installed_wheel_brings_its_examples_templates_and_specification(
    wheel: Path, tmp_path: Path
) -> None:
    environment = {**bare_environment(tmp_path), "PYTHONPATH": str(wheel)}
    (tmp_path / "work").mkdir()
    words = [sys.executable, "-P", "-m", "drkit", "init", "dr"]

    subprocess.run(words, cwd=tmp_path / "work", env=environment, check=True, capture_output=True)

    for name in (
        "playbooks/daily-snapshots.yaml",
        "estate.yaml",
        "schemas/playbook.json",
        "policies/tencent-make.json",
    ):
        assert (tmp_path / "work" / "dr" / name).is_file()
        assert (wheel / "drkit" / "examples" / name).is_file()
    assert {path.name for path in (wheel / "drkit" / "report" / "templates").iterdir()} == {
        "access.css",
        "page.html",
        "gate.html",
        "access.html",
        "copies.html",
        "run.css",
        "run.html",
    }
    assert not any(
        path.name.startswith("test") for path in wheel.rglob("*.py") if "sandbox" not in path.parts
    )


def test_the_demo_ends_well_and_leaves_a_page_and_evidence(drkit: Drkit) -> None:
    ran = drkit("demo")

    assert ran.status == 0, ran.out + ran.err
    made = drkit.directory / "drkit-demo"
    assert (made / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    outside = ("--key", made / "outside" / "verifier-key", "--outside", made / "outside" / "checkpoint")
    assert drkit("evidence", "verify", made / "evidence", *outside).status == 0
    assert drkit("demo", "--to", drkit.directory).status == 2  # not a directory that a demo made
