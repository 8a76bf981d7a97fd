"""A command and a call are read as what anybody could have written: as drkit binds them, or not at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from drkit.core.actions import Action, Effect
from drkit.core.calls import BoundCall, call_in, wanted_in
from drkit.core.commands import PATH, Bound, bound_in

VERDICT = {"verdict": "review", "reasons": [{"rule": "delete", "why": "deletes", "at": "1:1"}]}
COMMAND = Bound(
    "", "", "root", "/", ("ls", "-l"), "/bin/ls", "0" * 64, environment={"PATH": PATH}, verdict=VERDICT
)
CALL = BoundCall(
    ("tccli", "cbs", "X"),
    "cbs",
    "2017-03-12",
    "DeleteSnapshots",
    "ap-beijing",
    {"Ids": ["a"]},
    verdict=VERDICT,
)
STRANGE: tuple[Any, ...] = (
    *(
        None,
        0,
        -1,
        1.5,
        True,
        "",
        "x",
        "/x",
        "//x",
        "/x/../y",
        "a\0b",
        [],
        {},
        [[]],
        [{}],
        [None],
        [1],
        ["a\0"],
    ),
    *(
        {"a": []},
        {"a": 1},
        {"a": {}},
        {1: 2},
        {"verdict": [], "reasons": []},
        {"verdict": "allow", "reasons": [1]},
    ),
    {"verdict": "allow", "reasons": [{"rule": "x", "why": 1}]},
)


@pytest.mark.parametrize("wanted", [COMMAND, CALL])
def test_what_was_bound_is_read_back(wanted: Bound | BoundCall) -> None:
    assert wanted_in(wanted.as_action("production")) == wanted


@pytest.mark.parametrize("wanted", [COMMAND, CALL])
def test_whatever_stands_in_a_field_it_is_refused_or_says_the_same_again(wanted: Bound | BoundCall) -> None:
    action = wanted.as_action("production")
    for name in wanted.as_arguments():
        for value in STRANGE:
            changed = replace(action, arguments={**wanted.as_arguments(), name: value})
            try:
                found = wanted_in(changed)
            except ValueError:
                continue
            assert found.as_action("production") == changed, (name, value)
    for value in STRANGE:
        with pytest.raises(ValueError, match="as drkit binds it"):
            wanted_in(replace(action, arguments=value))


@pytest.mark.parametrize(
    "change",
    [
        {"target": "nobody@elsewhere"},
        {"reason": "harmless"},
        {"effect": Effect.READ},
        {"cost": "0"},
        {"region": "ap-shanghai"},
        {"verb": "disks.delete_snapshot"},
    ],
)
def test_nothing_beside_the_arguments_may_say_something_else_than_they_do(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not a command"):
        bound_in(replace(COMMAND.as_action("production"), **change))
    action: Action = replace(CALL.as_action("production"), **change)
    if "region" in change:
        assert call_in(action).region == "ap-shanghai"  # it is part of the call, and shown as such
        return
    with pytest.raises(ValueError, match="as drkit binds it"):
        wanted_in(action)


def test_a_reason_for_the_approver_has_nothing_that_a_terminal_obeys() -> None:
    said = {"verdict": "review", "reasons": [{"rule": "x", "why": "a\x1b[2Jb\nc"}]}
    assert replace(COMMAND, verdict=said).as_action("production").reason == "a\\x1b[2Jb\\nc"
