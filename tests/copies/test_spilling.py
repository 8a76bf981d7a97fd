"""What does not fit into memory goes into a directory of its own, which never stays."""

from __future__ import annotations

import os
import signal
import stat
import time
from pathlib import Path

import pytest
from helpers import Drkit
from inventories import NAMES, Wrong, write_copy

from drkit.copies.reconcile.engine import engine

OBJECTS = 400_000
LITTLE = "150MB"


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copies that do not fit into a little memory."""
    directory = tmp_path_factory.mktemp("large")
    for name in NAMES[:3]:
        write_copy(directory / f"{name}.parquet", OBJECTS, Wrong(missing=3, checksum_differs=2), name)
    return directory


def words_of(large: Path) -> list[str]:
    copies = [word for name in NAMES[:3] for word in ("--copy", f"{name}={large / name}.parquet")]
    return ["copies", "reconcile", *copies, "--memory", LITTLE, "--format", "json"]


def spilled(drkit: Drkit) -> list[Path]:
    return list((drkit.directory / "state" / "spill").glob("*"))


def wait_for_files(drkit: Drkit) -> Path:
    """The private directory of a run, as soon as something was spilled into it."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for directory in spilled(drkit):
            if any(path.is_file() for path in directory.rglob("*")):
                return directory
        os.sched_yield()
    raise AssertionError("nothing was spilled")


def test_spilling_changes_no_count_and_leaves_nothing(drkit: Drkit, large: Path):
    ran = drkit(*words_of(large))
    assert ran.status == 3
    copy = ran.json["copies"]["shanghai"]
    assert copy["checksum_differs"] > 0
    assert copy["missing"] == copy["extra"] == 3
    assert spilled(drkit) == []


def test_what_a_killed_run_left_is_removed_by_the_next_and_what_a_living_one_holds_is_not(
    drkit: Drkit, large: Path
):
    process = drkit.start(*words_of(large))
    directory = wait_for_files(drkit)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    other = drkit("copies", "reconcile", "--copy", "a=absent.parquet", "--copy", "b=absent.parquet")
    assert other.status == 1
    assert directory.exists()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert directory.exists()
    drkit("copies", "reconcile", "--copy", "a=absent.parquet", "--copy", "b=absent.parquet")
    assert spilled(drkit) == []


def test_an_interrupted_run_ends_and_leaves_nothing(drkit: Drkit, large: Path):
    process = drkit.start(*words_of(large))
    wait_for_files(drkit)
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == 130
    assert spilled(drkit) == []


def test_a_disk_that_fills_while_spilling_is_unknown_by_its_name(drkit: Drkit, large: Path):
    ran = drkit(*words_of(large), prefix=("prlimit", "--fsize=2000000"))
    assert ran.status == 1
    assert {copy["refused"] for copy in ran.json["copies"].values()} == {"disk-full"}
    assert spilled(drkit) == []


def test_what_no_spilling_makes_fit_is_unknown_by_its_name_and_says_the_way_out(drkit: Drkit, large: Path):
    copy = ["--copy", f"a={large / 'reference.parquet'}", "--memory", "20MB", "--format", "json"]
    ran = drkit("copies", "grow", *copy, "--chain", "chain")
    assert (ran.status, ran.json["copies"]["a"]["refused"]) == (1, "memory")
    assert "allow more (--memory" in ran.json["reason"]
    assert spilled(drkit) == []


@pytest.mark.parametrize(("memory", "threads"), [("20MB", 1), ("150MB", 1), ("250MB", 2)])
def test_no_more_threads_work_than_there_is_memory_for(tmp_path: Path, memory: str, threads: int):
    with engine(tmp_path, memory) as connection:
        [(found,)] = connection.execute("SELECT current_setting('threads')").fetchall()
    assert found == min(threads, len(os.sched_getaffinity(0)))


def test_a_link_in_the_place_of_a_left_directory_is_not_followed(drkit: Drkit, large: Path):
    home = drkit.directory / "state" / "spill"
    home.mkdir(parents=True)
    (home / "reconcile-link").symlink_to(large)
    drkit("copies", "reconcile", "--copy", "a=absent.parquet", "--copy", "b=absent.parquet")
    assert (large / "reference.parquet").exists()
