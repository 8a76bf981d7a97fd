"""The journal: every intention is on disk before it is acted upon.

After a crash it says what was under way. It is the runner's memory, not a proof: what happened is
proven by the evidence.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drkit.core.actions import Action, Done, Failed, Pending, Settled, Uncertain
from drkit.core.errors import DrkitError

TABLES = """
CREATE TABLE IF NOT EXISTS runs (
  id TEXT PRIMARY KEY, playbook TEXT NOT NULL, slot TEXT NOT NULL,
  started TEXT NOT NULL, ended TEXT, verdict TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS actions (
  run TEXT NOT NULL REFERENCES runs (id), key TEXT NOT NULL, action TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('intended', 'pending', 'done', 'failed', 'uncertain')),
  detail TEXT NOT NULL DEFAULT '', intended TEXT NOT NULL, settled TEXT,
  PRIMARY KEY (run, key)
) STRICT;
CREATE TABLE IF NOT EXISTS findings (fingerprint TEXT PRIMARY KEY, first_seen TEXT NOT NULL) STRICT;
"""


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

    def start(self, run: str, playbook: str, slot: str, at: str) -> None:
        """A run begins."""
        self._write(
            "INSERT INTO runs (id, playbook, slot, started) VALUES (?, ?, ?, ?)", (run, playbook, slot, at)
        )

    def end(self, run: str, verdict: str, at: str) -> None:
        """A run has concluded."""
        self._write("UPDATE runs SET ended = ?, verdict = ? WHERE id = ?", (at, verdict, run))

    def intend(self, run: str, action: Action, at: str) -> None:
        """Write an intention down, before it is acted upon."""
        self._write(
            "INSERT INTO actions (run, key, action, state, intended) VALUES (?, ?, ?, 'intended', ?)",
            (run, action.key, json.dumps(action.as_data(), sort_keys=True), at),
        )

    def settle(self, run: str, action: Action, outcome: Settled | Pending, at: str) -> None:
        """Write down what came of an intention."""
        state, detail = _state_of(outcome)
        self._write(
            "UPDATE actions SET state = ?, detail = ?, settled = ? WHERE run = ? AND key = ?",
            (state, detail, at, run, action.key),
        )

    def first_seen(self, fingerprint: str, at: str) -> str:
        """When a finding was seen first; now, if it never was."""
        self._write("INSERT OR IGNORE INTO findings VALUES (?, ?)", (fingerprint, at))
        with self._explained():
            (seen,) = self._connection.execute(
                "SELECT first_seen FROM findings WHERE fingerprint = ?", (fingerprint,)
            ).fetchone()
        return str(seen)

    def _write(self, statement: str, values: tuple[str, ...]) -> None:
        with self._explained():
            self._connection.execute(statement, values)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise DrkitError(
                f"the journal {self.path} cannot be used: {error}",
                hint="without a journal nothing is acted upon: see that its disk is writable and not full",
            ) from None


def _state_of(outcome: Settled | Pending) -> tuple[str, str]:
    match outcome:
        case Done(created):
            return "done", created
        case Pending(token):
            return "pending", token
        case Failed(code, reason):
            return "failed", f"{code}: {reason}"
        case Uncertain(reason):
            return "uncertain", reason
