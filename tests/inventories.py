"""Copies of any size with a known number of things wrong, and inventories of S3 and COS around them."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import random
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import duckdb

NAMES = ("reference", "shanghai", "nanjing", "elsewhere")


@dataclass(frozen=True)
class Wrong:
    """How many objects of a copy are wrong, each in one way."""

    missing: int = 0
    extra: int = 0
    size_differs: int = 0
    checksum_differs: int = 0
    not_comparable: int = 0
    wrong_class: int = 0


def write_copy(path: Path, objects: int, wrong: Wrong, seed: str) -> None:
    """Parquet or csv.gz with ``objects`` of the same objects each time but for what is wrong with them.

    Which ones is drawn by lot; how many is exact, since no object is drawn twice.
    """
    drawn = random.Random(f"{seed}").sample(range(objects), sum(asdict(wrong).values()) - wrong.extra)
    connection = duckdb.connect()
    connection.execute("SET preserve_insertion_order = false; CREATE TABLE drawn (i BIGINT, what VARCHAR)")
    for what, count in asdict(wrong).items():
        if what == "extra":
            chosen = list(range(objects, objects + count))
        else:
            chosen, drawn = drawn[:count], drawn[count:]
        connection.execute("INSERT INTO drawn SELECT unnest(?::BIGINT[]), ?", [chosen, what])
    form = "FORMAT parquet" if path.suffix == ".parquet" else "FORMAT csv, HEADER, COMPRESSION gzip"
    connection.execute(
        f"""
        COPY (
          SELECT concat('data/', md5(i::VARCHAR), '/part-', lpad(i::VARCHAR, 12, '0'), '.bin') AS key,
            (hash(i) % 1000000000)::BIGINT + CASE what WHEN 'size_differs' THEN 1 ELSE 0 END AS size,
            CASE what WHEN 'checksum_differs' THEN md5('other' || i) WHEN 'not_comparable' THEN md5('' || i) || '-2'
              ELSE md5('' || i) END AS etag,
            CASE what WHEN 'checksum_differs' THEN hash(i + 1) WHEN 'not_comparable' THEN NULL
              ELSE hash(i) END::VARCHAR AS crc64,
            CASE what WHEN 'wrong_class' THEN 'STANDARD' ELSE 'ARCHIVE' END AS storage_class,
            TIMESTAMPTZ '2026-01-01 00:00:00Z' + to_seconds(i % 1000000) AS last_modified
          FROM range({objects + wrong.extra}) AS every(i) LEFT JOIN drawn USING (i)
          WHERE coalesce(what, '') <> 'missing'
        ) TO '{path}' ({form})
        """
    )
    connection.close()


S3_FIELDS = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass, EncryptionStatus"
COS_FIELDS = "Appid, Bucket, Key, Size, LastModifiedDate, ETag, StorageClass, IsMultipartUploaded, Crc64"


def rows_of(count: int) -> list[dict[str, Any]]:
    """Objects that a small inventory tells of."""
    return [
        {
            "key": f"data/part {number}+ü.bin",
            "size": 1000 + number,
            "etag": hashlib.md5(str(number).encode()).hexdigest(),
            "crc64": str(number * 7919),
            "storage_class": "ARCHIVE",
            "last_modified": "2026-02-27T01:02:03.000Z",
        }
        for number in range(count)
    ]


def plain_csv(path: Path, rows: list[dict[str, Any]]) -> Path:
    """The same objects as a plain file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(gzip.compress(text.getvalue().encode()))
    return path


