"""Objects that may go: two other people approve a request that names them, and nothing else may."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cold import Cold, found
from gating import People
from helpers import Drkit

long_only = pytest.mark.skipif(os.environ.get("DRKIT_SOAK") != "1", reason="takes long: make soak")


@pytest.fixture
def people(drkit: Drkit) -> People:
    return People(drkit)


@pytest.fixture
def cold(drkit: Drkit, people: People) -> Cold:
    """A good night has passed; then what lies under one prefix is removed everywhere."""
    cold = Cold(drkit)
    requests = drkit.directory / "requests"
    requests.mkdir()
    approvals = {"roster": str(people.roster), "pin": people.pin, "requests": str(requests), "destroy": 2}
    cold.estate(approvals=approvals)
    for rows in cold.rows.values():
        rows.extend({**rows[0], "key": f"users/4711/{number}"} for number in range(3))
    cold.write_all()
    assert cold.run().status == 0
    for rows in cold.rows.values():
        del rows[-3:]
    cold.write_all()
    return cold


def ask(cold: Cold, people: People, *words: str) -> str:
    asked = cold.drkit(
        *("copies", "release", "--dataset", "archive", "--reason", "erasure request 12", "--as", "alice"),
        *("--key", str(people.key("alice")), "--format", "json", *words),
    )
    assert asked.status == 0, asked.err
    return str(asked.json["request"]["id"])


def approve(cold: Cold, people: People, id_: str, *names: str) -> None:
    for name in names:
        words = ("gate", "approve", id_, "--key", people.key(name), "--as", name, "--yes")
        done = cold.drkit(*words)
        assert done.status == 0, done.err


def test_what_was_approved_may_go_once_and_the_evidence_names_who_agreed(cold: Cold, people: People):
    id_ = ask(cold, people, "--prefix", "users/4711/")
    approve(cold, people, id_, "bob", "carol")
    ran = cold.run()
    assert found(ran) == set(), ran.json["findings"]
    assert ran.status == 0
    rows = ran.json["runs"][0]["steps"][1]["rows"]
    assert [row["allowed"] for row in rows] == [3, 3, 3, 3]
    assert {(each["id"], *each["people"]) for row in rows for each in row["approvals"]} == {
        (id_, "bob", "carol")
    }
    # It is spent: what comes back and goes again is lost.
    for rows in cold.rows.values():
        rows.append({**rows[0], "key": "users/4711/new"})
    cold.write_all()
    assert cold.run().status == 0
    for rows in cold.rows.values():
        rows.pop()
    cold.write_all()
    assert {name for name, _ in found(cold.run())} == {"copies.grow/vanished"}


@long_only
def test_one_person_too_few_another_object_or_a_request_that_was_changed_lets_nothing_else_go(
    cold: Cold, people: People
):
    too_few = ask(cold, people, "--prefix", "users/4711/")
    approve(cold, people, too_few, "bob")
    other = ask(cold, people, "--object", "users/4711/0", "--copy", "shanghai")
    approve(cold, people, other, "bob", "carol")
    changed = ask(cold, people, "--object", "users/4711/1")
    approve(cold, people, changed, "bob", "carol")
    path = Path(cold.drkit.directory / "requests" / changed / "request.json")
    path.write_bytes(path.read_bytes().replace(b"users/4711/1", b"users/4711/2"))
    ran = cold.run()
    assert ran.status == 3
    rows = {row["copy"]: row["vanished"] for row in ran.json["runs"][0]["steps"][1]["rows"]}
    assert rows == {"beijing": 3, "nanjing": 3, "abroad": 3, "shanghai": 2}
