"""What the evidence knows of approvals: which were spent or ended, on what, and since when the roster is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from drkit.core.approval import answers
from drkit.core.approval.answers import Answer
from drkit.core.canonical import canonical

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

Uses = Mapping[tuple[str, str], datetime]
"""When each action, by its run and its key, was last begun under a standing approval."""


@dataclass(frozen=True, slots=True)
class Past:
    """What was recorded before.

    Args:
        latest: the time of the latest entry.
        seen: when each version of the roster, by its digest, was first accepted.
        spent: which run spent each nonce.
        used: what was begun under each approval, by its id; nothing is listed for one that is for one run.
        ended: how each request, by its id, was denied or withdrawn, whatever lies in its place now.
    """

    latest: datetime = BEGINNING
    seen: Mapping[str, datetime] = field(default_factory=dict)
    spent: Mapping[str, str] = field(default_factory=dict)
    used: Mapping[str, Uses] = field(default_factory=dict)
    ended: Mapping[str, Answer] = field(default_factory=dict)


def read_past(entries: Iterable[Mapping[str, Any]]) -> Past:
    """The past as a log tells it, from its first entry.

    Raises:
        DocumentError, KeyError, TypeError, ValueError: an entry is not what drkit writes.
    """
    seen: dict[str, datetime] = {}
    spent: dict[str, str] = {}
    used: dict[str, dict[tuple[str, str], datetime]] = {}
    ended: dict[str, Answer] = {}
    latest = ""  # as text: all are UTC with whole seconds, and a long log has many
    for entry in entries:
        latest = max(latest, entry.get("at", ""))
        match entry.get("kind"):
            case "roster.accepted":
                seen.setdefault(entry["digest"], datetime.fromisoformat(entry["at"]))
            case "approval.used":
                spent.setdefault(entry["nonce"], entry["run"])
                at = datetime.fromisoformat(entry["at"])
                begun = {(entry["run"], key): at for key in entry.get("keys", ())}
                used.setdefault(entry["approval"], {}).update(begun)
            case "approval.ended":
                answer = answers.read(canonical(entry["answer"]))
                ended.setdefault(answer.id, answer)
    newest = datetime.fromisoformat(latest) if latest else BEGINNING
    return Past(newest, seen, spent, used, ended)
