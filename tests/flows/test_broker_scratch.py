"""What a client may ask the broker to do with scratch, before the rule is even asked: only what is wholly sound."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from drkit.core.actions import Action, Effect, frees_scratch, moves_scratch
from drkit.core.errors import ApprovalError
from drkit.flows.approving.intention import dangerous
from drkit.flows.broker.scratch import read_scratch
from drkit.snapshots.proofs import ATTACH, DETACH, attachment, detachment

RUN = "20261120T010000Z-aaaaaa"
WORDS = ("disk-source01", "drkit-prove-x", "ins-drill0001")
MOVE = Action(
    ATTACH, Effect.CHANGE, "production", "ap-beijing", "disk-scratch1", attachment(*WORDS), "a test", "0 CNY"
)
FREE = replace(MOVE, verb=DETACH, arguments=detachment(*WORDS))


def asked(action: Action, **changes: Any) -> dict[str, Any]:
    return {"version": 1, "run": RUN, "action": action.as_data(), **changes}


def test_what_a_step_asks_for_is_read_as_it_is() -> None:
    assert read_scratch(asked(MOVE)) == (RUN, MOVE)
    assert read_scratch(asked(FREE, run="")) == ("", FREE)


@pytest.mark.parametrize(
    "action",
    [
        replace(MOVE, arguments={**MOVE.arguments, "host": "*"}),
        replace(MOVE, arguments={**MOVE.arguments, "host": "ins-1:ins-2"}),
        replace(MOVE, arguments={**MOVE.arguments, "host": 7}),
        replace(MOVE, arguments={"scratch": True}),
        replace(MOVE, arguments=FREE.arguments),
        replace(FREE, arguments=MOVE.arguments),
        replace(MOVE, verb="disks.delete_snapshot"),
        replace(MOVE, effect=Effect.READ),
        replace(MOVE, effect=Effect.DESTROY),
        replace(MOVE, target="disk-*"),
    ],
    ids=[
        "every host",
        "two hosts",
        "no text",
        "no host",
        "attaches, and says that it frees",
        "frees, and does not say so",
        "another verb",
        "reads",
        "destroys",
        "every disk",
    ],
)
def test_what_is_not_sound_is_refused(action: Action) -> None:
    with pytest.raises(ApprovalError, match=r"neither removes nor moves scratch|cannot be understood"):
        read_scratch(asked(action))


def test_moving_scratch_needs_no_approval_and_any_other_change_does() -> None:
    other = replace(MOVE, arguments={**MOVE.arguments, "scratch": "yes"})

    assert dangerous((MOVE, FREE, other)) == (other,)
    assert [moves_scratch(each) for each in (MOVE, FREE, other)] == [True, True, False]
    assert [frees_scratch(each) for each in (MOVE, FREE, other)] == [False, True, False]
