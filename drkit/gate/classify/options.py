"""A program's arguments, told apart into options, their values and operands, by what is known of the program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from drkit.gate.classify.markers import HOLES, UNKNOWN, has

Record = dict[str, Any]
EMPTY: dict[str, Any] = {}


@dataclass(slots=True)
class Parsed:
    """Arguments told apart.

    Args:
        flags: options as they were meant: the known name, or the given one.
        values: an option and its value, in order.
        operands: the rest, in order.
        unclear: arguments that may turn out to be options.
    """

    flags: list[str] = field(default_factory=list)
    values: list[tuple[str, str]] = field(default_factory=list)
    operands: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    count: int = 0

    def value(self, *names: str) -> str | None:
        """The last value of any of these options."""
        found = [value for name, value in self.values if name in names]
        return found[-1] if found else None

    def has(self, *names: str) -> bool:
        """Whether any of these options was given."""
        return any(name in self.flags for name in names) or self.value(*names) is not None


def parse(record: Record, words: Sequence[str]) -> Parsed:
    """Tell arguments apart as ``getopt_long`` does, with abbreviations; long ones have one dash if a record says so."""
    made = Parsed()
    takes: dict[str, Any] = record.get("takes", EMPTY)
    stops = record.get("stops", False)
    index, count = 0, len(words)
    while index < count:
        word = words[index]
        index += 1
        if word[:1] != "-" or word == "-":
            if has(word[:1], UNKNOWN):
                made.unclear.append(word)
            made.operands.append(word)
            if stops:
                made.operands += words[index:]
                break
            continue
        if word == "--":
            made.operands += words[index:]
            break
        made.count += 1
        rest = words[index] if index < count else None
        if word.startswith("--") or record.get("long"):
            used = _long(record, takes, made, word.lstrip("-"), rest)
        else:
            used = _short(takes, made, word[1:], rest)
        index += used
        if HOLES in word:
            made.unclear.append(word)
    return made


def _long(record: Record, takes: Record, made: Parsed, word: str, rest: str | None) -> int:
    given, equals, value = word.partition("=")
    name = _meant(record, takes, given)
    if equals:
        made.values.append((name, value))
        made.flags.append(name)
        return 0
    made.flags.append(name)
    if name in takes and rest is not None:
        made.values.append((name, rest))
        return 1
    return 0


def _meant(record: Record, takes: Record, given: str) -> str:
    """The option that an abbreviation stands for: a dangerous one, if it may be one."""
    flags: Record = record.get("flags", EMPTY)
    if given in takes or given in flags or given in record.get("safe", ()):
        return given
    if len(given) < 2:  # noqa: PLR2004 - `-x`, where long options have one dash
        return given
    for name in flags:
        if name.startswith(given):
            return str(name)
    for name in record.get("switch", EMPTY):
        if name.startswith(given):
            return str(name)
    for name in takes:
        if name.startswith(given):
            return str(name)
    return given


def _short(takes: Record, made: Parsed, letters: str, rest: str | None) -> int:
    for place, letter in enumerate(letters):
        made.flags.append(letter)
        if letter in takes:
            value = letters[place + 1 :]
            if value:
                made.values.append((letter, value))
                return 0
            if takes[letter] == "attached":
                return 0
            if rest is not None:
                made.values.append((letter, rest))
                return 1
    return 0
