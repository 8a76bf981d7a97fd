"""The cold copies of an estate, night after night, by the playbook that the project ships."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from cold import COPIES, Cold, found, unknown
from helpers import Drkit, bare_environment

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


def test_one_lost_object_is_found_as_missing_and_as_vanished_and_nothing_else_is(cold: Cold):
    lost = cold.rows["shanghai"].pop(7)
    cold.write_all()
    ran = cold.run()
    assert ran.status == 3
    assert found(ran) == {
        ("copies.reconcile/missing", "archive/shanghai"),
        ("copies.grow/vanished", "archive/shanghai"),
    }
    assert all(
        lost["key"] in finding["why"] and "1 objects" in finding["why"] for finding in ran.json["findings"]
    )


def test_one_changed_checksum_is_found_as_that_and_as_overwritten_and_nothing_else_is(cold: Cold):
    changed = cold.rows["nanjing"][3]
    changed["crc64"] = "4711"
    cold.write_all()
    ran = cold.run()
    assert ran.status == 3
    assert found(ran) == {
        ("copies.reconcile/checksum-differs", "archive/nanjing"),
        ("copies.grow/overwritten", "archive/nanjing"),
    }
    assert all(changed["key"] in finding["why"] for finding in ran.json["findings"])


def test_one_truncated_inventory_is_unknown_for_its_copy_and_nothing_is_called_lost(cold: Cold):
    cold.write_all()
    part = next(cold.directory("beijing").rglob("*.csv.gz"))
    part.write_bytes(part.read_bytes()[:-20])
    ran = cold.run()
    assert ran.status == 1
    assert ran.json["findings"] == []
    assert len(unknown(ran)) == 2
    assert all("archive/beijing: file-cut" in reason for reason in unknown(ran))


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
        assert ("copies.grow/vanished", "archive/shanghai") in found(cold.run())
    cold.rows["shanghai"].append(lost)
    cold.write_all()
    assert cold.run().status == 0
