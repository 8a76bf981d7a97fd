"""What programs do, as data: ``*.yaml`` for people, ``compiled.jsonl`` for the gate; see docs/gate.md."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
COMPILED = HERE / "compiled.jsonl"


@cache
def _compiled() -> tuple[dict[str, int], list[bytes]]:
    """The names, and where each one's record stands; a record is only read when its program is met."""
    head, *records = COMPILED.read_bytes().splitlines()
    return json.loads(head)["names"], records


@cache
def _record(place: int) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(_compiled()[1][place])
    return read


def program(name: str) -> dict[str, Any] | None:
    """What is known of a program; None where nothing is."""
    place = _compiled()[0].get(name)
    return None if place is None else _record(place)


def names() -> list[str]:
    """All programs of which something is known."""
    return list(_compiled()[0])
