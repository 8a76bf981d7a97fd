"""Which action can be begun now: one thing after the other, and nothing before it is there."""

from __future__ import annotations

from dataclasses import replace

from drkit.core.actions import Action, Done, Effect, Failed, Outcome, Pending, Ref, Uncertain
from drkit.flows.ordering import sort

MAKE = Action("v.make", Effect.CREATE, "a", "r", "source", {}, "")
USE = Action("v.use", Effect.CREATE, "a", "r", Ref("", MAKE.key), {}, "")
GONE = Action("v.gone", Effect.DESTROY, "a", "r", Ref("", MAKE.key), {}, "")


def sorted_with(outcome: Outcome | None, *actions: Action, busy: frozenset[str] = frozenset()):
    return sort(actions, lambda ref: outcome if ref.output == MAKE.key else None, busy)


def test_what_is_to_be_made_first_is_ready_and_what_is_done_to_it_waits() -> None:
    found = sorted_with(None, MAKE, USE, GONE)

    assert ([action for _, action in found.ready], found.waiting) == ([MAKE], [USE, GONE])


def test_what_is_made_is_acted_upon_by_its_id_one_action_after_the_other() -> None:
    found = sorted_with(Done("made"), USE, GONE)

    assert found.ready == [(USE, replace(USE, target="made"))]
    assert found.waiting == [GONE]


def test_what_is_still_being_made_is_waited_for() -> None:
    assert sorted_with(Pending("made", 1), USE).waiting == [USE]


def test_what_something_else_is_still_done_to_is_waited_for() -> None:
    assert sorted_with(Done("made"), GONE, busy=frozenset({"made"})).waiting == [GONE]


def test_what_will_never_be_there_is_hopeless_and_says_why() -> None:
    ((_, failed),) = sorted_with(Failed("Code", "no quota"), USE).hopeless
    ((_, uncertain),) = sorted_with(Uncertain("silence"), USE).hopeless
    ((_, nothing),) = sorted_with(Done(), USE).hopeless

    assert failed == Failed("NotAttempted", "not attempted, since its target was not made: no quota")
    assert uncertain == Uncertain("not attempted, since nobody knows of its target: silence")
    assert isinstance(nothing, Failed)


def test_actions_on_different_things_do_not_wait_for_each_other() -> None:
    others = [replace(MAKE, target=f"disk-{number}") for number in range(5)]

    assert [action for _, action in sorted_with(None, *others).ready] == others


def test_the_same_id_in_another_region_is_another_thing() -> None:
    there = replace(MAKE, region="elsewhere")

    assert len(sorted_with(None, MAKE, there).ready) == 2
