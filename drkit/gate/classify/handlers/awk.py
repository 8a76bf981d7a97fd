"""Programs of awk: system(), pipes, redirections and extensions matter, all else computes and prints."""

from __future__ import annotations

import re

from drkit.gate.classify import effects
from drkit.gate.classify.calls import Call
from drkit.gate.classify.markers import HOLE, unknown
from drkit.gate.classify.unquoting import ansi_quoted

# One piece of a program. A slash is told apart by what stands before it.
PIECE = re.compile(
    r'(?P<string>"(?:\\.|[^"\\\n])*")|(?P<comment>#[^\n]*)|(?P<name>[A-Za-z_]\w*)|(?P<number>\d[\w.]*)|'
    r"(?P<blank>[ \t\r]+|\\\n)|(?P<other>.|\n)",
    re.DOTALL,
)
REGEX = re.compile(r"/(?:\\.|\[\^?\]?[^\]\n]*\]|[^/\\\n\[])+/")
# After these words a slash begins a pattern; after any other name or value it divides.
BEFORE_PATTERNS = frozenset(
    ("print", "printf", "return", "in", "case", "else", "do", "exit", "and", "or", "not", "getline")
)
PIPED = re.compile(r'(?<!\|)\|\s*"(\d+)"\s*(?=[;})\n]|$)')
READ = re.compile(r'(?<=[{;(\n])\s*"(\d+)"\s*\|\s*getline\b')
RUNS = re.compile(r"\bsystem\b|(?<!\|)\|(?!\|)|@")
HARMLESS = frozenset(("/dev/stderr", "/dev/stdout", "/dev/null"))


def awk(call: Call, text: str) -> None:
    """Judge one program."""
    if unknown(text):
        call.review("opaque", f"{call.name}: its program is only known when it runs")
        return
    strings: list[str] = []
    bare = _bare(text, strings)
    if bare is None:
        call.review("opaque", f"{call.name}: its program cannot be read")
        return
    for pattern in (PIPED, READ):  # to or from a command that stands there as it is
        for match in pattern.finditer(bare):
            call.shell(ansi_quoted(strings[int(match.group(1))]), (HOLE,))
        bare = pattern.sub(" ", bare)
    if RUNS.search(bare):
        call.review("opaque", f"{call.name}: its program runs commands")
    for target in _targets(bare):
        _written(call, target, strings)


def _bare(text: str, strings: list[str]) -> str | None:
    """The program without comments and patterns, and a number for each string; None where a slash may be either."""
    made, at, before = "", 0, ""
    while at < len(text):
        if text[at] == "/" and _pattern_may_begin(before):
            pattern = REGEX.match(text, at)
            if pattern is None or before == ")":
                return None
            made, at, before = made + " R ", pattern.end(), "R"
            continue
        piece = PIECE.match(text, at)
        if piece is None:
            return None
        kind, found = str(piece.lastgroup), piece.group()
        at = piece.end()
        if kind == "string":
            strings.append(found[1:-1])
            made += f'"{len(strings) - 1}"'
        elif kind != "comment":
            if found == '"':
                return None  # a string that does not end
            made += found
        if kind not in ("comment", "blank"):
            before = found if kind in ("name", "other") else "R"
    return made


def _pattern_may_begin(before: str) -> bool:
    """Also true after a parenthesis, where it may be either."""
    if before == "R" or before in ("]", "$"):
        return False
    return before in BEFORE_PATTERNS or not (before[:1].isalnum() or before[:1] == "_")


def _targets(bare: str) -> list[str]:
    """What stands behind each ``>`` of a print, outside of parentheses."""
    found = []
    for match in re.finditer(r"\bprintf?\b", bare):
        depth, index = 0, match.end()
        while index < len(bare) and not (depth <= 0 and bare[index] in ";}\n"):
            letter = bare[index]
            depth += (letter in "([") - (letter in ")]")
            if letter == ">" and depth <= 0:
                found.append(re.split(r"[;}\n]", bare[index:].lstrip(">"))[0].strip())
                break
            index += 1
    return found


def _written(call: Call, target: str, strings: list[str]) -> None:
    match = re.fullmatch(r'"(\d+)"', target)
    if match is None:
        call.review("opaque", f"{call.name}: its program writes to a file that is only known when it runs")
    elif strings[int(match.group(1))] not in HARMLESS:
        effects.write(call.context, ansi_quoted(strings[int(match.group(1))]), call.state, call.at)
