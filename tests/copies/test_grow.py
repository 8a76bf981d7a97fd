"""Copies only ever grow: what left one is found by its name on any later night, and so is a manifest that did."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers import Drkit, Ran
from inventories import plain_csv, rows_of, s3_inventory

from drkit.copies.growing.remembering import remembered
from drkit.copies.growing.tree import ROWS_A_LEAF, Tree, prefix_of
from drkit.copies.refusal import RefusedError
from drkit.core.canonical import canonical
from drkit.core.evidence.merkle import leaf_hash, node_hash

long_only = pytest.mark.skipif(os.environ.get("DRKIT_SOAK") != "1", reason="takes long: make soak")
LOST = ("vanished", "overwritten", "version_deleted")


def grow(drkit: Drkit, rows: list[dict[str, Any]], *words: str) -> Ran:
    plain_csv(drkit.directory / "a.csv.gz", rows)
    return drkit("copies", "grow", "--copy", "a=a.csv.gz", "--chain", "chain", "--format", "json", *words)


def counts(ran: Ran) -> dict[str, int]:
    copy = ran.json["copies"]["a"]
    return {name: copy[name] for name in ("appeared", *LOST) if copy[name]}


def ids(ran: Ran) -> list[str]:
    return [finding["id"].partition("/")[2] for finding in ran.json["findings"]]


def test_the_first_manifest_holds_against_nothing_and_passes(drkit: Drkit):
    ran = grow(drkit, rows_of(5))
    assert (ran.status, counts(ran)) == (0, {"appeared": 5})
    assert ran.json["copies"]["a"]["manifest"]["number"] == 1


def test_what_vanished_was_overwritten_and_appeared_is_counted_and_listed(drkit: Drkit):
    grow(drkit, rows_of(9))
    rows = rows_of(11)
    rows[2]["size"] += 1
    rows[3]["etag"] = "f" * 32
    del rows[0]
    ran = grow(drkit, rows, "--list", "lost.csv")
    assert ran.status == 3
    assert counts(ran) == {"appeared": 2, "vanished": 1, "overwritten": 2}
    assert ids(ran) == ["vanished", "overwritten"]
    assert len((drkit.directory / "lost.csv").read_text().splitlines()) == 4


def test_an_object_that_was_copied_again_unchanged_is_not_called_overwritten(drkit: Drkit):
    grow(drkit, rows_of(3))
    assert grow(drkit, [{**row, "last_modified": "2026-03-02T00:00:00Z"} for row in rows_of(3)]).status == 0


def test_without_any_checksum_another_time_is_overwritten_and_no_time_is_not_comparable(drkit: Drkit):
    def bare(moment: str) -> list[dict[str, Any]]:
        return [{"key": "k", "size": 1, "last_modified": moment}]

    grow(drkit, bare("2026-03-01T00:00:00Z"))
    assert counts(grow(drkit, bare("2026-03-02T00:00:00Z"))) == {"overwritten": 1}
    (drkit.directory / "chain" / "a").rename(drkit.directory / "old")
    grow(drkit, [{"key": "k", "size": 1}])
    ran = grow(drkit, [{"key": "k", "size": 1}])
    assert ran.status == 1
    assert "not-comparable" in ran.json["reason"]


def test_what_is_lost_stays_owed_until_it_is_back_as_it_was(drkit: Drkit):
    grow(drkit, rows_of(4))
    for _ in range(2):
        assert counts(grow(drkit, rows_of(3))) == {"vanished": 1}
    wrong = [*rows_of(3), {**rows_of(4)[3], "crc64": "1"}]
    assert counts(grow(drkit, wrong)) == {"overwritten": 1}
    assert (grow(drkit, rows_of(4)).status, grow(drkit, rows_of(4)).status) == (0, 0)


def test_a_deleted_version_is_found_and_an_overwritten_object_whose_version_stays_is_only_that(drkit: Drkit):
    def night(*versions: tuple[str, int, bool]) -> Ran:
        rows = [
            {
                **rows_of(1)[0],
                "version_id": version,
                "size": size,
                "etag": f"{size:032x}",
                "is_latest": str(latest).lower(),
            }
            for version, size, latest in versions
        ]
        path = s3_inventory(drkit.directory, rows)
        return drkit("copies", "grow", "--copy", f"a={path}", "--chain", "chain", "--format", "json")

    night(("v1", 1, True))
    assert counts(night(("v1", 1, False), ("v2", 2, True))) == {"overwritten": 1}
    assert counts(night(("v2", 2, True))) == {"overwritten": 1, "version_deleted": 1}


def manifest(drkit: Drkit, number: int, suffix: str) -> Path:
    return drkit.directory / "chain" / "a" / f"{number:08}.{suffix}"


def changed(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def rewritten(path: Path) -> None:
    """A head that is canonical and says something else."""
    head = json.loads(path.read_bytes())
    path.write_bytes(canonical({**head, "objects": head["objects"] + 1}))


@pytest.mark.parametrize(
    ("suffix", "spoil", "name"),
    [
        pytest.param("parquet", Path.unlink, "manifest-missing", marks=long_only),
        ("parquet", changed, "manifest-altered"),
        ("json", rewritten, "manifest-altered"),
    ],
)
def test_a_manifest_that_is_gone_or_changed_is_found_by_its_number(
    drkit: Drkit, suffix: str, spoil: Callable[[Path], None], name: str
):
    for _ in range(2):
        grow(drkit, rows_of(4))
    spoil(manifest(drkit, 1, suffix))
    ran = grow(drkit, rows_of(4))
    assert ran.status == 3
    assert name in ids(ran)
    assert ran.json["summary"]["vanished"] == 0


def test_the_last_manifest_is_missed_by_who_expects_it(drkit: Drkit):
    heads = [grow(drkit, rows_of(4)).json["copies"]["a"]["manifest"]["head"] for _ in range(2)]
    assert grow(drkit, rows_of(4), "--expect", f"a={heads[1]}").status == 0
    for number in (2, 3):
        for suffix in ("json", "parquet"):
            manifest(drkit, number, suffix).unlink()
    ran = grow(drkit, rows_of(4), "--expect", f"a={heads[1]}")
    assert (ran.status, ids(ran)) == (3, ["manifest-missing"])


def test_a_copy_that_is_refused_adds_no_manifest_and_loses_nothing(drkit: Drkit):
    grow(drkit, rows_of(4))
    (drkit.directory / "a.csv.gz").write_bytes((drkit.directory / "a.csv.gz").read_bytes()[:-9])
    ran = drkit("copies", "grow", "--copy", "a=a.csv.gz", "--chain", "chain", "--format", "json")
    assert (ran.status, ran.json["findings"]) == (1, [])
    assert "file-cut" in ran.json["reason"]
    assert sorted(path.name for path in (drkit.directory / "chain" / "a").iterdir()) == [
        "00000001.json",
        "00000001.parquet",
    ]


def test_an_object_that_is_there_twice_refuses_the_copy(drkit: Drkit):
    ran = grow(drkit, [*rows_of(4), rows_of(1)[0]])
    assert ran.status == 1
    assert ran.json["copies"]["a"]["refused"] == "duplicate"


def test_keys_that_would_break_a_line_a_quote_or_sql_are_kept_as_they_are(drkit: Drkit):
    rows = [{**rows_of(1)[0], "key": key} for key in ("a'b", 'a"b', "new\nline", "a\\", "中/文", "'); DROP")]
    grow(drkit, rows)
    assert grow(drkit, rows).status == 0
    assert counts(grow(drkit, rows[1:])) == {"vanished": 1}


def lines(*keys: str) -> list[tuple[str, str, str, int, bool, str]]:
    return [("object", key, "", 1, True, f"line of {key}") for key in keys]


def test_the_root_is_that_of_rfc_6962_over_a_leaf_for_each_prefix():
    import hashlib

    tree = Tree()
    tree.add(lines("a/1", "a/2", "b/1"))
    leaves = [
        leaf_hash(
            canonical(
                {
                    "what": "object",
                    "prefix": prefix,
                    "rows": len(keys),
                    "sha256": hashlib.sha256(
                        "".join(f"line of {key}\n" for key in keys).encode()
                    ).hexdigest(),
                }
            )
        )
        for prefix, keys in (("a/", ("a/1", "a/2")), ("b/", ("b/1",)))
    ]
    assert tree.root() == node_hash(*leaves).hex()


def test_the_root_is_the_same_however_the_rows_come_and_long_prefixes_have_several_leaves():
    keys = [f"a/{number:06}" for number in range(ROWS_A_LEAF + 1)]
    at_once, one_by_one = Tree(), Tree()
    at_once.add(lines(*keys))
    for key in keys:
        one_by_one.add(lines(key))
    assert (at_once.root(), at_once.leaves) == (one_by_one.root(), 2)


def test_rows_out_of_their_order_are_refused():
    with pytest.raises(RefusedError, match="order"):
        Tree().add(lines("b", "a"))


def test_the_prefix_of_a_key_is_its_first_directory():
    assert [prefix_of(key) for key in ("a/b/c", "a", "/a")] == ["a/", "", "/"]


@pytest.mark.parametrize("point", [pytest.param("_hashed", marks=long_only), "write_whole"])
def test_a_night_that_is_killed_in_the_middle_leaves_the_chain_as_it_was(drkit: Drkit, point: str):
    """Before the manifest has its name, and between its rows and its head."""
    grow(drkit, rows_of(4))
    program = (
        "import os, signal, sys; from drkit.copies.growing import comparing;"
        "die = lambda *_arguments, **_more: os.kill(os.getpid(), signal.SIGKILL);"
        f"setattr(comparing.Growing if '{point}'[0] == '_' else comparing, '{point}', die);"
        "from drkit.cli import main; sys.exit(main())"
    )
    words = ["copies", "grow", "--copy", "a=a.csv.gz", "--chain", "chain"]
    killed = subprocess.run(
        [sys.executable, "-c", program, *words], cwd=drkit.directory, env=drkit.environment, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    ran = grow(drkit, rows_of(3))
    assert (ids(ran), counts(ran)) == (["vanished"], {"vanished": 1})
    assert ran.json["copies"]["a"]["manifest"]["number"] == 2


COPY = ("archive", "shanghai")
FOUND = {"id": "copies.reconcile/missing", "subject": "archive/shanghai"}


def told(run: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"run": run, "kind": kind, **more}


def compared(run: str, *findings: dict[str, Any], keys: dict[str, list[str]]) -> list[dict[str, Any]]:
    """What the evidence has of a comparison."""
    row = {"dataset": "archive", "copy": "shanghai", "keys": keys}
    return [told(run, "step.rows", rows=[row]), told(run, "step.concluded", findings=list(findings))]


def grown(run: str, number: int) -> dict[str, Any]:
    """What the evidence has of a manifest."""
    row = {"dataset": "archive", "copy": "shanghai", "growth": []}
    return told(run, "step.rows", rows=[{**row, "manifest": {"number": number, "head": str(number)}}])


def test_keys_count_as_found_above_in_the_run_that_found_them_alone():
    first = [told("1", "run.started"), *compared("1", FOUND, keys={"missing": ["k"]})]
    expected = {COPY: {"vanished": {("k", 1)}, "version-deleted": {("k", 1)}}}
    assert remembered(first).above == expected
    assert remembered([*first, told("1", "run.resumed")]).above == expected
    other = [told("2", "run.started"), told("2", "run.concluded")]
    assert remembered([*first, *other, told("1", "run.resumed")]).above == expected
    assert remembered([*first, told("2", "run.started")]).above == {}
    assert remembered([*first, told("1", "run.concluded"), told("2", "run.started")]).above == {}


@pytest.mark.parametrize(
    ("findings", "keys"),
    [
        ((), {"missing": ["k"]}),
        (({**FOUND, "subject": "archive/nanjing"},), {"missing": ["k"]}),
        (({**FOUND, "id": "copies.reconcile/extra"},), {"missing": ["k"]}),
    ],
)
def test_keys_that_no_open_finding_of_that_copy_and_name_tells_of_are_not_found_above(
    findings: tuple[dict[str, Any], ...], keys: dict[str, list[str]]
):
    entries = [told("1", "run.started"), *compared("1", *findings, keys=keys)]
    assert not any(remembered(entries).above.get(COPY, {}).values())


def test_an_object_that_is_otherwise_is_found_above_as_overwritten_and_not_as_vanished():
    found = {**FOUND, "id": "copies.reconcile/size-differs"}
    entries = [told("1", "run.started"), *compared("1", found, keys={"size_differs": ["k"]})]
    assert remembered(entries).above == {COPY: {"overwritten": {("k", 1)}}}


def test_keys_that_a_finding_came_to_name_after_it_was_opened_are_not_found_above():
    """Nobody is told of a finding that is open already, however much it has grown."""
    night = [told("1", "run.started"), grown("1", 1), *compared("1", FOUND, keys={"missing": ["k"]})]
    night += [grown("1", 2), told("1", "run.concluded"), told("2", "run.started")]
    again = [*night, *compared("2", FOUND, keys={"missing": ["k", "l"]})]
    assert remembered(again).above[COPY]["vanished"] == {("k", 2)}
    mended = [*night, *compared("2", keys={}), told("2", "run.concluded"), told("3", "run.started")]
    opened = [*mended, *compared("3", FOUND, keys={"missing": ["k", "l"]})]
    assert remembered(opened).above[COPY]["vanished"] == {("k", 3), ("l", 3)}


def test_of_a_comparison_that_a_run_made_twice_the_last_counts():
    twice = [
        *compared("1", FOUND, keys={"missing": ["k"]}),
        told("1", "run.resumed"),
        *compared("1", keys={}),
    ]
    assert not any(remembered([told("1", "run.started"), *twice]).above.get(COPY, {}).values())
