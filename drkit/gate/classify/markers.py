"""What stands in a word for what is not known: lone surrogates, which no decoded text contains.

A word that was unquoted and expanded is plain text with these in the places of what only the run decides.
"""

from __future__ import annotations

HOLE = "\udc00"  # any text, one word
HOLES = "\udc01"  # any text, none to many words
TAME = "\udc02"  # letters, digits, `.`, `_`, `:` and `-`; never a slash, a blank, or a leading dash
STAR = "\udc03"  # an unquoted *
ONE = "\udc04"  # an unquoted ? or [...]
OPEN, COMMA, CLOSE = "\udc05", "\udc06", "\udc07"  # unquoted {,}
TILDE = "\udc08"  # an unquoted ~ at the beginning of a word

UNKNOWN = frozenset((HOLE, HOLES))
GLOBS = frozenset((STAR, ONE))
ANY = frozenset((HOLE, HOLES, TAME, STAR, ONE))
BRACES = frozenset((OPEN, COMMA, CLOSE))

SHOWN = {HOLE: "…", HOLES: "…", TAME: "…", STAR: "*", ONE: "?"}
_TABLE = str.maketrans(SHOWN)


def has(text: str, marks: frozenset[str]) -> bool:
    """Whether any of these marks is in the text; cheap for plain text."""
    return not text.isascii() and not marks.isdisjoint(text)


def unknown(text: str) -> bool:
    """Whether a part of it is only known when it runs."""
    return has(text, UNKNOWN)


def literal(text: str) -> bool:
    """Whether it is exactly known."""
    return text.isascii() or ANY.isdisjoint(text)


def shown(text: str) -> str:
    """The word for a person: unknown parts as ``…``."""
    return text if text.isascii() else text.translate(_TABLE)
