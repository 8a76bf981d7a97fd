"""What comes of expanded pieces: words split at blanks, globs marked, tildes in their places."""

from __future__ import annotations

from drkit.gate.classify.markers import CLOSE, COMMA, HOLE, HOLES, ONE, OPEN, STAR, TILDE, unknown
from drkit.gate.classify.state import State, Values

Words = list[str]


def separated(texts: Values, state: State) -> Values:
    """Values that are about to be split; where the script chose the separators itself, nothing is known."""
    separators = "".join(state.variables.get("IFS", ()))
    if separators.isspace() or "IFS" not in state.variables:
        return texts
    return tuple(
        HOLES if unknown(separators) or any(one in text for one in separators) else text for text in texts
    )


def one_word(text: str) -> str:
    """Unknown words between quotes are one."""
    return text.replace(HOLES, HOLE)


def joined(way: Words, text: str, split: bool) -> Words:  # noqa: FBT001 - a property of the piece
    """A way with one piece more; an unquoted expansion is split at blanks."""
    if not split:
        return [*way[:-1], way[-1] + text]
    if unknown(text):
        return [*way[:-1], way[-1] + text.replace(HOLE, HOLES)]
    parts = text.translate(_GLOBBED).split()
    if not parts:
        return [*way, ""] if text and way[-1] else way
    made = [*way[:-1], way[-1] + parts[0]] if not text[0].isspace() or not way[-1] else [*way, parts[0]]
    made += parts[1:]
    return [*made, ""] if text[-1].isspace() else made


_GLOBBED = str.maketrans({"*": STAR, "?": ONE, "[": ONE})


_MARKED = str.maketrans({STAR: "*", ONE: "?", OPEN: "{", COMMA: ",", CLOSE: "}"})


def unmarked(value: str) -> str:
    """Globs and braces are stored as they are, not expanded."""
    return value if value.isascii() else value.translate(_MARKED)


def tilde(words: Words, state: State) -> Words:
    """Words with the homes that their tildes stand for."""
    if not any(TILDE in word for word in words):
        return words
    return [each for word in words for each in one_tilde(word, state)]


def one_tilde(word: str, state: State) -> Words:
    """The same of one word."""
    if word[0] != TILDE:  # after the `=` of what looks like an assignment, bash expands it too
        head, mark, rest = word.partition("=" + TILDE)
        if mark and head.isidentifier():
            return [f"{head}={each}" for each in one_tilde(TILDE + rest, state)]
        return [word.replace(TILDE, "~")]
    user, slash, rest = word[1:].partition("/")
    if user in ("", "+"):
        return [home + slash + rest for home in state.value("PWD" if user else "HOME")]
    return [
        ("/root" if user == "root" else f"/home/{user}") + slash + rest
        if user.isalnum()
        else HOLE + slash + rest
    ]
