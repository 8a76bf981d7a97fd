"""What a text runs though the tree does not show it as a command: backquotes, indices, arithmetic, prompts.

Bash evaluates an index of a list, and every name within arithmetic, as a text of its own: ``a[$(rm x)]`` runs rm even
where it comes out of a variable. tree-sitter passes over backquotes within some expansions and within heredocs.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import pairwise

from drkit.gate.classify.markers import ANY, GLOBS, UNKNOWN, has
from drkit.gate.classify.parsing import Node
from drkit.gate.classify.state import State

INDEX = re.compile(r"\[[^\]\[]*(\$[({\[]|`)")
BACKQUOTED = re.compile(r"(?<!\\)((?:\\\\)*)`((?:\\.|[^`\\])*)`", re.DOTALL)
ANYTHING = UNKNOWN | GLOBS
_RISKY = re.compile(r"[\[$`]")
_OPENING = re.compile(rb"`|\$\(|[<>]\(")
_SEEN = frozenset(("command_substitution", "process_substitution", "arithmetic_expansion"))
_LITERAL = frozenset(("raw_string", "ansi_c_string", "comment", "heredoc_body", "regex"))
_SIMPLE = frozenset(
    ("command", "redirected_statement", "variable_assignments", "declaration_command", "unset_command")
)
_LINE_END = 10
_NAME = re.compile(r"[A-Za-z_]\w*")
_NAMES = frozenset(("word", "variable_name"))


def indexed(text: str) -> bool:
    """Whether a text runs something as soon as anybody takes it for a name or a number."""
    return "[" in text and INDEX.search(text) is not None


def unseen(root: Node, text: bytes) -> bool:
    """Whether something opens like a substitution, and no node of the tree is one there."""
    openings = [match.start() for match in _OPENING.finditer(text) if not _escaped(text, match.start())]
    if not openings:
        return False
    known: set[int] = set()
    for node in _nodes(root):
        if node.type in _SEEN:
            known |= {node.start_byte, node.end_byte - 1}
        elif node.type in _LITERAL:
            known.update(
                openings[bisect_left(openings, node.start_byte) : bisect_left(openings, node.end_byte)]
            )
        elif node.type in ("((", "$((", "("):
            known |= {node.start_byte, node.start_byte - 1}
    return not known.issuperset(openings)


def joined(root: Node, text: bytes) -> bool:
    """Whether a command goes over a line end: tree-sitter-bash takes some lines for more of the one before."""
    if b"\n" not in text:
        return False
    if any(
        node.type == "word" and text[node.start_byte] == _LINE_END
        for node in _nodes(root)
        if node.end_byte > node.start_byte
    ):
        return True
    return any(
        _ended(text, before.end_byte, after.start_byte)
        for node in _nodes(root)
        if node.type in _SIMPLE
        for before, after in pairwise(node.children)
        if not before.type.startswith("heredoc") and not after.type.startswith("heredoc")
    )


def _ended(text: bytes, begin: int, end: int) -> bool:
    """Whether there is a line end between two words that no backslash takes away."""
    at = text.find(b"\n", begin, end)
    while at >= 0:
        if not _escaped(text, at):
            return True
        at = text.find(b"\n", at + 1, end)
    return False


def _escaped(text: bytes, at: int) -> bool:
    count = 0
    while at - count > 0 and text[at - count - 1 : at - count] == b"\\":
        count += 1
    return count % 2 == 1


def _nodes(root: Node) -> Iterator[Node]:
    pending = [root]
    while pending:
        each = pending.pop()
        yield each
        pending += each.children


def free(text: str) -> bool:
    """Whether a text may be any at all, as the name of a file may, which whoever made the file chose."""
    return has(text, ANYTHING) or ("/" in text and has(text, ANY)) or "*" in text or "?" in text


def reckoned(values: Iterable[str]) -> bool:
    """Whether a value, put into arithmetic, may be more than a number or a plain name."""
    return any(free(each) or _RISKY.search(each) for each in values)


def names(node: Node, text: bytes, state: State) -> Iterator[str]:
    """The variables of the script within an arithmetic expression, and its arguments where they are known."""
    for each in _nodes(node):
        if each.type == "simple_expansion" and state.arguments is not None:
            name = text[each.start_byte + 1 : each.end_byte].decode()
            if name.isdigit() or name in ("@", "*"):
                yield name
        elif each.type in _NAMES:
            name = text[each.start_byte : each.end_byte].decode()
            if _NAME.fullmatch(name) and name in state.variables:
                yield name
