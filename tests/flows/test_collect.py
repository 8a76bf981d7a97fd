"""Saved facts: what is collected is judged offline as it would have been at once, and what was altered is UNKNOWN."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from helpers import Drkit

from drkit.ports.columns import SnapshotColumns, moments


@pytest.fixture
def facts(cloud: Drkit) -> Path:
    """What was collected of the sandbox."""
    assert cloud("collect", "--to", "facts").status == 0
    return cloud.directory / "facts"


def rows(drkit: Drkit, *words: str | Path) -> list[dict[str, Any]]:
    """The rows of coverage without ages, which go on."""
    ran = drkit("snapshots", "cover", "--format", "json", *words)
    return [
        {name: value for name, value in row.items() if name not in ("age", "seconds", "why", "automatic")}
        for row in ran.json["rows"]
    ]


def test_saved_facts_are_judged_as_the_cloud_itself_is(cloud: Drkit, facts: Path) -> None:
    assert len(rows(cloud)) == 60
    assert rows(cloud, "--facts", facts) == rows(cloud)


def in_the_form_before(directory: Path) -> None:
    """Write saved facts as they were once: each snapshot on a line of its own."""
    head = json.loads((directory / "facts.json").read_bytes())
    for region in head["regions"]:
        path = directory / region["account"] / region["region"] / "snapshots.jsonl"
        snapshots = SnapshotColumns.from_saved(map(json.loads, path.read_text().splitlines()))
        rows = [
            {**each._asdict(), "created": moments(each.created), "deadline": moments(each.deadline)}
            for each in snapshots
        ]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        region["snapshots"]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (directory / "facts.json").write_text(json.dumps({**head, "form": "drkit facts 1"}))


def test_facts_that_an_earlier_version_saved_are_judged_alike(cloud: Drkit, facts: Path) -> None:
    before = rows(cloud, "--facts", facts)
    in_the_form_before(facts)

    assert rows(cloud, "--facts", facts) == before
    assert {"stale", "none"} == {row["status"] for row in before}


def test_the_head_tells_how_many_snapshots_a_file_has(facts: Path) -> None:
    head = json.loads((facts / "facts.json").read_bytes())
    place = facts / "production" / "ap-beijing" / "snapshots.jsonl"
    found = sum(len(json.loads(line)["id"]) for line in place.read_text().splitlines())

    assert head["regions"][0]["snapshots"]["count"] == found > 1


def test_saved_facts_need_neither_cloud_nor_credential(cloud: Drkit, facts: Path) -> None:
    ran = cloud(
        "snapshots",
        "cover",
        "--facts",
        facts,
        DRKIT_TENCENT_ENDPOINT="http://127.0.0.1:9",
        DRKIT_LOOK_SECRET_ID="",
    )

    assert (ran.status, ran.out.splitlines()[1]) == (3, "  60 volumes, 29 stale, 31 none")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "the saved snapshots were changed"),
        (b"{", "the saved snapshots cannot be read (JSONDecodeError)"),
    ],
)
def test_a_saved_file_that_was_altered_is_unknown_and_never_an_empty_list(
    cloud: Drkit, facts: Path, content: bytes, why: str
) -> None:
    (facts / "production" / "ap-beijing" / "snapshots.jsonl").write_bytes(content)

    ran = cloud("snapshots", "cover", "--facts", facts, "--format", "json").json

    assert f"not read: {why}" in [row["why"] for row in ran["rows"]]


def test_a_saved_file_that_has_less_than_the_head_says_is_unknown(cloud: Drkit, facts: Path) -> None:
    """As it is where the head was made anew, and not from what stands in the file."""
    head = json.loads((facts / "facts.json").read_bytes())
    region = head["regions"][0]
    path = facts / region["account"] / region["region"] / "snapshots.jsonl"
    path.write_bytes(b"")
    region["snapshots"]["sha256"] = hashlib.sha256(b"").hexdigest()
    (facts / "facts.json").write_text(json.dumps(head))

    ran = cloud("snapshots", "cover", "--facts", facts, "--format", "json").json

    assert "not read: the saved snapshots were changed" in [row["why"] for row in ran["rows"]]


@pytest.mark.parametrize("head", ["", "[]", '{"form": "other"}', "null"])
def test_what_is_no_saved_facts_is_said_to_be_none(cloud: Drkit, facts: Path, head: str) -> None:
    (facts / "facts.json").write_text(head)

    ran = cloud("snapshots", "cover", "--facts", facts)

    assert (ran.status, "there are no saved facts in" in ran.err) == (2, True)


def test_a_head_that_points_out_of_its_directory_is_no_saved_facts(cloud: Drkit, facts: Path) -> None:
    head = json.loads((facts / "facts.json").read_bytes())
    head["regions"][0]["region"] = "../ap-shanghai"
    (facts / "facts.json").write_text(json.dumps(head))

    assert cloud("snapshots", "cover", "--facts", facts).status == 2


def test_a_place_that_was_not_saved_is_unknown(cloud: Drkit, facts: Path) -> None:
    head = json.loads((facts / "facts.json").read_bytes())
    del head["regions"][0]
    (facts / "facts.json").write_text(json.dumps(head))

    ran = cloud("snapshots", "cover", "--facts", facts, "--format", "json").json

    assert "not read: nothing of it was saved" in ran["rows"][0]["why"]


def test_facts_are_never_written_over_something_else(cloud: Drkit, facts: Path) -> None:
    ran = cloud("collect", "--to", facts)

    assert (ran.status, "is not empty" in ran.err) == (2, True)


def test_what_a_cloud_denied_is_saved_as_unread(cloud: Drkit, sandbox: Any) -> None:
    sandbox.fault("error", service="cbs", action="DescribeSnapshots", code="UnauthorizedOperation", times=100)

    ran = cloud("collect", "--to", "facts", "--format", "json")

    assert (ran.status, ran.json["verdict"]) == (1, "unknown")
    assert "unread" in ran.json["seen"]["production/ap-beijing"]["snapshots"]


def test_facts_that_were_saved_long_ago_are_judged_and_told_as_of_then(cloud: Drkit, facts: Path) -> None:
    head = json.loads((facts / "facts.json").read_bytes())
    then = "2020-02-23T18:56:00Z"
    (facts / "facts.json").write_text(json.dumps({**head, "looked_at": then}))

    assert f"as it was at {then}" in cloud("snapshots", "cover", "--facts", facts).out
    assert cloud("snapshots", "cover", "--facts", facts, "--format", "json").json["looked_at"] == then
