"""What is wrong with copies is counted to the object, whatever the form of the files."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from helpers import Drkit, Ran
from inventories import NAMES, Wrong, cos_inventory, plain_csv, rows_of, s3_inventory, write_copy

from drkit.copies.reconcile.joining import NAMED

OBJECTS = 5_000
INJECTED = {
    "shanghai": Wrong(3, 5, 7, 11, 0, 13),
    "nanjing": Wrong(extra=1),
    "elsewhere": Wrong(17, 19, 23, 29, 31, 37),
}


def reconcile(drkit: Drkit, *words: str | Path) -> Ran:
    return drkit("copies", "reconcile", "--format", "json", *words)


def copies_of(ran: Ran) -> dict[str, Any]:
    found: dict[str, Any] = ran.json["copies"]
    return found


def pair(drkit: Drkit, reference: list[dict[str, Any]], other: list[dict[str, Any]]) -> list[str]:
    """Two plain copies as arguments."""
    plain_csv(drkit.directory / "a.csv.gz", reference)
    plain_csv(drkit.directory / "b.csv.gz", other)
    return ["--copy", "a=a.csv.gz", "--copy", "b=b.csv.gz"]


@pytest.mark.parametrize("suffix", [".parquet", ".csv.gz"])
def test_every_injected_anomaly_is_counted_exactly(drkit: Drkit, suffix: str):
    words = []
    for name in NAMES:
        write_copy(drkit.directory / f"{name}{suffix}", OBJECTS, INJECTED.get(name, Wrong()), name)
        words += ["--copy", f"{name}={name}{suffix}"]
    words += [word for name in NAMES for word in ("--expect-class", f"{name}=ARCHIVE")]
    ran = reconcile(drkit, *words, "--list", "list.csv")
    assert ran.status == 3
    for name, copy in copies_of(ran).items():
        wrong = INJECTED.get(name, Wrong())
        assert {field: copy[field] for field in asdict(wrong)} == asdict(wrong)
        assert copy["present"] == OBJECTS - wrong.missing
    listed = (drkit.directory / "list.csv").read_text().splitlines()
    assert len(listed) == 1 + sum(sum(asdict(wrong).values()) for wrong in INJECTED.values())


def test_identical_copies_pass(drkit: Drkit):
    ran = reconcile(drkit, *pair(drkit, rows_of(5), rows_of(5)))
    assert ran.status == 0
    assert ran.json["verdict"] == "pass"
    assert ran.json["findings"] == []


def test_a_row_counts_once_and_the_class_apart(drkit: Drkit):
    other = rows_of(3)
    other[0] |= {"size": 1, "crc64": "1", "etag": "0" * 32, "storage_class": "STANDARD"}
    copy = copies_of(reconcile(drkit, *pair(drkit, rows_of(3), other), "--expect-class", "b=ARCHIVE"))["b"]
    assert (copy["size_differs"], copy["checksum_differs"], copy["wrong_class"]) == (1, 0, 1)


def test_every_key_that_a_copy_lacks_is_named_or_none_is(drkit: Drkit):
    other = rows_of(200)[NAMED + 1 :]
    other[0]["size"] += 1
    ran = reconcile(drkit, *pair(drkit, rows_of(200), other))
    assert copies_of(ran)["b"]["missing"] == NAMED + 1
    assert copies_of(ran)["b"]["keys"] == {"size_differs": [other[0]["key"]]}
    lost = sorted(row["key"] for row in rows_of(200)[:NAMED])
    ran = reconcile(drkit, *pair(drkit, rows_of(200), rows_of(200)[NAMED:]))
    assert copies_of(ran)["b"]["keys"] == {"missing": lost}


@pytest.mark.parametrize(
    ("changes", "other"),
    [
        ({"crc64": ""}, {"etag": ""}),
        ({"crc64": "", "etag": "d41d8cd98f00b204e9800998ecf8427e-2"}, {"crc64": ""}),
        (
            {"crc64": "", "etag": "d41d8cd98f00b204e9800998ecf8427e-2"},
            {"crc64": "", "etag": "d41d8cd98f00b204e9800998ecf8427e-2"},
        ),
    ],
    ids=["other algorithms", "multipart on one side", "the same multipart tag"],
)
def test_what_cannot_be_compared_is_never_equal(drkit: Drkit, changes, other):
    first, second = rows_of(3), rows_of(3)
    first[1] |= changes
    second[1] |= other
    ran = reconcile(drkit, *pair(drkit, first, second))
    assert ran.status == 1
    assert ran.json["verdict"] == "unknown"
    assert "not-comparable" in ran.json["reason"]
    assert copies_of(ran)["b"]["not_comparable"] == 1


def test_etags_are_compared_where_a_crc_is_not_told(drkit: Drkit):
    first, second = rows_of(3), rows_of(3)
    for row in second:
        row["crc64"] = ""
    assert reconcile(drkit, *pair(drkit, first, second)).status == 0
    second[2]["etag"] = "0" * 32
    ran = reconcile(drkit, *pair(drkit, first, second))
    assert (ran.status, copies_of(ran)["b"]["checksum_differs"]) == (3, 1)


def test_since_the_last_time_what_vanished_was_overwritten_or_appeared_is_counted(drkit: Drkit):
    then, today = rows_of(6), rows_of(8)[1:]
    today[0] |= {"etag": "0" * 32, "crc64": "77"}
    plain_csv(drkit.directory / "then.csv.gz", then)
    ran = reconcile(drkit, *pair(drkit, today, today), "--previous", "b=then.csv.gz")
    assert ran.status == 3
    copy = copies_of(ran)["b"]
    assert (copy["vanished"], copy["overwritten"], copy["appeared"]) == (1, 1, 2)
    assert {finding["id"] for finding in ran.json["findings"]} == {
        "copies.reconcile/vanished",
        "copies.reconcile/overwritten",
    }
    assert copies_of(ran)["a"]["vanished"] is None


def test_a_copy_that_only_grew_passes(drkit: Drkit):
    plain_csv(drkit.directory / "then.csv.gz", rows_of(4))
    ran = reconcile(drkit, *pair(drkit, rows_of(6), rows_of(6)), "--previous", "a=then.csv.gz")
    assert (ran.status, copies_of(ran)["a"]["appeared"]) == (0, 2)


def versioned(*versions: tuple[str, str, str]) -> list[dict[str, Any]]:
    """Versions of keys as (key, version, time)."""
    return [
        {
            **rows_of(1)[0],
            "key": key,
            "version_id": version,
            "last_modified": time,
            "crc64": str(hash(version) % 999),
        }
        for key, version, time in versions
    ]


OLD, NEW = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"


def test_by_default_the_current_version_of_each_key_is_compared(drkit: Drkit):
    first = versioned(("k", "1", OLD), ("k", "2", NEW))
    second = versioned(("k", "2", NEW))
    assert reconcile(drkit, *pair(drkit, first, second)).status == 0


def test_with_versions_each_of_them_is_compared(drkit: Drkit):
    first = versioned(("k", "1", OLD), ("k", "2", NEW))
    second = versioned(("k", "2", NEW))
    ran = reconcile(drkit, *pair(drkit, first, second), "--versions")
    assert (ran.status, copies_of(ran)["b"]["missing"]) == (3, 1)


def test_a_version_that_is_there_twice_is_refused(drkit: Drkit):
    first = versioned(("k", "1", OLD), ("k", "1", NEW))
    ran = reconcile(drkit, *pair(drkit, versioned(("k", "1", OLD)), first), "--versions")
    assert (ran.status, copies_of(ran)["b"]["refused"]) == (1, "duplicate")


@pytest.mark.parametrize("key", ["twice", "only-here-{}"], ids=["one", "two"])
def test_duplicate_keys_are_refused_and_the_others_concluded(drkit: Drkit, key):
    doubled = rows_of(4)
    for number, row in enumerate(rows_of(3)):
        doubled.append({**row, "key": key.format(number % 2)})
    words = pair(drkit, rows_of(4), doubled)
    write = plain_csv(drkit.directory / "c.csv.gz", rows_of(3))
    ran = reconcile(drkit, *words, "--copy", f"c={write.name}")
    copies = copies_of(ran)
    assert copies["b"]["refused"] == "duplicate"
    assert copies["b"]["missing"] is None
    assert copies["c"]["missing"] == 1
    assert (ran.status, ran.json["statuses"]) == (3, [1, 3])


def test_a_reference_with_duplicates_concludes_nothing(drkit: Drkit):
    ran = reconcile(drkit, *pair(drkit, rows_of(3) + rows_of(1), rows_of(3)))
    assert ran.status == 1
    assert [copy["verdict"] for copy in copies_of(ran).values()] == ["unknown", "unknown"]


@pytest.mark.parametrize("versions", [(), ("--versions",)])
def test_an_object_without_a_key_is_refused(drkit: Drkit, versions: tuple[str, ...]):
    first = versioned(("k", "1", OLD))
    ran = reconcile(drkit, *pair(drkit, first, [*first, *versioned(("", "1", OLD))]), *versions)
    assert (ran.status, copies_of(ran)["b"]["refused"]) == (1, "key-missing")


KEYS = [
    "line\nend",
    "carriage\r\nreturn",
    'quo"te',
    "com,ma",
    "back\\slash",
    "tab\t",
    "% + %2B",
    "'; DROP TABLE copy_0; --",
    "ü" * 512,
    "😀" * 256,
    " ",
    "NULL",
    "\u202e",
]


def test_keys_are_kept_to_the_byte(drkit: Drkit):
    rows = [{**rows_of(1)[0], "key": key} for key in KEYS]
    words = pair(drkit, rows, rows[:1])
    ran = reconcile(drkit, *words, "--list", "list.jsonl")
    assert copies_of(ran)["b"]["missing"] == len(KEYS) - 1
    listed = [json.loads(line)["key"] for line in (drkit.directory / "list.jsonl").read_text().splitlines()]
    assert sorted(listed) == sorted(KEYS[1:])


@pytest.mark.parametrize("form", ["CSV", "Parquet", "ORC", "COS"])
def test_keys_in_inventories_are_kept_to_the_byte(drkit: Drkit, form: str):
    rows = [{**row, "key": key} for row, key in zip(rows_of(len(KEYS)), KEYS, strict=True)]
    plain_csv(drkit.directory / "plain.csv.gz", rows)
    home = drkit.directory / "home"
    manifest = cos_inventory(home, rows) if form == "COS" else s3_inventory(home, rows, form=form)
    ran = reconcile(drkit, "--copy", "a=plain.csv.gz", "--copy", f"b={manifest}")
    assert (ran.status, copies_of(ran)["b"]["present"]) == (0, len(KEYS))


def test_more_copies_than_one_code_has_room_for_are_compared(drkit: Drkit):
    plain_csv(drkit.directory / "a.csv.gz", rows_of(5))
    words = ["--copy", "reference=a.csv.gz"]
    for number in range(45):
        plain_csv(drkit.directory / f"{number}.csv.gz", rows_of(5)[number % 4 :])
        words += ["--copy", f"copy{number}={number}.csv.gz"]
    ran = reconcile(drkit, *words, "--list", "list.csv")
    missing = [copies_of(ran)[f"copy{number}"]["missing"] for number in range(45)]
    assert missing == [number % 4 for number in range(45)]
    assert len((drkit.directory / "list.csv").read_text().splitlines()) == 1 + sum(missing)


def test_what_was_written_while_the_copies_were_looked_at_is_neither_lost_nor_equal(drkit: Drkit):
    """The inventory of the one was begun an hour after that of the other: what came between is in one of them alone."""
    hour = {"creationTimestamp": str(1772326800000 + 3_600_000)}
    young = {"last_modified": "2026-03-01T01:30:00.000Z"}
    late = [{**row, **young} for row in rows_of(8)[5:]]
    changed = {**rows_of(1)[0], **young, "size": 7}
    a = s3_inventory(drkit.directory / "a", [changed, *rows_of(5)[1:], *late], **hour)
    b = s3_inventory(drkit.directory / "b", rows_of(5))
    words = ("--copy", f"a={a}", "--copy", f"b={b}", "--list", "list.csv")
    ran = reconcile(drkit, *words)
    copy = copies_of(ran)["b"]
    # Looks that may be of any age would leave it open for ever, so that is no pass.
    assert (ran.status, copy["unsettled"], copy["missing"], copy["size_differs"]) == (1, 4, 0, 0)
    assert copy["unknown"][0].startswith("unsettled: 4 objects")
    assert reconcile(drkit, *words, "--younger-than", "36500d").status == 0
    assert copy["present"] == 5
    assert "not judged yet" in copy["notes"][0]
    assert (drkit.directory / "list.csv").read_text().count("unsettled") == 4
    # The next night it has arrived, or is missing; and what is older is missing at once.
    b = s3_inventory(drkit.directory / "b", rows_of(5)[:4], **hour)
    copy = copies_of(reconcile(drkit, "--copy", f"a={a}", "--copy", f"b={b}"))["b"]
    assert (copy["unsettled"], copy["missing"], copy["size_differs"]) == (0, 4, 1)


def test_of_two_copies_that_are_looked_at_later_only_the_one_that_was_early_leaves_it_open(drkit: Drkit):
    hour = {"creationTimestamp": str(1772326800000 + 3_600_000)}
    late = {**rows_of(6)[5], "last_modified": "2026-03-01T01:30:00.000Z"}
    a = s3_inventory(drkit.directory / "a", [*rows_of(5), late], **hour)
    b = s3_inventory(drkit.directory / "b", rows_of(5))
    c = s3_inventory(drkit.directory / "c", rows_of(5), **hour)
    ran = reconcile(drkit, "--copy", f"a={a}", "--copy", f"b={b}", "--copy", f"c={c}")
    copies = copies_of(ran)
    assert (ran.status, copies["b"]["missing"], copies["c"]["missing"]) == (3, 0, 1)
