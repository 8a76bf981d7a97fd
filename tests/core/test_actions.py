"""Actions upon what other actions make: as data, in plans, in approvals, in the journal."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drkit.core.actions import (
    Action,
    Done,
    Effect,
    Plan,
    Ref,
    action_from_data,
    makes_scratch,
    removes_scratch,
    target_from_data,
)
from drkit.core.approval.document import read
from drkit.core.approval.errors import DocumentError
from drkit.core.canonical import canonical
from drkit.core.journal import Journal, RunRecord, RunState
from drkit.ports.cloud import Hands

MADE = Action("disks.create_scratch", Effect.CREATE, "production", "ap-beijing", "disk-1", {"name": "n"}, "")
GONE = Action(
    "disks.delete_scratch",
    Effect.DESTROY,
    "production",
    "ap-beijing",
    Ref("", MADE.key),
    {"scratch": True},
    "",
)


def test_a_target_that_is_not_known_yet_survives_being_written_down() -> None:
    data = json.loads(json.dumps(GONE.as_data()))

    assert data["target"] == {"ref": {"step": "", "output": MADE.key}}
    assert action_from_data(data) == GONE
    assert canonical(data) == canonical(GONE.as_data())


@given(st.text(), st.text())
def test_every_ref_comes_back_as_it_was(step: str, output: str) -> None:
    assert target_from_data(json.loads(json.dumps(Ref(step, output).as_data()))) == Ref(step, output)


@pytest.mark.parametrize(
    "bad",
    [
        None,
        1,
        [],
        {},
        {"ref": "x"},
        {"ref": {"step": ""}},
        {"ref": {"step": "", "output": 1}},
        {"ref": {"step": "", "output": "k", "more": 1}},
        {"ref": {"step": "", "output": "k"}, "more": 1},
    ],
)
def test_what_is_neither_an_id_nor_a_ref_is_no_target(bad: Any) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        target_from_data(bad)


def test_a_plan_has_another_fingerprint_for_another_ref() -> None:
    other = replace(GONE, target=Ref("", "another"))

    assert GONE.key != other.key
    assert Plan((GONE,)).fingerprint != Plan((other,)).fingerprint


def test_an_id_that_is_not_known_yet_cannot_be_acted_upon() -> None:
    with pytest.raises(ValueError, match="not known yet"):
        _ = GONE.thing
    assert replace(GONE, target="disk-2").thing == "disk-2"


def test_nobody_can_approve_the_end_of_a_thing_that_is_not_there_yet() -> None:
    body = {
        "version": 1,
        "kind": "plan",
        "plan": {"actions": [GONE.as_data()], "fingerprint": Plan((GONE,)).fingerprint},
    }

    with pytest.raises(DocumentError, match="a target that is not known yet"):
        read(canonical(body))


def test_the_journal_gives_back_what_was_intended_upon_a_ref(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite3")
    journal.start(RunRecord("r", "p", "s", "2026-01-01T00:00:00Z", RunState.RUNNING, "2026-01-01T00:00:00Z"))
    journal.intend("r", "full", MADE, "t")
    journal.settle("r", "full", MADE, Done("disk-2"), "t")
    journal.intend("r", "full", GONE, "t")
    journal.intend("r", "undo", replace(GONE, target="disk-2"), "t")

    assert journal.actions("r", "full") == [(MADE, Done("disk-2")), (GONE, None)]
    assert journal.acted("r") == ["full", "undo"]


def test_only_what_says_so_makes_or_removes_scratch() -> None:
    scratch = replace(MADE, arguments={"scratch_until": "2026-01-01T00:00:00Z"})

    assert (makes_scratch(scratch), makes_scratch(MADE)) == (True, False)
    assert removes_scratch(GONE)
    assert not removes_scratch(replace(GONE, arguments={"scratch": "yes"}))
    assert not removes_scratch(replace(GONE, effect=Effect.CHANGE))


def test_a_client_token_is_the_same_for_the_same_action_of_the_same_run_and_for_no_other() -> None:
    token = Hands({}, "run-1").token(MADE)

    assert token == Hands({}, "run-1").token(replace(MADE, reason="another"))
    assert token != Hands({}, "run-2").token(MADE)
    assert token != Hands({}, "run-1").token(replace(MADE, target="disk-9"))
    # CreateDisks takes at most 64 ASCII characters (document 362/16312).
    assert len(token) <= 64
    assert token.isascii()
