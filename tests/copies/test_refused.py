"""What cannot be believed is UNKNOWN under its own name, and the other copies are concluded all the same."""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
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
from drkit.copies.source import Source
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
    "s3 orc": lambda home: s3_inventory(home, rows_of(COUNT), form="ORC"),
    "cos": lambda home: cos_inventory(home, rows_of(COUNT)),
}
inventory = pytest.mark.parametrize("make", INVENTORIES.values(), ids=INVENTORIES)


def data_file(manifest: Path) -> Path:
    """One of the files that a manifest names."""
    named = json.loads((manifest / "manifest.json").read_text())["files"][0]["key"].rpartition("/")[2]
    return next(manifest.parent.rglob(named))


def with_data(manifest: Path, content: bytes) -> Path:
    """The inventory with other bytes in one of its files, and a manifest that tells of just these."""
    data = json.loads((manifest / "manifest.json").read_text())
    data_file(manifest).write_bytes(content)
    named = data["files"][0]
    named["size"] = type(named["size"])(len(content))
    named["MD5checksum" if "MD5checksum" in named else "md5Checksum"] = hashlib.md5(content).hexdigest()
    return write_manifest(manifest, data)


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


def test_orc_without_pyarrow_is_refused_with_the_way_out(drkit: Drkit, monkeypatch: pytest.MonkeyPatch):
    manifest = s3_inventory(drkit.directory, rows_of(COUNT), form="ORC")
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # as where it is not installed
    conclusion = against(drkit, manifest)
    assert_refused(conclusion, "orc")
    assert "drkit[orc]" in copy_of(conclusion)["why"]


def test_orc_that_is_none_is_refused(drkit: Drkit):
    manifest = s3_inventory(drkit.directory, rows_of(COUNT), form="ORC")
    for content in (b"ORC", b"", data_file(manifest).read_bytes()[:-30]):
        assert_refused(against(drkit, with_data(manifest, content)), "schema")


def test_orc_of_another_schema_is_refused(drkit: Drkit):
    schema = "struct<bucket:string,key:string,size:bigint,crc64:string>"
    manifest = s3_inventory(drkit.directory, rows_of(COUNT), form="ORC", fileSchema=schema)
    assert_refused(against(drkit, manifest), "schema")


def test_times_in_orc_are_utc(drkit: Drkit):
    orc = s3_inventory(drkit.directory / "orc", rows_of(COUNT), form="ORC")
    parquet = s3_inventory(drkit.directory / "parquet", rows_of(COUNT), form="Parquet")
    words = ("--copy", f"copy={orc}", "--previous", f"copy={parquet}")
    ran = drkit("copies", "reconcile", "--format", "json", *words)
    assert (ran.status, ran.json["copies"]["copy"]["overwritten"]) == (0, 0)


def test_what_an_inventory_of_orc_lacks_is_found(drkit: Drkit):
    manifest = s3_inventory(drkit.directory, rows_of(COUNT)[2:], form="ORC")
    assert copy_of(against(drkit, manifest))["missing"] == 2


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


csv_inventory = pytest.mark.parametrize("make", [s3_inventory, cos_inventory], ids=["s3", "cos"])


@csv_inventory
def test_a_gzip_that_was_cut_before_its_manifest_was_written_is_refused(drkit: Drkit, make):
    manifest = make(drkit.directory, rows_of(5_000))
    content = data_file(manifest).read_bytes()
    assert_refused(against(drkit, with_data(manifest, content[: len(content) // 2])), "file-cut")


@csv_inventory
def test_an_inventory_of_no_object_is_refused(drkit: Drkit, make):
    assert_refused(against(drkit, make(drkit.directory, [])), "empty")


@csv_inventory
def test_an_inventory_with_an_object_twice_is_refused(drkit: Drkit, make):
    assert_refused(against(drkit, make(drkit.directory, [*rows_of(COUNT), *rows_of(1)])), "duplicate")


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
        ("SELECT '' AS key, 1 AS size", "key-missing"),
        ("SELECT 'k' AS key, -1 AS size", "size-out-of-range"),
        ("SELECT 'k' AS key, 999999999999999999 AS size", "size-out-of-range"),
        ("SELECT 'k' AS key, 99999999999999999999::UHUGEINT AS size", "schema"),
        ("SELECT 'k' AS key, 99999999999999999999::HUGEINT AS size", "schema"),
        ("SELECT 'k' AS key, NULL::BIGINT AS size", "value-unreadable"),
        ("SELECT 'k' AS key, 1 AS size, 'x' AS crc64", "value-unreadable"),
        ("SELECT 'k' AS key, 1 AS size, -1 AS crc64", "value-unreadable"),
        (
            "SELECT 'k' AS key, 1 AS size, TIMESTAMPTZ '2999-01-01 00:00:00Z' AS last_modified",
            "time-in-the-future",
        ),
        ("SELECT 'b' AS bucket, 'k' AS key, 1 AS size", "manifest-missing"),
    ],
)
def test_a_parquet_of_another_schema_or_of_other_values_is_refused(drkit: Drkit, select: str, name: str):
    path = drkit.directory / "bad.parquet"
    duckdb.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
    assert_refused(against(drkit, path), name)


def test_an_object_without_a_key_is_refused_even_where_every_copy_has_one(drkit: Drkit):
    path = drkit.directory / "bad.parquet"
    duckdb.execute(f"COPY (SELECT '' AS key, 1 AS size, 1 AS crc64) TO '{path}' (FORMAT parquet)")
    ran = drkit("copies", "reconcile", "--format", "json", "--copy", f"a={path}", "--copy", f"b={path}")
    assert {copy["refused"] for copy in ran.json["copies"].values()} == {"key-missing"}


def test_a_file_that_changes_while_it_is_read_concludes_nothing(drkit: Drkit):
    path = drkit.directory / "changing.parquet"

    def write(count: int) -> None:
        other = path.with_suffix(".new")
        duckdb.execute(
            f"COPY (SELECT i::VARCHAR AS key, 1 AS size, i AS crc64 FROM range({count}) r(i)) TO '{other}' (FORMAT parquet)"
        )
        other.replace(path)

    def second() -> Source:
        write(5)
        return open_source(path, None, now())

    write(9)
    asked = Asked({"first": partial(open_source, path, None, now()), "second": second})
    with private_directory(drkit.directory) as private, engine(private, None) as connection:
        conclusion = conclude(Comparison(connection, private, asked, now()).run(), asked)
    assert [row["refused"] for row in conclusion.rows] == ["changed", "changed"]
    assert conclusion.verdict.outcome is Outcome.UNKNOWN


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
    text = gzip.decompress(data_file(manifest).read_bytes()).decode()

    def rewrite(change: Callable[[str], str]) -> Path:
        return with_data(manifest, gzip.compress(change(text).encode()))

    spaces = rewrite(lambda text: text.replace("%20", "+"))  # the keys hold %2B too: + is a space
    assert copy_of(against(drkit, spaces))["verdict"] == "pass"
    assert_refused(
        against(drkit, rewrite(lambda text: text.replace("%20", "+").replace("%2B", "+"))), "plus-ambiguous"
    )


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
