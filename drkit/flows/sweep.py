"""``drkit sweep``: what drkit's marks are on and nobody keeps; removed only where mark, scope and record agree."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from drkit.core import exits
from drkit.core.actions import Action, Outcome
from drkit.core.errors import AccountError
from drkit.core.estate import Estate
from drkit.core.results import check_output, json_text, result, write_result
from drkit.core.state import State, open_state, state_root
from drkit.core.text import harmless
from drkit.core.times import text_of
from drkit.core.verdicts import Outcome as VerdictOutcome
from drkit.core.verdicts import Verdict
from drkit.flows.clouds import open_clouds
from drkit.flows.loading import load_estate
from drkit.flows.options import duration
from drkit.flows.recording import Recorder
from drkit.flows.runner import refuse_elsewhere
from drkit.flows.sending import SendingOut
from drkit.flows.sweeping.records import Records
from drkit.flows.sweeping.removal import tear_down
from drkit.flows.sweeping.rule import may_tear_down
from drkit.flows.sweeping.scope import scope_of
from drkit.flows.sweeping.seeing import Place, Thing, see_marked
from drkit.flows.talking import confirm, progress, say
from drkit.flows.tools import Scratch, Tools
from drkit.flows.undoing import Undone, carry_out, conclusion_of, verified_records
from drkit.flows.workshop import open_tools
from drkit.ports.errors import CloudError

SWEEP = "sweep"  # what the evidence calls the step that removes
REMOVABLE = "its time has passed, and the evidence records it: drkit sweep --remove"


@dataclass(frozen=True, slots=True)
class Swept:
    """What bears drkit's marks.

    Args:
        removed: what was there, and is gone now.
        left: what is there, and why.
        unread: places that could not be read, and why.
    """

    removed: tuple[Thing, ...] = ()
    left: tuple[tuple[Thing, str], ...] = ()
    unread: tuple[str, ...] = ()


def sweep(arguments: argparse.Namespace) -> int:
    """List what was left behind, or remove of it what may go; whatever is left is named, and the status is 7."""
    wait = duration("--wait", arguments.wait)
    check_output(arguments.output)
    estate = load_estate(arguments.estate)
    refuse_elsewhere(estate)
    state = open_state(state_root(arguments.state), estate.estate)
    with state.lock("drkit sweep"):
        swept = _sweep(arguments, estate, state, wait)
    if swept is None:
        say("nothing was done")
        return exits.INTERRUPTED
    return _report(arguments, swept)


def _sweep(arguments: argparse.Namespace, estate: Estate, state: State, wait: timedelta) -> Swept | None:
    powers = ("look", "make") if arguments.remove else ("look",)
    with progress():
        clouds = open_clouds(estate, estate.accounts, powers=powers)
    with open_tools(estate, state, clouds, wait) as tools, SendingOut(tools.log, estate, state) as outside:
        sweeping = _Sweeping(tools, verified_records(tools))
        found = sweeping.look()
        wanted = [thing for thing, why in found.left if why == REMOVABLE]
        if arguments.remove and wanted:
            if not arguments.yes and not confirm(f"Remove {', '.join(thing.id for thing in wanted)}?"):
                return None
            found = sweeping.remove(found, wanted)
        outside.send([])
    return found


@dataclass(frozen=True, slots=True)
class _Sweeping:
    """One sweep over the whole estate."""

    tools: Tools
    records: Records

    def look(self) -> Swept:
        """All that bears a mark, wherever the estate is; what was not read is never passed over."""
        left: list[tuple[Thing, str]] = []
        unread: list[str] = []
        for name, account in sorted(self.tools.estate.accounts.items()):
            for region in account.regions:
                self.tools.look.progress(f"looking at {name}/{region}")
                try:
                    marked = see_marked(self.tools.look.clouds[name], Place(name, account.account, region))
                    left += [(thing, self._why(thing)) for thing in marked]
                except (CloudError, AccountError) as error:
                    unread.append(f"{name}/{region}: {error.message}")
        return Swept(left=tuple(left), unread=tuple(unread))

    def _why(self, thing: Thing) -> str:
        scope = scope_of(self.tools.estate)
        reasons = may_tear_down(thing, scope, self.records, self.tools.look.clock())
        return "; ".join(reasons) or REMOVABLE

    def remove(self, found: Swept, wanted: Iterable[Thing]) -> Swept:
        """Remove things, each under the run that made it, with evidence."""
        tools = replace(self.tools, scratch=_Sweeper(self.tools.scratch))
        by_run: dict[str, list[Thing]] = {}
        for thing in wanted:
            by_run.setdefault(self.records[thing.id].run, []).append(thing)
        came: dict[str, str | None] = {}
        for run, things in by_run.items():
            came |= self._remove_of_run(run, things, tools)
        return Swept(
            tuple(thing for thing, _ in found.left if came.get(thing.id, "") is None),
            tuple(
                (thing, came.get(thing.id) or why)
                for thing, why in found.left
                if came.get(thing.id, "") is not None
            ),
            found.unread,
        )

    def _remove_of_run(self, run: str, things: list[Thing], tools: Tools) -> dict[str, str | None]:
        recorder = Recorder(tools.log, run, tools.look.clock)
        recorder.record("sweep.started", things=[thing.id for thing in things])
        tools.journal.remember_evidence(recorder.checkpoint())
        actions = (action for thing in things for action in tear_down(thing))
        came = dict(carry_out(SWEEP, run, actions, tools, recorder))
        removed = tuple(id_ for id_, why in came.items() if why is None)
        left = tuple((id_, why) for id_, why in came.items() if why is not None)
        recorder.concluded(SWEEP, SWEEP, conclusion_of(Undone(removed, (), left)), ())
        tools.journal.remember_evidence(recorder.checkpoint())
        return came


@dataclass(frozen=True, slots=True)
class _Sweeper:
    """Whoever sweeps is not the run that made a thing: its time has to have passed."""

    scratch: Scratch

    def carry_out(self, _run: str, action: Action) -> Outcome:
        return self.scratch.carry_out("", action)


def _report(arguments: argparse.Namespace, swept: Swept) -> int:
    statuses = {exits.LEFT_BEHIND} if swept.left else set()
    statuses |= {exits.NOTHING_CONCLUDED} if swept.unread else set()
    statuses = statuses or {exits.OK}
    if arguments.format == "json":
        write_result(json_text(_as_data(swept, statuses)), arguments.output)
    else:
        write_result("\n".join(map(harmless, _lines(swept))), arguments.output)
    return exits.first_that_applies(statuses)


def _as_data(swept: Swept, statuses: set[int]) -> dict[str, Any]:
    return result(
        "sweep",
        _verdict(swept),
        summary={"left": len(swept.left), "removed": len(swept.removed), "unread": len(swept.unread)},
        statuses=statuses,
        left=[{**_thing(thing), "why": why} for thing, why in swept.left],
        removed=[_thing(thing) for thing in swept.removed],
        unread=list(swept.unread),
    )


def _verdict(swept: Swept) -> Verdict:
    if swept.unread:
        return Verdict(VerdictOutcome.UNKNOWN, f"not read: {swept.unread[0]}")
    if swept.left:
        return Verdict(VerdictOutcome.FAIL, f"{len(swept.left)} left, the first: {swept.left[0][0].id}")
    return Verdict(VerdictOutcome.PASS)


def _thing(thing: Thing) -> dict[str, Any]:
    """Created: the earliest that the cloud's time can mean; null where it gives none."""
    return {
        "id": thing.id,
        "kind": thing.kind.value,
        "account": thing.place.account,
        "region": thing.place.region,
        "run": thing.run,
        "created": text_of(thing.created.earliest) if thing.created else None,
    }


def _lines(swept: Swept) -> list[str]:
    lines = [f"removed  {thing.id} in {thing.place.account}/{thing.place.region}" for thing in swept.removed]
    lines += [
        f"left     {thing.id} in {thing.place.account}/{thing.place.region}: {why}"
        for thing, why in swept.left
    ]
    lines += [f"UNKNOWN, not read: {reason}" for reason in swept.unread]
    return lines or ["nothing bears drkit's marks but what is kept"]
