"""Which slots were attempted, read from a journal that a run may be writing at the same time."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from drkit.core.errors import DrkitError
from drkit.core.standing import Attempt

Attempts = dict[str, list[Attempt]]
"""By the playbook's id, in the order of their slots."""

ATTEMPTS = "SELECT playbook, id, slot, started, ended, verdict FROM runs ORDER BY slot, started, id"


def read_attempts(journal: Path) -> Attempts:
    """Every run of an estate; none where there is no journal yet. Nothing is written, nor left beside it.

    Raises:
        DrkitError: it cannot be read.
    """
    if not journal.exists():
        return {}
    try:
        return _by_playbook(_rows(journal))
    except (sqlite3.Error, ValueError, TypeError, OSError) as error:
        raise DrkitError(
            f"the journal {journal} cannot be read: {error}",
            hint="see that this user may read it; one of an older drkit is brought forward by the next run",
        ) from None


def _rows(journal: Path) -> list[tuple[str, str, str, str, str | None, str | None]]:
    # A reader of a WAL database leaves files beside it, unless it says that nobody writes; so that is said
    # where no log of writes is there, and what was read is dropped where one has come up meanwhile.
    log = journal.with_name(f"{journal.name}-wal")
    before = journal.stat().st_mtime_ns
    if not log.exists():
        rows = _select(journal, "immutable=1")
        if not log.exists() and journal.stat().st_mtime_ns == before:
            return rows
    return _select(journal, "mode=ro")


def _select(journal: Path, how: str) -> list[tuple[str, str, str, str, str | None, str | None]]:
    connection = sqlite3.connect(f"{journal.absolute().as_uri()}?{how}", uri=True)
    try:
        return connection.execute(ATTEMPTS).fetchall()
    finally:
        connection.close()


def _by_playbook(rows: list[tuple[str, str, str, str, str | None, str | None]]) -> Attempts:
    found: Attempts = {}
    for playbook, run, slot, started, ended, verdict in rows:
        attempt = Attempt(
            run, _moment(slot), _moment(started), _moment(ended) if ended else None, verdict or ""
        )
        found.setdefault(playbook, []).append(attempt)
    return found


def _moment(text: str) -> datetime:
    """RFC 3339; without a zone it is UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
