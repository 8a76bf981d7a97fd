"""Spark, on a cluster of two executors, comes to the very results of DuckDB on the same files."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest
from helpers import Drkit
from inventories import Wrong, cos_inventory, plain_csv, rows_of, s3_inventory, write_copy

from drkit.copies.opening import open_source
from drkit.copies.reconcile.comparing import Asked, Comparison
from drkit.copies.reconcile.engine import engine
from drkit.copies.reconcile.joins import Here, Joins
from drkit.copies.reconcile.judging import conclude
from drkit.copies.reconcile.listing import write_list
from drkit.copies.reconcile.spark import Spark, spark
from drkit.core.times import now
from drkit.core.verdicts import Conclusion

CLUSTER = "local-cluster[2,1,1024]"
OBJECTS = 3_000
WRONG = {
    "reference": Wrong(),
    "shanghai": Wrong(3, 5, 7, 11, 0, 13),
    "elsewhere": Wrong(17, 19, 23, 29, 31, 37),
}
OLD, NEW = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Path, Spark]]:
    """A cluster with two executors, which every comparison of this module asks."""
    private = tmp_path_factory.mktemp("private with a space")
    with engine(private, None) as connection, spark(connection, private, CLUSTER, None) as joins:
        yield connection, private, joins


def compare(
    connection: Any, private: Path, joins: Joins, asked: Asked, listed: Path
) -> tuple[Conclusion, list[str]]:
    copies = Comparison(connection, private, asked, now(), joins).run()
    write_list(connection, joins, copies, asked, listed)
    return conclude(copies, asked), sorted(listed.read_text().splitlines())


@pytest.fixture
def both(cluster, tmp_path: Path):
    """Compare with both engines, and hold what they say against each other."""

    def asks(copies: dict[str, Path], **others: Any) -> Conclusion:
        openers = {name: partial(open_source, path, None, now()) for name, path in copies.items()}
        if "previous" in others:
            others["previous"] = {
                name: partial(open_source, path, None, now()) for name, path in others["previous"].items()
            }
        asked = Asked(openers, **others)
        here = tmp_path / "here"
        here.mkdir()
        with engine(here, None) as connection:
            expected, rows = compare(connection, here, Here(connection), asked, tmp_path / "here.jsonl")
        connection, private, joins = cluster
        told, told_rows = compare(connection, private, joins, asked, tmp_path / "there.jsonl")
        assert told == expected
        assert told_rows == rows
        return told

    return asks


def test_two_executors_do_the_work(cluster):
    _, _, joins = cluster
    status = joins._session.sparkContext._jsc.sc().getExecutorMemoryStatus()
    until = time.monotonic() + 60
    while status.size() < 3 and time.monotonic() < until:  # they and the driver; the second may come later
        joins.rows("SELECT 1")
        status = joins._session.sparkContext._jsc.sc().getExecutorMemoryStatus()
    assert status.size() == 3


def descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found += [child, *descendants(child)]
    return found


def listening(pids: list[int]) -> set[str]:
    """The addresses that processes listen on, as the kernel writes them."""
    inodes = set()
    for pid in pids:
        for fd in Path(f"/proc/{pid}/fd").glob("*"):
            with contextlib.suppress(OSError):
                inodes.add(str(fd.readlink()).removeprefix("socket:[").removesuffix("]"))
    lines = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
    ]
    return {line[1].partition(":")[0] for line in lines if line[3] == "0A" and line[9] in inodes}


def test_nothing_of_it_listens_beyond_this_machine(cluster):
    addresses = listening(descendants(os.getpid()))
    assert addresses
    assert addresses <= {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}


def test_every_injected_anomaly_is_counted_and_listed_alike(both, tmp_path: Path):
    paths = {}
    for (name, wrong), suffix in zip(WRONG.items(), (".parquet", ".parquet", ".csv.gz"), strict=True):
        paths[name] = tmp_path / f"{name} [1]*{suffix}"
        write_copy(paths[name], OBJECTS, wrong, name)
    told = both(paths, classes=dict.fromkeys(WRONG, "ARCHIVE"), previous={"shanghai": paths["reference"]})
    for row in told.rows:
        wrong = asdict(WRONG[row["copy"]])
        assert {name: row[name] for name in wrong} == wrong
    assert (told.rows[1]["vanished"], told.rows[1]["appeared"]) == (3, 5)


KEYS = [
    "line\nend",
    "carriage\r\nreturn",
    'quo"te',
    "com,ma",
    "back\\slash",
    "% + %2B",
    "ü" * 512,
    "😀" * 256,
    " ",
    "NULL",
]


def test_keys_inventories_and_large_checksums_are_read_alike(both, tmp_path: Path):
    rows = [{**row, "key": key} for row, key in zip(rows_of(len(KEYS)), KEYS, strict=True)]
    rows[0]["crc64"] = str(2**64 - 1)
    told = both(
        {
            "reference": plain_csv(tmp_path / "a.csv.gz", rows),
            "same": cos_inventory(tmp_path / "cos", rows),
            "lacking": s3_inventory(tmp_path / "s3", rows[2:], form="Parquet"),
        }
    )
    assert [row["verdict"] for row in told.rows] == ["pass", "pass", "fail"]
    assert told.rows[2]["missing"] == 2


def versioned(*versions: tuple[str, str, str]) -> list[dict[str, Any]]:
    return [
        {**rows_of(1)[0], "key": key, "version_id": version, "last_modified": moment}
        for key, version, moment in versions
    ]


@pytest.mark.parametrize(("versions", "missing"), [(True, 1), (False, 0)])
def test_versions_are_compared_alike(both, tmp_path: Path, versions, missing):
    first = plain_csv(tmp_path / "a.csv.gz", versioned(("k", "1", OLD), ("k", "2", NEW), ("l", "1", OLD)))
    second = plain_csv(tmp_path / "b.csv.gz", versioned(("k", "2", NEW), ("l", "1", OLD)))
    told = both({"a": first, "b": second}, versions=versions)
    assert told.rows[1]["missing"] == missing


def test_what_is_refused_is_refused_by_the_same_name(both, tmp_path: Path):
    bad = {
        "duplicate": rows_of(9) + rows_of(1),
        "size-out-of-range": [{**row, "size": -1} for row in rows_of(9)],
        "value-unreadable": [{**row, "crc64": str(2**64)} for row in rows_of(9)],
        "key-missing": [{**row, "key": ""} for row in rows_of(1)],
        "time-in-the-future": [{**row, "last_modified": "2999-01-01T00:00:00Z"} for row in rows_of(9)],
    }
    paths = {"reference": plain_csv(tmp_path / "reference.csv.gz", rows_of(9))}
    for name, rows in bad.items():
        source = plain_csv(tmp_path / f"{name}.csv.gz", rows)
        paths[name] = tmp_path / f"{name}.parquet"
        duckdb.execute(
            f"COPY (SELECT * REPLACE (size::BIGINT AS size, last_modified::TIMESTAMPTZ AS last_modified) "
            f"FROM read_csv('{source}', all_varchar = true)) TO '{paths[name]}' (FORMAT parquet)"
        )
    paths["lacking"] = plain_csv(tmp_path / "lacking.csv.gz", rows_of(8))
    told = both(paths)
    assert {row["copy"]: row["refused"] for row in told.rows[1:-1]} == {name: name for name in bad}
    assert told.rows[-1]["missing"] == 1


def spilled(drkit: Drkit) -> list[Path]:
    return list((drkit.directory / "state" / "spill").glob("*"))


def test_an_interrupted_command_ends_with_its_java_and_leaves_nothing(drkit: Drkit):
    for name in ("a", "b"):
        write_copy(drkit.directory / f"{name}.parquet", 2_000, Wrong(missing=1), name)
    words = ["copies", "reconcile", "--copy", "a=a.parquet", "--copy", "b=b.parquet"]
    process = drkit.start(*words, "--engine", "spark", "--spark-master", "local[1]")
    until = time.monotonic() + 60
    while not any(path.name.startswith("blockmgr") for path in (drkit.directory / "state").rglob("*")):
        assert time.monotonic() < until
        assert process.poll() is None
        os.sched_yield()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert spilled(drkit) == []


def test_the_command_says_what_is_missing(drkit: Drkit):
    words = ["copies", "reconcile", "--copy", "a=a.parquet", "--copy", "b=b.parquet"]
    for master in ("nowhere", "local[2]; rm", "spark://"):
        assert drkit(*words, "--engine", "spark", "--spark-master", master).status == 2
    assert drkit(*words, "--spark-master", "local[1]").status == 2
    without = drkit(*words, "--engine", "spark", JAVA_HOME="/absent")
    assert without.status == 2
    assert "openjdk-17-jre-headless" in without.err
    assert shutil.which("java")


def test_what_was_written_while_the_copies_were_looked_at_is_left_open_alike(both, tmp_path: Path):
    hour = {"creationTimestamp": str(1772326800000 + 3_600_000)}
    late = [{**row, "last_modified": "2026-03-01T01:30:00.000Z"} for row in rows_of(8)[5:]]
    early = s3_inventory(tmp_path / "b", rows_of(4))
    told = both({"a": s3_inventory(tmp_path / "a", [*rows_of(5), *late], **hour), "b": early})
    assert (told.rows[1]["unsettled"], told.rows[1]["missing"]) == (3, 1)
