"""What cannot be believed is UNKNOWN under its own name, and the other copies are concluded all the same."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest
from helpers import Drkit
from inventories import cos_inventory, plain_csv, rows_of, s3_inventory, write_manifest

from drkit.copies.opening import open_source
from drkit.copies.reconcile.comparing import Asked, Comparison
from drkit.copies.reconcile.engine import engine
from drkit.copies.reconcile.judging import conclude
from drkit.copies.reconcile.private import private_directory
from drkit.core.times import now
from drkit.core.verdicts import Conclusion, Outcome

COUNT = 40


def against(drkit: Drkit, path: Path) -> Conclusion:
    """A copy held against a whole reference, with a third that lacks one object."""
    reference = plain_csv(drkit.directory / "reference.csv.gz", rows_of(COUNT))
    third = plain_csv(drkit.directory / "third.csv.gz", rows_of(COUNT - 1))
    paths = {"reference": reference, "copy": drkit.directory / path, "third": third}
    asked = Asked({name: partial(open_source, path, None, now()) for name, path in paths.items()})
    with private_directory(drkit.directory) as private, engine(private, None) as connection:
        return conclude(Comparison(connection, private, asked, now()).run(), asked)


def copy_of(conclusion: Conclusion) -> dict[str, Any]:
    """The row of the copy that is tried."""
    return conclusion.rows[1]


def assert_refused(conclusion: Conclusion, name: str) -> None:
    _, copy, third = conclusion.rows
    assert copy["refused"] == name, copy
    assert copy["verdict"] == "unknown"
    assert copy["missing"] is None
    assert third["missing"] == 1
    assert conclusion.verdict.outcome is Outcome.FAIL
    assert conclusion.otherwise
    assert conclusion.otherwise.outcome is Outcome.UNKNOWN


INVENTORIES: dict[str, Callable[[Path], Path]] = {
    "s3 csv": lambda home: s3_inventory(home, rows_of(COUNT)),
    "s3 parquet": lambda home: s3_inventory(home, rows_of(COUNT), form="Parquet"),
    "cos": lambda home: cos_inventory(home, rows_of(COUNT)),
}
inventory = pytest.mark.parametrize("make", INVENTORIES.values(), ids=INVENTORIES)


def data_file(manifest: Path) -> Path:
    """One of the files that a manifest names."""
    named = json.loads((manifest / "manifest.json").read_text())["files"][0]["key"].rpartition("/")[2]
    return next(manifest.parent.rglob(named))


@inventory
def test_a_whole_inventory_equals_the_plain_files(drkit: Drkit, make):
    copy = copy_of(against(drkit, make(drkit.directory)))
    assert (copy["verdict"], copy["present"], copy["not_comparable"]) == ("pass", COUNT, 0)


@inventory
def test_an_inventory_whose_files_all_lie_beside_the_manifest_is_read(drkit: Drkit, make):
    manifest = make(drkit.directory / "mirror")
    flat = drkit.directory / "flat"
    flat.mkdir()
    for path in (drkit.directory / "mirror").rglob("*"):
        if path.is_file():
            path.rename(flat / path.name)
    assert not list(manifest.iterdir())
    assert copy_of(against(drkit, flat))["verdict"] == "pass"


@inventory
def test_a_cut_file_is_refused(drkit: Drkit, make):
    manifest = make(drkit.directory)
    part = data_file(manifest)
    part.write_bytes(part.read_bytes()[:-20])
    assert_refused(against(drkit, manifest), "file-cut")


@inventory
def test_an_altered_file_is_refused(drkit: Drkit, make):
    manifest = make(drkit.directory)
    part = data_file(manifest)
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)
    assert_refused(against(drkit, manifest), "file-altered")


@inventory
def test_a_file_that_is_not_there_is_refused(drkit: Drkit, make):
    manifest = make(drkit.directory)
    data_file(manifest).unlink()
    assert_refused(against(drkit, manifest), "file-missing")


@inventory
def test_a_file_that_no_manifest_names_is_refused(drkit: Drkit, make):
    manifest = make(drkit.directory)
    (manifest / "more.csv.gz").write_bytes(gzip.compress(b"x"))
    assert_refused(against(drkit, manifest), "file-not-named")


@inventory
def test_an_altered_manifest_is_refused(drkit: Drkit, make):
    manifest = make(drkit.directory)
    path = manifest / "manifest.json"
    path.write_text(path.read_text().replace("cold", "gold"))
    assert_refused(against(drkit, manifest), "manifest-altered")


@inventory
def test_a_manifest_without_its_checksum_is_still_being_written(drkit: Drkit, make):
    manifest = make(drkit.directory)
    (manifest / "manifest.checksum").unlink()
    assert_refused(against(drkit, manifest), "manifest-unfinished")


@inventory
def test_a_directory_without_its_manifest_is_refused(drkit: Drkit, make):
    manifest = make(drkit.directory)
    (manifest / "manifest.json").unlink()
    assert_refused(against(drkit, manifest), "manifest-missing")


@inventory
def test_a_stale_inventory_is_refused_and_one_that_is_young_enough_is_not(drkit: Drkit, make):
    manifest = make(drkit.directory)
    words = ("--copy", f"copy={manifest}", "--copy", f"same={manifest}")
    ran = drkit("copies", "reconcile", "--format", "json", *words, "--younger-than", "2d")
    assert (ran.status, ran.json["copies"]["copy"]["refused"]) == (1, "stale")
    assert drkit("copies", "reconcile", *words, "--younger-than", "36500d").status == 0


def test_a_plain_file_says_nothing_of_its_age(drkit: Drkit):
    plain_csv(drkit.directory / "a.csv.gz", rows_of(2))
    words = ("--copy", "a=a.csv.gz", "--copy", "b=a.csv.gz", "--younger-than", "2d")
    ran = drkit("copies", "reconcile", "--format", "json", *words)
    assert (ran.status, ran.json["copies"]["a"]["refused"]) == (1, "age-unknown")


def test_an_inventory_of_tomorrow_is_refused(drkit: Drkit):
    manifest = s3_inventory(drkit.directory, rows_of(COUNT), creationTimestamp="4102444800000")
    assert_refused(against(drkit, manifest), "from-the-future")


def test_an_inventory_that_counts_more_than_its_files_tell_is_refused(drkit: Drkit):
    manifest = cos_inventory(drkit.directory, rows_of(COUNT), filterObjectCount=str(COUNT + 1))
    assert_refused(against(drkit, manifest), "rows-missing")


def test_orc_is_refused_by_its_name(drkit: Drkit):
    manifest = s3_inventory(drkit.directory, rows_of(COUNT), fileFormat="ORC")
    assert_refused(against(drkit, manifest), "orc")


def test_an_inventory_without_sizes_is_refused(drkit: Drkit):
    manifest = cos_inventory(drkit.directory, rows_of(COUNT), fileSchema="Appid, Bucket, Key, ETag")
    assert_refused(against(drkit, manifest), "field-missing")


@pytest.mark.parametrize("key", ["../../etc/passwd.csv.gz", "/etc/passwd.csv.gz", ""])
def test_a_manifest_never_leads_elsewhere(drkit: Drkit, key: str):
    files = [{"key": key, "size": "1", "md5Checksum": "0" * 32}]
    assert_refused(
        against(drkit, cos_inventory(drkit.directory, rows_of(COUNT), files=files)), "manifest-not-understood"
    )


@pytest.mark.parametrize(
    "content",
    [b"[]", b"{", b'"x"', b'{"sourceAppid": 1}', b"\xff", b"[" * 100_000, b'{"files": 3, "sourceBucket": 1}'],
)
def test_a_manifest_that_is_none_is_refused(drkit: Drkit, content: bytes):
    directory = drkit.directory / "20260301"
    write_manifest(directory, {})
    (directory / "manifest.json").write_bytes(content)
    (directory / "manifest.checksum").write_text(hashlib.md5(content).hexdigest())
    assert_refused(against(drkit, directory), "manifest-not-understood")


def test_delete_markers_and_older_versions_are_no_current_objects(drkit: Drkit):
    rows = [
        *rows_of(COUNT),
        {**rows_of(1)[0], "is_latest": "false", "version_id": "old"},
        {**rows_of(1)[0], "key": "gone", "is_delete_marker": "true", "size": "", "etag": ""},
    ]
    copy = copy_of(against(drkit, s3_inventory(drkit.directory, rows)))
    assert (copy["verdict"], copy["present"], copy["extra"]) == ("pass", COUNT, 0)


def test_the_etag_of_an_object_under_a_key_of_kms_is_no_content_hash(drkit: Drkit):
    rows = rows_of(COUNT)
    rows[0] |= {"etag": "0" * 32, "encryption_status": "SSE-KMS"}
    copy = copy_of(against(drkit, s3_inventory(drkit.directory, rows)))
    assert (copy["checksum_differs"], copy["not_comparable"]) == (0, 1)


def plain(drkit: Drkit, name: str, content: bytes) -> Path:
    path = drkit.directory / name
    path.write_bytes(content)
    return path


def csv_lines(*lines: str) -> bytes:
    return gzip.compress("\n".join(lines).encode("utf-8", "surrogateescape") + b"\n")


BAD_CSV = {
    "negative size": (["key,size", "k,-1"], "size-out-of-range"),
    "size beyond any object": (["key,size", "k,999999999999999999"], "size-out-of-range"),
    "size beyond 64 bits": (["key,size", "k,99999999999999999999999"], "value-unreadable"),
    "no number": (["key,size", "k,big"], "value-unreadable"),
    "no size": (["key,size", "k,"], "value-unreadable"),
    "no key": (["key,size", ",1"], "key-missing"),
    "crc beyond 64 bits": (["key,size,crc64", "k,1,99999999999999999999"], "value-unreadable"),
    "time in the future": (["key,size,last_modified", "k,1,2999-01-01T00:00:00Z"], "time-in-the-future"),
    "no moment": (["key,size,last_modified", "k,1,yesterdayZ"], "value-unreadable"),
    "other columns": (["name,bytes", "k,1"], "schema"),
    "a column twice": (["key,size,size", "k,1,1"], "schema"),
    "a line too short": (["key,size,etag", "k,1,x", "l"], "schema"),
    "a line too long": (["key,size", "k,1", "l,1,2"], "schema"),
    "an open quote": (["key,size", '"k,1'], "schema"),
    "a quote that swallows lines": (["key,size", "k,1", '"l,2', "m,3"], "schema"),
    "empty": (["key,size"], "empty"),
    "not UTF-8": (["key,size", "k\udcff,1"], "not-utf-8"),
}


@pytest.mark.parametrize(("lines", "name"), BAD_CSV.values(), ids=BAD_CSV)
def test_a_bad_plain_file_is_refused_by_its_name(drkit: Drkit, lines: list[str], name: str):
    assert_refused(against(drkit, plain(drkit, "bad.csv.gz", csv_lines(*lines))), name)


@pytest.mark.parametrize("end", [slice(0, -4), slice(0, -8), slice(0, 30), slice(0, 0)])
def test_a_gzip_that_was_cut_is_refused(drkit: Drkit, end: slice):
    whole = csv_lines("key,size", *(f"k{number},1" for number in range(5000)))
    assert_refused(
        against(drkit, plain(drkit, "cut.csv.gz", whole[end])), "file-cut" if end.stop else "schema"
    )


def test_a_gzip_whose_own_checksum_is_wrong_is_refused(drkit: Drkit):
    whole = csv_lines("key,size", "k,1")
    content = whole[:-8] + bytes(4) + whole[-4:]
    assert_refused(against(drkit, plain(drkit, "bad.csv.gz", content)), "file-cut")


@pytest.mark.parametrize(
    ("select", "name"),
    [
        ("SELECT 1 AS a", "schema"),
        ("SELECT 1 AS key, 1 AS size", "schema"),
        ("SELECT 'k' AS key, 'x' AS size", "schema"),
        ("SELECT 'k' AS key, 1.5::DOUBLE AS size", "schema"),
        ("SELECT 'k' AS key, 1 AS size, 3 AS last_modified", "schema"),
        ("SELECT 'k' AS key, 1 AS size WHERE false", "empty"),
        ("SELECT NULL::VARCHAR AS key, 1 AS size", "key-missing"),
        ("SELECT 'b' AS bucket, 'k' AS key, 1 AS size", "manifest-missing"),
    ],
)
def test_a_parquet_of_another_schema_is_refused(drkit: Drkit, select: str, name: str):
    path = drkit.directory / "bad.parquet"
    duckdb.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
    assert_refused(against(drkit, path), name)


def test_a_parquet_that_was_cut_is_refused(drkit: Drkit):
    path = drkit.directory / "bad.parquet"
    duckdb.execute(f"COPY (SELECT 'k' AS key, 1 AS size) TO '{path}' (FORMAT parquet)")
    path.write_bytes(path.read_bytes()[:-10])
    assert_refused(against(drkit, path), "schema")


def test_a_file_that_is_not_there_or_half_written_is_refused(drkit: Drkit):
    assert_refused(against(drkit, Path("absent.parquet")), "file-missing")
    assert_refused(against(drkit, plain(drkit, "x.parquet.part", b"PAR1")), "form-unknown")


def test_a_bare_plus_in_an_inventory_of_cos_is_refused_unless_it_is_clear(drkit: Drkit):
    manifest = cos_inventory(drkit.directory, rows_of(COUNT))
    part = data_file(manifest)
    data = json.loads((manifest / "manifest.json").read_text())

    def rewrite(change: Callable[[str], str]) -> Path:
        content = gzip.compress(change(gzip.decompress(part.read_bytes()).decode()).encode())
        part.write_bytes(content)
        data["files"][0] |= {"size": str(len(content)), "md5Checksum": hashlib.md5(content).hexdigest()}
        return write_manifest(manifest, data)

    spaces = rewrite(lambda text: text.replace("%20", "+"))  # the keys hold %2B too: + is a space
    assert copy_of(against(drkit, spaces))["verdict"] == "pass"
    assert_refused(against(drkit, rewrite(lambda text: text.replace("%2B", "+"))), "plus-ambiguous")


def test_times_without_a_zone_are_told_and_not_used(drkit: Drkit):
    rows = rows_of(COUNT)
    for row in rows:
        row["last_modified"] = "2026-03-01 01:02:03"
    copy = copy_of(against(drkit, plain_csv(drkit.directory / "bare.csv.gz", rows)))
    assert copy["notes"] == ["its times bear no zone, and were not used"]
    assert copy["verdict"] == "pass"


def test_a_name_with_the_signs_of_a_pattern_is_a_name(drkit: Drkit):
    path = drkit.directory / "a [1]* 'x'.parquet"
    rows = plain_csv(drkit.directory / "rows.csv.gz", rows_of(COUNT))
    target = str(path).replace("'", "''")
    duckdb.execute(f"COPY (SELECT * FROM '{rows}') TO '{target}' (FORMAT parquet)")
    assert copy_of(against(drkit, path))["present"] == COUNT


@pytest.mark.parametrize(
    "words",
    [
        ["--copy", "a"],
        ["--copy", "a=x", "--copy", "a=y"],
        ["--copy", "a=x"],
        ["--copy", "../a=x", "--copy", "b=y"],
        ["--copy", "a=x", "--copy", "b=y", "--previous", "c=z"],
        ["--copy", "a=x", "--copy", "b=y", "--expect-class", "c=z"],
        ["--copy", "a=x", "--copy", "b=y", "--memory", "much"],
        ["--copy", "a=x", "--copy", "b=y", "--list", "list.xls"],
        ["--copy", "a=x", "--copy", "b=y", "--younger-than", "soon"],
    ],
)
def test_options_that_say_nothing_are_a_usage_error(drkit: Drkit, words: list[str]):
    assert drkit("copies", "reconcile", *words).status == 2
    assert not list((drkit.directory / "state").rglob("reconcile-*"))
