"""Text from outside, made harmless for a terminal and for whoever reads it."""

from __future__ import annotations


def harmless(text: str) -> str:
    """The text with what a terminal would obey or hide spelt out: controls, bidi marks, separators."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def harmless_lines(text: str) -> str:
    """The same for text of several lines, whose line ends are our own."""
    return "\n".join(harmless(line) for line in text.split("\n"))
