"""Redirections: what is written, what a command reads instead of its input."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from drkit.gate.classify import effects
from drkit.gate.classify.hidden import BACKQUOTED
from drkit.gate.classify.markers import HOLE, literal
from drkit.gate.classify.parsing import Node
from drkit.gate.classify.state import State, Values
from drkit.gate.classify.unquoting import double_quoted

if TYPE_CHECKING:
    from drkit.gate.classify.walking import Stdin, Walker

APPENDING = frozenset((">>", "&>>"))
TRUNCATING = frozenset((">", ">|", "&>", ">&", "<>"))
INSIDE = frozenset(("heredoc_start", "heredoc_body", "heredoc_end", "file_descriptor", "<<", "<<-"))
UNESCAPED = re.compile(r"\\([$`\\])")
QUOTED = re.compile(rb"[\"'\\]")


def follow(
    walker: Walker,
    nodes: Sequence[Node],
    state: State,
    stdin: Stdin,
    parts: list[list[list[str]]] | None = None,
) -> Stdin:
    """Judge redirections; what the command then reads. Words that the tree keeps in them go to ``parts``."""
    for node in nodes:
        if node.type == "file_redirect":
            stdin = _file(walker, node, state, stdin, parts)
        elif node.type == "herestring_redirect":
            stdin = walker.expander(state).values(node.named_children[-1], state)
        elif node.type == "heredoc_redirect":
            stdin = _heredoc(walker, node, state)
            inner = [child for child in node.named_children if child.type.endswith("_redirect")]
            if inner:
                follow(walker, inner, state, stdin, parts)
            for child in node.children_by_field_name("argument"):
                if parts is not None:
                    parts.append(walker.expander(state).words(child, state))
            _rest(walker, node, state)
    return stdin


def _rest(walker: Walker, node: Node, state: State) -> None:
    """What the tree hangs into a heredoc though it comes after it: the rest of a pipeline or list."""
    arguments = node.children_by_field_name("argument")
    for child in node.named_children:
        if child.type not in INSIDE and not child.type.endswith("_redirect") and child not in arguments:
            walker.visit(child, state.copy(), (HOLE,))


def _file(
    walker: Walker, node: Node, state: State, stdin: Stdin, parts: list[list[list[str]]] | None
) -> Stdin:
    operator = next((child.type for child in node.children if not child.is_named), "")
    targets = node.children_by_field_name("destination")
    for index, target in enumerate(targets):
        words = walker.expander(state).words(target, state)
        if index and parts is not None:
            parts.append(words)  # the tree takes arguments that come after it for further targets
            continue
        for way in words:
            for word in way or [HOLE]:
                stdin = _one(walker, operator, word, walker.at(node), state, stdin)
    if not targets and operator not in ("<&-", ">&-"):
        walker.context.note("construct", "a redirection that cannot be followed", walker.at(node))
    return stdin


def _one(walker: Walker, operator: str, word: str, at: str, state: State, stdin: Stdin) -> Stdin:
    if operator in (">&", "<&") and (word.isdigit() or word == "-" or word.rstrip("-").isdigit()):
        return stdin if operator == ">&" else (HOLE,)
    if word.startswith(("/dev/tcp/", "/dev/udp/")):
        walker.context.note("network", f"opens a connection to {word[9:]}", at)
    elif operator in APPENDING:
        effects.append(walker.context, word, state, at)
    elif operator in TRUNCATING:
        effects.write(walker.context, word, state, at)
    if operator in ("<", "<&", "<>"):
        effects.read(walker.context, word, state, at)
        return (HOLE,)
    return stdin


def _heredoc(walker: Walker, node: Node, state: State) -> Values:
    start = next(child for child in node.children if child.type == "heredoc_start")
    body = next((child for child in node.children if child.type == "heredoc_body"), None)
    if body is None:
        return ("",)
    raw = walker.text[body.start_byte : body.end_byte]
    if QUOTED.search(walker.text[start.start_byte : start.end_byte]):
        return (raw.decode(),)
    hidden = BACKQUOTED.findall(raw.decode()) if b"`" in raw else []
    for _before, inner in hidden:  # which the tree passes over
        walker.shell(UNESCAPED.sub(r"\1", inner), state.copy(), walker.at(body))
    made: Values = ("",)
    begin = body.start_byte
    expander = walker.expander(state)
    for child in body.named_children:
        if child.type != "heredoc_content":
            before = double_quoted(walker.text[begin : child.start_byte].decode())
            values = expander.values(child, state)
            made = tuple(one + before + value for one in made for value in values)[:MOST]
            begin = child.end_byte
    rest = double_quoted(walker.text[begin : body.end_byte].decode())
    return tuple(one + rest for one in made) if len(made) < MOST and not hidden else (HOLE,)


MOST = 16


def downstream(walker: Walker, nodes: Sequence[Node], state: State, printed: Values) -> Values:
    """What a compound statement prints after its redirections."""
    del walker, nodes, state
    return printed if all(map(literal, printed)) else (HOLE,)