def s3_inventory(
    home: Path, rows: list[dict[str, Any]], *, form: str = "CSV", files: int = 2, **changes: Any
) -> Path:
    """A mirror of what S3 writes; the directory of the manifest."""
    lines = [
        [
            "cold",
            quote_plus(row["key"], safe="/"),
            row.get("version_id", ""),
            row.get("is_latest", "true"),
            row.get("is_delete_marker", "false"),
            row["size"],
            row["last_modified"],
            row["etag"],
            row["storage_class"],
            row.get("encryption_status", "NOT-SSE"),
        ]
        for row in rows
    ]
    config = home / "inventories" / "cold" / "daily"
    named = []
    for number in range(files):
        suffix = {"CSV": "csv.gz", "Parquet": "parquet", "ORC": "orc"}[form]
        part = config / "data" / f"{number}.{suffix}"
        part.parent.mkdir(parents=True, exist_ok=True)
        if form == "CSV":
            part.write_bytes(_csv(lines[number::files]))
        elif form == "Parquet":
            _s3_parquet(part, rows[number::files])
        else:
            _s3_orc(part, rows[number::files])
        named.append(_named(part, home, "MD5checksum", int))
    schema = S3_FIELDS
    if form == "ORC":
        schema = "struct<bucket:string,key:string,size:bigint,last_modified_date:timestamp,e_tag:string,storage_class:string>"
    elif form == "Parquet":
        schema = (
            "message s3.inventory { required binary bucket (UTF8); required binary key (UTF8); optional int64 size; "
            "optional int64 last_modified_date (TIMESTAMP(MILLIS,true)); optional binary e_tag (UTF8); "
            "optional binary storage_class (UTF8); }"
        )
    manifest = {
        "sourceBucket": "cold",
        "destinationBucket": "arn:aws:s3:::inventories",
        "version": "2016-11-30",
        "creationTimestamp": "1772326800000",
        "fileFormat": form,
        "fileSchema": schema,
        "files": named,
    }
    return write_manifest(config / "2026-03-01T01-00Z", manifest | changes)


def cos_inventory(home: Path, rows: list[dict[str, Any]], **changes: Any) -> Path:
    """A mirror of what COS writes; the directory of the manifest."""
    lines = [
        [
            "1250000000",
            "cold-1250000000",
            quote(row["key"], safe="/"),
            row["size"],
            row["last_modified"],
            f'"{row["etag"]}"',
            row["storage_class"],
            "false",
            row["crc64"],
        ]
        for row in rows
    ]
    config = home / "cos_bucket_inventory" / "1250000000" / "cold-1250000000" / "daily"
    config.mkdir(parents=True, exist_ok=True)
    part = config / "04d73d9debc73d9f0bf85af461abde6c.csv.gz"
    part.write_bytes(_csv(lines))
    manifest = {
        "sourceAppid": "1250000000",
        "sourceBucket": "cold-1250000000",
        "destinationAppid": "1250000000",
        "destinationBucket": "inventories-1250000000",
        "fileFormat": "CSV",
        "listObjectCount": str(len(rows)),
        "filterObjectCount": str(len(rows)),
        "fileSchema": COS_FIELDS,
        "files": [_named(part, home, "md5Checksum", str)],
    }
    return write_manifest(config / "20260301", manifest | changes)


def write_manifest(directory: Path, manifest: dict[str, Any]) -> Path:
    """``manifest.json`` with its checksum."""
    directory.mkdir(parents=True, exist_ok=True)
    content = json.dumps(manifest).encode()
    (directory / "manifest.json").write_bytes(content)
    (directory / "manifest.checksum").write_text(hashlib.md5(content).hexdigest())
    return directory


def _csv(lines: list[list[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(lines)
    return gzip.compress(text.getvalue().encode())


def _s3_parquet(path: Path, rows: list[dict[str, Any]]) -> None:
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE t (bucket VARCHAR, key VARCHAR, size BIGINT, last_modified_date TIMESTAMP, "
        "e_tag VARCHAR, storage_class VARCHAR)"
    )
    for row in rows:
        moment = row["last_modified"].removesuffix("Z")
        values = ["cold", row["key"], row["size"], moment, row["etag"], row["storage_class"]]
        connection.execute("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)", values)
    connection.execute(f"COPY t TO '{path}' (FORMAT parquet)")
    connection.close()


def _s3_orc(path: Path, rows: list[dict[str, Any]]) -> None:
    from pyarrow import orc, table

    told = {
        "bucket": ["cold"] * len(rows),
        "key": [row["key"] for row in rows],
        "size": [row["size"] for row in rows],
        "last_modified_date": [
            datetime.fromisoformat(row["last_modified"].removesuffix("Z")) for row in rows
        ],
        "e_tag": [row["etag"] for row in rows],
        "storage_class": [row["storage_class"] for row in rows],
    }
    orc.write_table(table(told), path)


def _named(part: Path, home: Path, md5: str, number: type) -> dict[str, Any]:
    content = part.read_bytes()
    return {
        "key": str(part.relative_to(home)),
        "size": number(len(content)),
        md5: hashlib.md5(content).hexdigest(),
    }
