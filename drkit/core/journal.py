"""The journal: every intention is on disk before it is acted upon.

After a crash it says what was under way. It is the runner's memory, not a proof: what happened is
proven by the evidence, and what the journal lost is read from there.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from drkit.core import verdicts
from drkit.core.actions import (
    Action,
    Done,
    Outcome,
    Pending,
    action_from_data,
    outcome_as_data,
    outcome_from_data,
)
from drkit.core.errors import DrkitError

TABLES = """
CREATE TABLE IF NOT EXISTS runs (
  id TEXT PRIMARY KEY, playbook TEXT NOT NULL, sha256 TEXT NOT NULL, slot TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running', 'suspended', 'ended')),
  started TEXT NOT NULL, ended TEXT, verdict TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS steps (
  run TEXT NOT NULL REFERENCES runs (id), step TEXT NOT NULL, verdict TEXT NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (run, step)
) STRICT;
CREATE TABLE IF NOT EXISTS actions (
  run TEXT NOT NULL REFERENCES runs (id), step TEXT NOT NULL, key TEXT NOT NULL, action TEXT NOT NULL,
  outcome TEXT, intended TEXT NOT NULL, settled TEXT,
  PRIMARY KEY (run, step, key)
) STRICT;
CREATE TABLE IF NOT EXISTS findings (fingerprint TEXT PRIMARY KEY, first_seen TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS evidence (id INTEGER PRIMARY KEY CHECK (id = 1), size INTEGER NOT NULL) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What an action found out.

    Args:
        playbook, slot: of the run whose action it is.
        at: when it was written down, as `drkit.core.times.text_of` writes it.
        told: plain JSON data.
    """

    playbook: str
    slot: str
    at: str
    action: Action
    told: Mapping[str, Any]


class RunState(StrEnum):
    """Where a run is. One that is `RUNNING` without a process that holds the lock was broken off."""

    RUNNING = "running"
    SUSPENDED = "suspended"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run.

    Args:
        sha256: of the playbook's bytes.
        slot: as `drkit.core.times.text_of` writes it.
        verdict: empty until it ended.
    """

    id: str
    playbook: str
    sha256: str
    slot: str
    state: RunState
    started: str
    ended: str = ""
    verdict: str = ""


class Journal:
    """One estate's journal.

    The caller holds the estate's lock. Times are RFC 3339 text in UTC.

    Raises:
        DrkitError: the database cannot be opened or written; nothing may be acted upon then.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._explained():
            self._connection = sqlite3.connect(path, isolation_level=None)
            # FULL: a power cut must not take back an intention that was already acted upon.
            self._connection.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; {TABLES}")

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Many writes with one fsync: all of them are kept, or none.

        For what is known already; an intention is written by itself, before it is acted upon.
        """
        self._transact("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:  # sqlite itself has ended it where its disk is full
                self._transact("ROLLBACK")
            raise
        self._transact("COMMIT")

    # --- runs ---

    def start(self, run: RunRecord) -> None:
        """A run begins, or is known again; what is known of it already stays."""
        values = (run.id, run.playbook, run.sha256, run.slot, run.state.value, run.started)
        columns = "id, playbook, sha256, slot, state, started"
        self._write(f"INSERT OR IGNORE INTO runs ({columns}) VALUES (?, ?, ?, ?, ?, ?)", values)  # noqa: S608

    def suspend(self, run: str) -> None:
        """A run waits without a process."""
        self._write("UPDATE runs SET state = 'suspended' WHERE id = ?", (run,))

    def resume(self, run: str) -> None:
        """A run has a process again."""
        self._write("UPDATE runs SET state = 'running' WHERE id = ?", (run,))

    def end(self, run: str, verdict: str, at: str) -> None:
        """A run has concluded."""
        self._write(
            "UPDATE runs SET state = 'ended', ended = ?, verdict = ? WHERE id = ?", (at, verdict, run)
        )

    def runs(self) -> list[RunRecord]:
        """Every run, in the order of their starts."""
        statement = (
            "SELECT id, playbook, sha256, slot, state, started, ended, verdict FROM runs ORDER BY started, id"
        )
        return [
            RunRecord(id_, playbook, sha256, slot, RunState(state), started, ended or "", verdict or "")
            for id_, playbook, sha256, slot, state, started, ended, verdict in self._read(statement)
        ]

    def unfinished(self) -> list[RunRecord]:
        """The runs that have not concluded."""
        return [run for run in self.runs() if run.state is not RunState.ENDED]

    # --- steps ---

    def conclude(self, run: str, step: str, verdict: verdicts.Verdict) -> None:
        """A step of a run has concluded; it is not done again when the run is taken up."""
        self._write(
            "INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?)",
            (run, step, verdict.outcome.value, verdict.reason),
        )

    def concluded(self, run: str) -> dict[str, verdicts.Verdict]:
        """The verdicts of the steps that have concluded, by the step's name."""
        rows = self._read("SELECT step, verdict, reason FROM steps WHERE run = ?", run)
        return {step: verdicts.Verdict(verdicts.Outcome(verdict), reason) for step, verdict, reason in rows}

    # --- actions ---

    def intend(self, run: str, step: str, action: Action, at: str) -> None:
        """Write an intention down, before it is acted upon; one that is tried again has no outcome yet."""
        self._write(
            "INSERT OR REPLACE INTO actions (run, step, key, action, intended) VALUES (?, ?, ?, ?, ?)",
            (run, step, action.key, json.dumps(action.as_data(), sort_keys=True), at),
        )

    def settle(self, run: str, step: str, action: Action, outcome: Outcome, at: str) -> None:
        """Write down what came of an intention."""
        self._write(
            "UPDATE actions SET outcome = ?, settled = ? WHERE run = ? AND step = ? AND key = ?",
            (json.dumps(outcome_as_data(outcome)), at, run, step, action.key),
        )

    def actions(self, run: str, step: str | None = None) -> list[tuple[Action, Outcome | None]]:
        """What a run, or one step of it, intended, and what came of it: None where nobody wrote it down."""
        statement = (
            "SELECT action, outcome FROM actions WHERE run = ? AND step = coalesce(?, step) ORDER BY rowid"
        )
        rows = self._read(statement, run, step)
        with self._explained():
            return [(_action(action), _outcome(outcome)) for action, outcome in rows]

    def made(self, playbook: str, slot: str) -> dict[str, Action]:
        """What the runs of a playbook made for a slot, by its id: the cloud accepted it, and the step all of it.

        What was begun, and failed or was left unclear in whatever way, is not in it.
        """
        statement = (
            "SELECT action, outcome FROM runs JOIN actions ON run = id "
            "WHERE playbook = ? AND slot = ? AND outcome IS NOT NULL"
        )
        found: dict[str, Action] = {}
        with self._explained():
            for action, told in self._read(statement, playbook, slot):
                match _outcome(told):
                    case Done(created=id_) | Pending(token=id_) if id_:
                        found[id_] = _action(action)
        return found

    def told(self, verb: str) -> list[Told]:
        """What actions of a verb found out, in any run, in the order in which they did."""
        statement = (
            "SELECT playbook, slot, action, outcome, settled FROM runs JOIN actions ON run = id "
            # The first is cheap, and leaves few to the second.
            """WHERE outcome LIKE '%"told"%' AND json_extract(action, '$.verb') = ? """
            "ORDER BY settled, actions.rowid"
        )
        found = []
        with self._explained():
            for playbook, slot, action, told, at in self._read(statement, verb):
                outcome = _outcome(told)
                if isinstance(outcome, Done):
                    found.append(Told(playbook, slot, at, _action(action), outcome.told))
        return found

    def acted(self, run: str) -> list[str]:
        """The steps of a run that intended anything, in the order of their first intentions."""
        rows = self._read("SELECT step FROM actions WHERE run = ? GROUP BY step ORDER BY min(rowid)", run)
        return [str(step) for (step,) in rows]

    # --- what else has to be remembered ---

    def first_seen(self, fingerprint: str, at: str) -> str:
        """When a finding was seen first; now, if it never was."""
        self._write("INSERT OR IGNORE INTO findings VALUES (?, ?)", (fingerprint, at))
        ((seen,),) = self._read("SELECT first_seen FROM findings WHERE fingerprint = ?", fingerprint)
        return str(seen)

    def remember_evidence(self, size: int) -> None:
        """How many entries the evidence had at least."""
        self._write("INSERT OR REPLACE INTO evidence VALUES (1, ?)", (size,))

    def evidence_size(self) -> int:
        """How many entries the evidence must have at least."""
        rows = self._read("SELECT size FROM evidence")
        return int(rows[0][0]) if rows else 0

    def _write(self, statement: str, values: tuple[str | int, ...]) -> None:
        with self._explained():
            self._connection.execute(statement, values)

    def _transact(self, statement: str) -> None:
        with self._explained():
            self._connection.execute(statement)

    def _read(self, statement: str, *values: str | None) -> list[Any]:
        with self._explained():
            return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
            raise DrkitError(
                f"the journal {self.path} cannot be used: {error}",
                hint="see that its disk is writable and not full; if the file is damaged, move it away: "
                "`drkit recover` reads what is needed from the evidence",
            ) from None


def _action(text: str) -> Action:
    return action_from_data(json.loads(text))


def _outcome(text: str | None) -> Outcome | None:
    return outcome_from_data(json.loads(text)) if text else None
