"""The cold copies of an estate, night after night, by the playbook that the project ships."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cold import COPIES, Cold, found, unknown
from helpers import Drkit, Ran, bare_environment

long_only = pytest.mark.skipif(os.environ.get("DRKIT_SOAK") != "1", reason="takes long: make soak")


@pytest.fixture(scope="module")
def good_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a night in which all was well."""
    home = tmp_path_factory.mktemp("cold")
    cold = Cold(Drkit(home, bare_environment(home) | {"DRKIT_STATE": str(home / "state")}))
    cold.write_all()
    ran = cold.run()
    assert (ran.status, ran.json["verdict"]) == (0, "pass"), (ran.out, ran.err)
    return home


@pytest.fixture
def cold(drkit: Drkit, good_night: Path) -> Cold:
    """A good night has passed."""
    shutil.copytree(good_night, drkit.directory, dirs_exist_ok=True)
    return Cold(drkit)


def test_a_night_in_which_objects_arrive_everywhere_is_green(cold: Cold):
    for rows in cold.rows.values():
        rows.append({**rows[0], "key": "data/new.bin"})
    cold.write_all()
    ran = cold.run()
    assert ran.status == 0
    grown = {row["copy"]: row["appeared"] for row in ran.json["runs"][0]["steps"][1]["rows"]}
    assert grown == dict.fromkeys(COPIES, 1)


def growth(ran: Ran, copy: str) -> dict[str, Any]:
    """What `copies.grow` tells of a copy."""
    [run] = ran.json["runs"]
    [row] = [row for row in run["steps"][1]["rows"] if row["copy"] == copy]
    return {**row, "verdict": run["steps"][1]["verdict"]}


def test_one_lost_object_is_found_as_missing_and_nothing_else_is(cold: Cold):
    lost = cold.rows["shanghai"].pop(7)
    cold.write_all()
    ran = cold.run()
    assert ran.status == 3
    [finding] = ran.json["findings"]
    assert (finding["id"], finding["subject"]) == ("copies.reconcile/missing", "archive/shanghai")
    assert lost["key"] in finding["why"]
    assert "1 objects" in finding["why"]
    row = growth(ran, "shanghai")
    assert (row["verdict"], row["status"], row["vanished"], row["above"]) == (
        "fail",
        "lost",
        1,
        {"vanished": 1},
    )


def test_one_changed_checksum_is_found_as_that_and_nothing_else_is(cold: Cold):
    changed = cold.rows["nanjing"][3]
    changed["crc64"] = "4711"
    cold.write_all()
    ran = cold.run()
    assert ran.status == 3
    [finding] = ran.json["findings"]
    assert (finding["id"], finding["subject"]) == ("copies.reconcile/checksum-differs", "archive/nanjing")
    assert changed["key"] in finding["why"]
    row = growth(ran, "nanjing")
    assert (row["verdict"], row["status"], row["overwritten"]) == ("fail", "lost", 1)


def test_what_left_a_copy_beside_what_is_found_above_is_a_finding_of_its_own(cold: Cold):
    """An object that the reference lost as well is missing nowhere."""
    everywhere, here = (cold.rows["shanghai"][index]["key"] for index in (3, 7))
    for copy, rows in cold.rows.items():
        gone = {everywhere, here} if copy == "shanghai" else {everywhere}
        rows[:] = [row for row in rows if row["key"] not in gone]
    cold.write_all()
    ran = cold.run()
    assert ran.status == 3
    assert found(ran) == {("copies.reconcile/missing", "archive/shanghai")} | {
        ("copies.grow/vanished", f"archive/{copy}") for copy in COPIES
    }
    assert all(everywhere in each["why"] for each in ran.json["findings"] if each["id"].endswith("vanished"))
    row = growth(ran, "shanghai")
    assert (row["vanished"], row["above"]) == (2, {"vanished": 1})


def test_what_is_lost_while_an_older_loss_is_still_found_is_a_finding_of_its_own(cold: Cold):
    """Nobody is told again of the older one."""
    cold.rows["shanghai"].pop(7)
    cold.write_all()
    cold.run()
    lost = cold.rows["shanghai"].pop(7)
    cold.write_all()
    ran = cold.run()
    of_copy = "archive/shanghai"
    assert found(ran) == {("copies.reconcile/missing", of_copy), ("copies.grow/vanished", of_copy)}
    [vanished] = [each for each in ran.json["findings"] if each["id"].endswith("vanished")]
    assert vanished["why"] == f"1 objects were there and are gone, the first: {lost['key']}"
    row = growth(ran, "shanghai")
    assert (row["vanished"], row["above"]) == (2, {"vanished": 1})


def test_what_somebody_waived_above_is_found_again(cold: Cold):
    cold.rows["shanghai"].pop(7)
    cold.write_all()
    [finding] = cold.run().json["findings"]
    waiver = {"finding": finding["fingerprint"], "owner": "ops", "reason": "is copied again tomorrow"}
    cold.estate(waivers=[{**waiver, "until": f"{datetime.now(UTC) + timedelta(days=9):%Y-%m-%d}"}])
    cold.write_all()
    ran = cold.run()
    assert (ran.status, found(ran)) == (3, {("copies.grow/vanished", "archive/shanghai")})


def test_one_truncated_inventory_is_unknown_for_its_copy_and_nothing_is_called_lost(cold: Cold):
    cold.write_all()
    part = next(cold.directory("beijing").rglob("*.csv.gz"))
    part.write_bytes(part.read_bytes()[:-20])
    ran = cold.run()
    assert ran.status == 1
    assert ran.json["findings"] == []
    assert len(unknown(ran)) == 2  # neither step can conclude, each for that one reason
    assert all(reason.startswith("archive/beijing: file-cut: ") for reason in unknown(ran))


@pytest.mark.parametrize("number", [pytest.param(1, marks=long_only), 2])
def test_one_manifest_removed_from_the_chain_is_found_as_missing_and_nothing_else_is(cold: Cold, number: int):
    """The last one too, which only the evidence misses."""
    cold.write_all()
    assert cold.run().status == 0
    for suffix in ("json", "parquet"):
        (cold.chain("shanghai") / f"{number:08}.{suffix}").unlink()
    cold.write_all()
    ran = cold.run()
    assert ran.status == 3
    assert found(ran) == {("copies.grow/manifest-missing", f"archive/shanghai/{number}")}


@long_only
def test_what_was_lost_stays_found_each_night_until_it_is_back(cold: Cold):
    lost = cold.rows["shanghai"].pop(7)
    for _ in range(2):
        cold.write_all()
        assert found(cold.run()) == {("copies.reconcile/missing", "archive/shanghai")}
    cold.rows["shanghai"].append(lost)
    cold.write_all()
    assert cold.run().status == 0
