"""What the evidence records of things that drkit made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from drkit.core.actions import Action, Effect, action_from_data

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Record:
    """The record of one creation.

    Args:
        verb: of the action that made it.
        account: the account's name in the estate, then.
        number: the account's number that the cloud confirmed before the run; empty where it is not recorded.
        until: the time up to which it was to be scratch, as its tag says it; empty for what is no scratch.
        name: the name that it was given.
        since: when it was first intended, RFC 3339.
        at: when the evidence was told that it is there.
    """

    id: str
    run: str
    verb: str
    account: str
    number: str
    region: str
    until: str
    name: str
    since: str
    at: str


Records = Mapping[str, Record]
"""By the thing's id."""


Intended = dict[tuple[str, str, str], tuple[Action, str]]
"""By run, step and key: the action, and when it was first intended."""


def records_of(entries: Iterable[Entry]) -> Records:
    """What a log records of creations; the caller has verified the log.

    An id that two runs, or two actions of one, say they made belongs to none of them.
    """
    found: dict[str, set[Record]] = {}
    numbers: dict[str, dict[str, str]] = {}
    intended: Intended = {}
    for entry in entries:
        try:
            _read(entry, numbers, intended, found)
        except (KeyError, TypeError, ValueError, AttributeError):
            continue  # what cannot be understood records nothing, and nothing is removed on its word
    return {id_: next(iter(records)) for id_, records in found.items() if len(records) == 1}


def _read(
    entry: Entry,
    numbers: dict[str, dict[str, str]],
    intended: Intended,
    found: dict[str, set[Record]],
) -> None:
    run = entry.get("run")
    if not isinstance(run, str) or not run:
        return
    match entry.get("kind"):
        case "run.started":
            accounts = entry["accounts"]
            numbers[run] = {name: str(powers["make"]["account"]) for name, powers in accounts.items()}
        case "action.intended":
            action = action_from_data(entry["action"])
            intended.setdefault((run, entry["step"], action.key), (action, str(entry["at"])))
        case "action.settled" if entry["outcome"] == "done" and entry["created"]:
            action, since = intended[run, entry["step"], entry["key"]]
            if action.effect is Effect.CREATE:
                record = _record(entry, run, action, since, numbers.get(run, {}))
                same = {each for each in found.get(record.id, set()) if _key(each) == _key(record)}
                if not same:  # told twice of one creation, after a process had died, it still is one
                    found.setdefault(record.id, set()).add(record)


def _key(record: Record) -> tuple[str, str, str, str]:
    return record.run, record.verb, record.region, record.name


def _record(entry: Entry, run: str, action: Action, since: str, numbers: Mapping[str, str]) -> Record:
    return Record(
        id=str(entry["created"]),
        run=run,
        verb=action.verb,
        account=action.account,
        number=numbers.get(action.account, ""),
        region=action.region,
        until=str(action.arguments.get("scratch_until", "")),
        name=str(action.arguments.get("name", "")),
        since=since,
        at=str(entry["at"]),
    )
