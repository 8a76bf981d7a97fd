"""``drkit due``: which playbooks are due on this host, which slots were missed; reads only."""

from __future__ import annotations

import argparse
from typing import Any

from drkit.core.past import read_attempts
from drkit.core.results import json_text, result, write_result
from drkit.core.standing import Attempt, Kept, Slot
from drkit.core.state import State, state_root
from drkit.core.times import hours, now, text_of
from drkit.core.verdicts import STATUS, Finding, Outcome, Severity, Verdict
from drkit.flows.options import duration
from drkit.flows.runner import host_name
from drkit.flows.standings import Stands, load_scheduled, stand

WORDS = {Kept.DONE: "done", Kept.DUE: "due", Kept.WAITING: "waiting", Kept.PASSED: "passed"}


def due(arguments: argparse.Namespace) -> int:
    """Show where every playbook stands."""
    look_back = duration("--since", arguments.since)
    loaded = load_scheduled(arguments.estate, arguments.files)
    # Not opened: a state that is not there yet is not made by looking.
    state = State(state_root(arguments.state) / loaded.estate.estate)
    moment = now()
    found = stand(loaded.playbooks, read_attempts(state.journal), host_name(), moment, look_back)
    findings = [finding(each, slot, loaded.estate.estate) for each in found for slot in each.standing.missed]
    text = _as_json(found, findings) if arguments.format == "json" else _as_text(found, findings)
    write_result(text, arguments.output)
    return STATUS[_verdict(found, findings).outcome]


def finding(stands: Stands, slot: Slot, estate: str) -> Finding:
    """A missed slot, as something wrong."""
    standing = stands.standing
    if slot.kept is Kept.PASSED:
        becomes = "it is not carried out any more"
    else:
        becomes = "the next `drkit run --due` carries it out"
    return Finding(
        id="schedule/missed",
        severity=Severity.MEDIUM if slot.made_good else Severity.HIGH,
        subject=f"{stands.name} {text_of(slot.at)}",
        where=estate,
        why=f"{_tried(slot.attempts)}; {becomes}"
        + ("" if standing.last_done else "; no slot of it was ever done"),
        fix="see that a timer, cron or `drkit daemon` is at work, and how its runs ended: "
        f"`drkit history`; to do it now: `drkit run {stands.playbook.path}`",
    )


def _tried(attempts: Any) -> str:
    if not attempts:
        return "nothing ran for it"
    last: Attempt = attempts[-1]
    if last.ended is None:
        return f"run {last.run} began at {text_of(last.started)} and has not ended"
    return f"{len(attempts)} runs for it, none to a conclusion; the last is {last.run}"


def _as_text(found: list[Stands], findings: list[Finding]) -> str:
    verdict = _verdict(found, findings)
    lines = [f"{verdict.outcome.value.upper()}  {verdict.reason or _counted(found)}"]
    for each in found:
        lines += ["", *_lines(each)]
    for each_finding in findings:
        lines += ["", f"{each_finding.subject}: missed: {each_finding.why}", f"  fix: {each_finding.fix}"]
    return "\n".join(lines)


def _lines(stands: Stands) -> list[str]:
    standing = stands.standing
    done = standing.last_done
    lines = [
        f"{stands.name}: {WORDS[standing.last.kept]}",
        f"  last slot  {stands.local(standing.last.at)}",
        "  last done  " + (f"{stands.local(done.slot)}, {done.verdict.upper()}" if done else "never"),
        f"  next slot  {stands.local(standing.next)}",
    ]
    if standing.delay:
        lines.append(f"  this host begins {hours(standing.delay)} after each slot")
    if standing.under_way:
        lines.append(f"  run {standing.under_way.run} has not ended")
    if standing.not_before:
        lines.append(f"  tried in vain; again after {stands.local(standing.not_before)}")
    lines += [f"  due now    {stands.local(slot)}" for slot in standing.due]
    return lines


def _as_json(found: list[Stands], findings: list[Finding]) -> str:
    return json_text(
        result(
            "due",
            _verdict(found, findings),
            summary={
                "playbooks": len(found),
                "due": sum(bool(each.standing.due) for each in found),
                "missed": len(findings),
            },
            findings=[{**each.as_data(), "first_seen": None} for each in findings],
            host=host_name(),
            playbooks=[_row(each) for each in found],
        )
    )


def _row(stands: Stands) -> dict[str, Any]:
    standing = stands.standing
    done = standing.last_done
    return {
        "playbook": stands.name,
        "file": str(stands.playbook.path),
        "last_slot": text_of(standing.last.at),
        "done": standing.last.kept is Kept.DONE,
        "state": WORDS[standing.last.kept],
        "due": bool(standing.due),
        "due_slots": [text_of(slot) for slot in standing.due],
        "missed": [text_of(slot.at) for slot in standing.missed],
        "next_slot": text_of(standing.next),
        "begins": text_of(standing.next + standing.delay),
        "last_done": {"slot": text_of(done.slot), "run": done.run, "verdict": done.verdict} if done else None,
        "under_way": standing.under_way.run if standing.under_way else None,
        "not_before": text_of(standing.not_before) if standing.not_before else None,
    }


def _verdict(found: list[Stands], findings: list[Finding]) -> Verdict:
    if not findings:
        never = [each.name for each in found if each.standing.last_done is None]
        if never:
            # A timer that never fired, or a state that is somewhere else, looks just like this.
            return Verdict(
                Outcome.UNKNOWN, f"no slot of {never[0]} was ever done, as far as this state knows"
            )
        return Verdict(Outcome.PASS)
    count = len(findings)
    return Verdict(Outcome.FAIL, "1 slot was missed" if count == 1 else f"{count} slots were missed")


def _counted(found: list[Stands]) -> str:
    due_now = sum(bool(each.standing.due) for each in found)
    return f"{due_now} of {len(found)} playbooks are due, none was missed"
