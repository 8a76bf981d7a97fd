"""``copies.grow``: copies only ever grow; what left one since any night is found, unless it may go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from drkit.copies.growing import judging
from drkit.copies.growing.chain import Chain
from drkit.copies.growing.comparing import Allowed, Expected
from drkit.copies.growing.growing import Kept, grow
from drkit.copies.growing.remembering import Remembered, remembered
from drkit.copies.objectives.chosen import NOTHING_PROMISED, Chosen, chosen, needs, places, problems, where
from drkit.copies.objectives.sources import Place
from drkit.core import actions
from drkit.core.verdicts import Conclusion, Outcome, Verdict
from drkit.ports.facts import Facts
from drkit.ports.rooms import Approved, Read, Room
from drkit.ports.steps import Setting, Step

RELEASE = "copies.release"
"""The verb of an action that lets objects go; nothing carries it out: whoever may remove them does."""


def read(arguments: Chosen, setting: Setting, room: Room) -> Read:
    """Hold every copy against its chain, and add tonight's manifest to it."""
    approved = room.approved(RELEASE)
    known = remembered(room.entries())
    rows, used = [], set[str]()
    for name, dataset in chosen(arguments, setting.estate).items():
        for place in places(name, dataset, room):
            room.progress(f"what became of {name}/{place.name} since the last time")
            row = _grown(place, setting, known, approved, arguments.memory)
            used |= {each["id"] for each in row["approvals"]}
            rows.append(row)
    return Read(rows, frozenset(used))


def _grown(
    place: Place, setting: Setting, known: Remembered, approved: Iterable[Approved], memory: str | None
) -> dict[str, Any]:
    room = place.room
    copy = (place.dataset, place.name)
    chain = Chain(room.state / "copies" / "chains" / place.dataset / place.name, known.heads.get(copy, ()))
    about = [each for each in approved if each.action.target == f"{place.dataset}/{place.name}"]
    told = {"dataset": place.dataset, "copy": place.name}
    expected = Expected([_allowed(each) for each in about], known.above.get(copy, {}))
    kept = Kept(chain, place.open, expected, told)
    grown = grow(place.name, kept, room.state, memory, room.clock())
    return judging.row_of(grown, where(place, setting.estate), {each.id: each.people for each in about})


def _allowed(approved: Approved) -> Allowed:
    named = approved.action.arguments
    return Allowed(approved.id, tuple(named.get("keys", ())), tuple(named.get("prefixes", ())))


def conclude(
    facts: Facts,
    _plan: actions.Plan,
    _outcomes: Mapping[str, actions.Outcome],
    _arguments: Chosen,
    setting: Setting,
) -> Conclusion:
    """A row a copy; FAIL where something is gone, or a manifest is; UNKNOWN where a copy cannot be judged."""
    if not setting.estate.datasets:
        return Conclusion(Verdict(Outcome.UNKNOWN, NOTHING_PROMISED))
    if facts.read is None:
        return Conclusion(Verdict(Outcome.UNKNOWN, "the copies were not read"))
    return judging.conclude(facts.read)


STEP = Step(arguments=Chosen, problems=problems, needs=needs, conclude=conclude, read=read)
