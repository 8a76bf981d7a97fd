"""The syntax errors of PyYAML and libyaml, in sentences for the person who wrote the file.

Both parsers name what they were doing in the same words (``context``), and each has words of its own
for what was wrong (``problem``), so a sentence is found by fragments that hold for both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from drkit.core.configuration import tabs
from drkit.core.configuration.problems import Problem, quote

if TYPE_CHECKING:
    from yaml import YAMLError

    Place = tuple[int, int]

IN_QUOTES = "put the text in quotes"
SURPLUS = "nothing may follow here: put the whole text in quotes, or begin a new line"
UNKNOWN_ESCAPE = (
    r"this escape does not exist: in double quotes write \\ for a backslash, or use single quotes"
)


class _Sentence(NamedTuple):
    """Holds when both fragments occur; at the place of the context, or of the problem."""

    context: str
    problem: str
    text: str
    at_context: bool = False


_SENTENCES = (
    _Sentence(
        "quoted scalar", "found unexpected end of stream", "this quote is never closed", at_context=True
    ),
    _Sentence("quoted scalar", "document ", "this quote is never closed", at_context=True),
    # "while parsing a quoted scalar" and "while scanning a double-quoted scalar"
    _Sentence("quoted scalar", "", UNKNOWN_ESCAPE, at_context=True),
    _Sentence("simple key", "", "a ':' is missing after this key", at_context=True),
    _Sentence(
        "",
        "mapping values are not allowed",
        "':' is not expected here: put text that contains ': ' in quotes, or check the indentation",
    ),
    _Sentence(
        "", "mapping keys are not allowed", "'?' is not expected here: put text that begins with it in quotes"
    ),
    _Sentence(
        "",
        "sequence entries are not allowed",
        "'-' is not expected here: a list item begins on a line of its own",
    ),
    _Sentence("block mapping", "", "this line does not fit the mapping around it: check the indentation"),
    _Sentence("block collection", "", "this line does not fit the list around it: check the indentation"),
    _Sentence("flow sequence", "", "a ',' or the closing ']' is missing for the '[' on line {line}"),
    _Sentence("flow mapping", "", "a ',' or the closing '}}' is missing for the '{{' on line {line}"),
    _Sentence("flow node", "", "a value or a closing bracket is missing"),
    _Sentence("block scalar", "", "after '|' or '>' nothing but the text in the lines below may stand"),
    _Sentence("alias", "", "'*' begins an alias: put text that begins with it in quotes"),
    _Sentence("anchor", "", "'&' begins an anchor: put text that begins with it in quotes"),
    _Sentence("tag", "", "'!' begins a tag: put text that begins with it in quotes"),
    _Sentence("node", "tag handle", "'!' begins a tag: put text that begins with it in quotes"),
)


def explain(error: YAMLError, lines: list[str], file: str) -> Problem:
    """The one problem that a syntax error is."""
    place = _place(getattr(error, "problem_mark", None)) or (1, 1)
    line = line_at(lines, place[0])
    if tab := tabs.in_indentation(line):
        return Problem(file, place[0], tab, tabs.INDENTING)
    context, problem = getattr(error, "context", None) or "", getattr(error, "problem", None) or ""
    if said := _about_the_character(context, problem, line, place[1]):
        return Problem(file, *place, said)
    around = _place(getattr(error, "context_mark", None)) or place
    for sentence in _SENTENCES:
        if sentence.context in context and sentence.problem in problem:
            said = sentence.text.format(line=around[0])
            return Problem(file, *(around if sentence.at_context else place), said)
    return Problem(file, *place, "this is not YAML: check quotes, brackets and indentation")


def _about_the_character(context: str, problem: str, line: str, column: int) -> str:
    character = line[column - 1 : column]
    if character == "\t":
        return tabs.SEPARATING
    if "cannot start any token" in problem:
        return f"{quote(character)} cannot begin a value: {IN_QUOTES}"
    if "parsing a block" not in context:
        return ""
    if character in {"]", "}", ","}:
        return f"{quote(character)} is not expected here: {IN_QUOTES}"
    return SURPLUS if line[: column - 1].strip() else ""


def _place(mark: object) -> Place | None:
    line, column = getattr(mark, "line", None), getattr(mark, "column", None)
    return (line + 1, column + 1) if line is not None and column is not None else None


def line_at(lines: list[str], number: int) -> str:
    """A line by its number; a parser may stand after the last one."""
    return lines[number - 1] if number <= len(lines) else ""
