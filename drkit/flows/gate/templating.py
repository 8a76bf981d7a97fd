"""What the gate knows of programs, as lines for the managed bastion, which matches what is typed: the worst alone.

A line is how a command begins. The documentation of CreateCmdTemplate (1025/86964) shows such lines, and does not say
how they are matched; so nothing here counts on more. It is a net below the gate and no boundary: whatever is quoted,
encoded or in a script passes under it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from drkit.gate.programs import names, program

LONGEST = 32_768  # bytes of a template's commands
WORST = re.compile(
    r"destroy|delet|eras|wip|drop|shred|new file system|overwrit|remov|format|discard|changes a disk|logical volumes"
)
# What is told in code rather than in data.
BEYOND = ("dd of=/dev/", "find / -delete", "chmod -R 777 /")
TREE = ("-r", "-R", "-rf", "-fr", "-Rf", "--recursive")


@dataclass(frozen=True, slots=True)
class Template:
    """One template; its name tells its content, so that the same is never made twice."""

    name: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """As the bastion takes it."""
        return "\n".join(self.lines)


def templates() -> tuple[Template, ...]:
    """All of them, in as few templates as take them."""
    return tuple(map(_template, _parts(sorted({*BEYOND, *_lines()}))))


def _template(lines: tuple[str, ...]) -> Template:
    return Template(f"drkit-{sha256(chr(10).join(lines).encode()).hexdigest()[:16]}", lines)


def _parts(lines: Iterable[str]) -> Iterator[tuple[str, ...]]:
    part: list[str] = []
    size = 0
    for line in lines:
        if size + len(line.encode()) + 1 > LONGEST:
            yield tuple(part)
            part, size = [], 0
        part.append(line)
        size += len(line.encode()) + 1
    if part:
        yield tuple(part)


def _lines() -> Iterator[str]:
    """Of every program that is described as data."""
    for name in names():
        yield from _of_program(name, program(name) or {})


def _of_program(name: str, record: Mapping[str, Any]) -> Iterator[str]:
    if WORST.search(record.get("review", "")):
        yield name
        return
    for flag, why in record.get("flags", {}).items():
        if WORST.search(why or ""):
            yield f"{name} {'-' if len(flag) == 1 else '--'}{flag}"
    if record.get("operands") == "delete":
        yield from (f"{name} {each}" for each in TREE) if "switch" in record else [name]
    for command, inner in record.get("commands", {}).items():
        if command != "*" and not command.startswith("-"):
            yield from _of_program(f"{name} {command}", inner)
