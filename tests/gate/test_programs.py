"""Every role that a record gives is one that the gate knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drkit.gate.classify import effects
from drkit.gate.classify.ownroles import SPECIAL
from drkit.gate.programs import names, program

COMMON = {"read", "append", "create", "shell", "argv", "code", "script", "assignment", "secret", "awk", "sed"}
KNOWN = {*COMMON, *effects.WORDS, *SPECIAL, "value", "attached", "shells", "remote", "service"}


def roles(record: dict[str, Any]) -> Iterator[str]:
    yield from record.get("takes", {}).values()
    for told in (record.get("operands", "value"), *record.get("switch", {}).values()):
        if isinstance(told, dict):
            yield from (role for key, role in told.items() if key in ("first", "rest", "last"))
        elif not isinstance(told, int):
            yield from [told] if isinstance(told, str) else told
    for inner in record.get("commands", {}).values():
        yield from roles(inner)


def test_every_role_of_every_program_is_known():
    strange = {
        (name, role)
        for name in names()
        for role in roles(program(name) or {})
        if role not in KNOWN and not role.startswith(("sql:", "review:"))
    }
    assert strange == set()
