"""Who asked, who agreed, who broke the glass: a time of the gate, person by person; from evidence alone, and pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from drkit.core.text import harmless
from drkit.core.verdicts import Finding, Outcome, Severity
from drkit.report.page import render
from drkit.report.words import translator

NOBODY = "(nobody known)"
COLUMNS = (
    *("asked", "refused", "carried_out", "approved", "denied", "broke_glass", "reviewed"),
    *("sessions", "typed", "blocked"),
)


@dataclass(slots=True)
class Person:
    """What somebody did.

    Args:
        asked: requests of his.
        refused: times that one of them was not let through; ``carried_out``, those that were.
        approved: times that his approval was used. ``denied``: requests that he denied or took back.
        broke_glass: commands of his that one other person was enough for. ``reviewed``: of others, that he looked into.
        sessions, typed, blocked: at the managed bastion; what he typed, and what of it was held.
    """

    name: str
    asked: int = 0
    refused: int = 0
    carried_out: int = 0
    approved: int = 0
    denied: int = 0
    broke_glass: int = 0
    reviewed: int = 0
    sessions: int = 0
    typed: int = 0
    blocked: int = 0


@dataclass(slots=True)
class Glass:
    """A command that broke the glass.

    Args:
        at: when, as the evidence writes it.
        review: who looked into it, and what he said; empty while nobody did.
    """

    id: str
    at: str
    requester: str
    approvers: tuple[str, ...]
    target: str
    reason: str
    review: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as it lies in the directory."""

    id: str
    requester: str
    at: str


@dataclass(slots=True)
class Week:
    """The whole time.

    Args:
        since, until: as the evidence writes times.
        glass: every command that broke it within the time, and the older ones that nobody has reviewed.
        blocked: what the bastion held: who, where, what, when.
        unread: what could not be looked at, and why.
    """

    since: str
    until: str
    people: dict[str, Person] = field(default_factory=dict)
    glass: dict[str, Glass] = field(default_factory=dict)
    blocked: list[tuple[str, str, str, str]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def person(self, name: str) -> Person:
        """The one of a name."""
        return self.people.setdefault(name, Person(name))

    @property
    def rows(self) -> list[Person]:
        """Everybody, by name."""
        return [self.people[name] for name in sorted(self.people)]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The glass that somebody broke and nobody reviewed."""
        return tuple(
            Finding(
                "gate/unreviewed",
                Severity.HIGH,
                each.id[:16],
                each.target,
                f"{each.requester} and {', '.join(each.approvers)} broke the glass at {each.at}: {each.reason}",
                "somebody who neither asked nor agreed looks into it: drkit gate review",
            )
            for each in self.glass.values()
            if not each.review
        )


def gather(
    week: Week,
    requests: Iterable[Asked],
    denied: Iterable[tuple[str, str]],
    entries: Iterable[Mapping[str, Any]],
) -> Week:
    """Count what happened.

    Args:
        week: to be filled.
        requests: all that are there, whenever they were made.
        denied: the id of a request and who denied it or took it back, within the time.
        entries: of the broker's evidence and of the runner's, from the beginning.
    """
    owner = {each.id: each.requester for each in requests}
    for each in requests:
        if week.since <= each.at <= week.until:
            week.person(each.requester).asked += 1
    ended = dict(denied)
    seen: set[tuple[str, str, str]] = set()
    for entry in entries:
        _note_glass(week, entry)
        if not week.since <= str(entry.get("at", "")) <= week.until:
            continue
        if entry.get("kind") == "approval.ended":
            ended.setdefault(entry["answer"]["id"], entry["answer"]["person"])
        _count(week, entry, owner, seen)
    for name in ended.values():
        week.person(name).denied += 1
    week.glass = {
        id_: each
        for id_, each in week.glass.items()
        if not each.review or week.since <= each.at <= week.until
    }
    return week


def _count(
    week: Week, entry: Mapping[str, Any], owner: Mapping[str, str], seen: set[tuple[str, str, str]]
) -> None:
    """One entry; a licence that the runner and the broker both wrote down counts once."""
    approval = str(entry.get("approval", ""))
    match entry.get("kind"):
        case "licence.refused":
            week.person(owner.get(approval, NOBODY)).refused += 1
        case "approval.used" if (key := ("used", approval, str(entry.get("run")))) not in seen:
            seen.add(key)
            week.person(entry["requester"]).carried_out += 1
            for name in entry["approvers"]:
                week.person(name).approved += 1
        case "glass.broken" if (key := ("glass", approval, "")) not in seen:
            seen.add(key)
            week.person(entry["requester"]).broke_glass += 1
        case "glass.reviewed":
            week.person(entry["person"]).reviewed += 1


def _note_glass(week: Week, entry: Mapping[str, Any]) -> None:
    approval = str(entry.get("approval", ""))
    if entry.get("kind") == "glass.broken":
        week.glass.setdefault(
            approval,
            Glass(
                approval,
                entry["at"],
                entry["requester"],
                tuple(entry["approvers"]),
                entry["target"],
                entry["reason"],
            ),
        )
    elif entry.get("kind") == "glass.reviewed" and approval in week.glass:
        week.glass[approval].review = f"{entry['person']}: {entry['review']}"


def as_data(week: Week) -> dict[str, Any]:
    """Plain JSON data."""
    return {
        "since": week.since,
        "until": week.until,
        "people": [asdict(each) for each in week.rows],
        "broken_glass": [{**asdict(each), "approvers": list(each.approvers)} for each in week.glass.values()],
        "blocked": [
            {"user": user, "host": host, "command": command, "at": at}
            for user, host, command, at in week.blocked
        ],
        "unread": list(week.unread),
    }


def as_text(week: Week, language: str = "en") -> str:
    """Tables for a terminal."""
    say = translator(language)
    heads = [say(name.replace("_", " ")) for name in ("person", *COLUMNS)]
    cells = [[each.name, *(str(getattr(each, name)) for name in COLUMNS)] for each in week.rows]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    lines = [f"{week.since} to {week.until}"]
    lines += [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in (heads, *cells)
    ]
    for each in week.glass.values():
        told = each.review or say("nobody has reviewed it")
        lines.append(f"{say('broken glass')} {each.id[:16]} {each.at} {each.target}: {each.reason}; {told}")
    lines += [
        f"{say('held by the bastion')}: {user} {host} {at}: {text}" for user, host, text, at in week.blocked
    ]
    lines += [f"{say('not read')}: {each}" for each in week.unread]
    return "\n".join(harmless(line).rstrip() for line in lines)


def as_page(week: Week, estate: str, verdict: Outcome, language: str = "en") -> str:
    """The page."""
    rows: Sequence[tuple[str, list[int]]] = [
        (each.name, [getattr(each, name) for name in COLUMNS]) for each in week.rows
    ]
    columns = [name.replace("_", " ") for name in COLUMNS]
    return render(
        "gate.html", language, week=week, estate=estate, verdict=verdict, columns=columns, rows=rows
    )
