"""What is wrong in a file that a person wrote, where, and what was probably meant."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# More lines than this help nobody, and a hostile file could ask for a hundred thousand.
MOST_PROBLEMS_OF_A_FILE = 100
LONGEST_QUOTE = 60


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong at one place; its text is ``file:line:column: message``.

    Problems sort by file and place. A line of 0 means the file as a whole.
    """

    file: str
    line: int
    column: int
    message: str
    hint: str = field(default="", compare=False)
    stands_for: int = field(default=1, compare=False)

    def __str__(self) -> str:
        place = f"{self.line}:{self.column}:" if self.line else ""
        return f"{printable(self.file)}:{place} {printable(self.message)}"


def printable(text: str) -> str:
    """The text with what would not show, or would move the cursor, written as an escape."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def quote(text: str) -> str:
    """The text in single quotes, harmless on a terminal and of bounded length."""
    shown = text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE] + "…"
    return f"'{printable(shown)}'"


def suggest(word: str, candidates: Iterable[str]) -> str:
    """``, did you mean 'candidate'?`` for the candidate closest to the word, or nothing."""
    if len(word) > LONGEST_QUOTE:
        return ""
    # Only a file with errors pays for this import.
    from difflib import get_close_matches

    known = {candidate.casefold(): candidate for candidate in sorted(candidates, reverse=True)}
    close = get_close_matches(word.casefold(), known, n=1)
    best = known[close[0]] if close else word
    return f", did you mean {quote(best)}?" if best != word else ""


def listed(words: Iterable[str]) -> str:
    """``'a'``, ``'a' or 'b'``, ``'a', 'b' or 'c'``."""
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def remainder(count: int, *, after: Problem) -> Problem:
    """The line that stands for the problems that are not listed."""
    said = f"and {count} more problems from here on"
    return Problem(after.file, after.line, after.column, said, stands_for=count)


def at_most(problems: Iterable[Problem]) -> list[Problem]:
    """The first problems of one file by place, and a line that counts the rest."""
    ordered = sorted(problems)
    listing = [problem for problem in ordered if problem.stands_for == 1]
    shown = listing[:MOST_PROBLEMS_OF_A_FILE]
    rest = sum(problem.stands_for for problem in ordered) - len(shown)
    return [*shown, remainder(rest, after=shown[-1])] if rest else shown
