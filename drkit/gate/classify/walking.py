"""A script's tree, walked in the order in which it would run."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from drkit.gate.classify import calls, hidden, redirects
from drkit.gate.classify.assignments import assign
from drkit.gate.classify.context import Context, TooMuchError
from drkit.gate.classify.markers import HOLE, HOLES, TAME, literal
from drkit.gate.classify.parsing import Node, parse
from drkit.gate.classify.state import State, Values, either
from drkit.gate.classify.words import Expander

MOST_WAYS = 32
DEEPEST_TREE = 150
SEQUENCES = frozenset(
    ("program", "compound_statement", "do_group", "else_clause", "elif_clause", "case_item", "ERROR")
)
WORDS = frozenset(
    [
        "word",
        "string",
        "raw_string",
        "ansi_c_string",
        "translated_string",
        "concatenation",
        "simple_expansion",
        "expansion",
        "number",
        "command_substitution",
        "process_substitution",
        "brace_expression",
        "arithmetic_expansion",
        "extglob_pattern",
        "variable_name",
        "regex",
        "test_operator",
    ]
)
Stdin = Values | None  # None: whatever the whole script gets


class Walker:
    """Walks one text.

    Args:
        context: the judgement that it is part of.
        text: its bytes, UTF-8.
        at: the place of the whole text, where it stands within another.
    """

    def __init__(self, context: Context, text: bytes, at: str = "") -> None:
        self.context, self.text, self._at = context, text, at
        self._depth = 0
        self._failed: list[State] = []  # in which the statement may end before its own end

    def at(self, node: Node) -> str:
        """Where a node stands, ``line:column``."""
        if self._at:
            return self._at
        row, column = node.start_point
        return f"{row + 1}:{column + 1}"

    def expander(self, state: State, stdin: Stdin = None) -> Expander:
        """What expands this text's words in a state."""

        def substituted(node: Node) -> Values:
            inner = state.copy()
            given = (HOLE,) if self.raw(node)[0] == ">" else stdin
            printed: Values = (HOLE,)
            for child in node.named_children:
                printed = self.visit(child, inner, given)
            if node.type == "process_substitution":
                return ("/dev/fd/63",)
            return tuple(each.rstrip("\n") for each in printed) if node.named_child_count == 1 else (HOLE,)

        def note(node: Node, why: str) -> None:
            self.context.note("opaque", why, self.at(node))

        return Expander(self.text, substituted, note)

    def raw(self, node: Node) -> str:
        """The text of a node as it stands."""
        return self.text[node.start_byte : node.end_byte].decode()

    def visit(self, node: Node, state: State, stdin: Stdin = None) -> Values:
        """Judge a statement, and bring the state to where it is after it; what it prints, if known."""
        self._depth += 1
        if self._depth > DEEPEST_TREE:
            raise TooMuchError("it is nested too deep")
        try:
            return self._visit(node, state, stdin)
        finally:
            self._depth -= 1

    def _visit(self, node: Node, state: State, stdin: Stdin) -> Values:
        kind = node.type
        if kind == "command":
            return self.command(node, state, stdin)
        if kind in SEQUENCES:
            if node.child_count and node.children[0].type == "((":
                self.reckoned(node, state)
            return self._sequence(node.named_children, state, stdin)
        method = getattr(self, f"_{kind}", None)
        if method is not None:
            made: Values = method(node, state, stdin)
            return made
        if kind != "comment":
            self.expander(state).visit(node)
            if kind not in WORDS and kind not in PASSED:
                self.context.note("construct", f"what '{kind}' does is not followed", self.at(node))
        return (HOLE,)

    def reckoned(self, node: Node, state: State) -> None:
        """Arithmetic: what it evaluates may run something, and what it sets is a number then."""
        self.expander(state).reckon((node,), node, state)
        for name in set(hidden.names(node, self.text, state)):
            state.assign(name, either(state.value(name), (TAME,)))

    def _sequence(self, nodes: Sequence[Node], state: State, stdin: Stdin) -> Values:
        printed: Values = (HOLE,)
        for node in nodes:
            if node.type not in WORDS and node.type != "comment":
                after = node.next_sibling
                background = after is not None and after.type == "&"
                printed = self._statement(node, state.copy() if background else state, stdin)
            elif node.type != "comment":
                self.expander(state).visit(node)
        return printed if sum(node.type != "comment" for node in nodes) == 1 else (HOLE,)

    def _statement(self, node: Node, state: State, stdin: Stdin) -> Values:
        """One of several: that a part of it failed stops nothing, so the state may be that of the failure."""
        earlier, self._failed = self._failed, []
        before = state.directory
        printed = self.visit(node, state, stdin)
        if state.directory != before and _plain_command(node):
            state.directory = tuple(dict.fromkeys(before + state.directory))
        for failed in self._failed:
            state.join(failed)
        self._failed = earlier
        return printed

    def command(self, node: Node, state: State, stdin: Stdin = None, more: Sequence[Node] = ()) -> Values:
        """A simple command; ``more`` are redirections that the tree keeps outside of it."""
        self.context.step()
        expander = self.expander(state, stdin)
        parts: list[list[list[str]]] = []
        assigned, moved = [], list(more)
        for child in node.children:
            kind = child.type
            if kind == "variable_assignment":
                assigned.append(child)
            elif kind.endswith("_redirect"):
                moved.append(child)
            elif kind == "command_name":
                parts.append(expander.words(child.children[0] if child.child_count == 1 else child, state))
            elif child.is_named or kind in ("==", "=", "=~", "!=", "$"):
                parts.append(expander.words(child, state) if child.is_named else [[kind]])
        wrote = self.context.wrote
        stdin = redirects.follow(self, moved, state, stdin, parts)
        self.context.wrote, writes = wrote, self.context.wrote  # its own output is there after it
        own = state.copy() if assigned else state
        for each in assigned:
            assign(self, each, own if parts else state, before_command=bool(parts))
        if not parts:
            self.context.wrote |= writes
            return ("",)
        printed = self._ways(parts, own, stdin, node)
        self.context.wrote |= writes
        if assigned:
            passing = {self.raw(each).partition("=")[0].rstrip("+") for each in assigned}
            state.take(own)
            state.variables = {k: v for k, v in own.variables.items() if k not in passing}
        return printed

    def _ways(self, parts: list[list[list[str]]], own: State, stdin: Stdin, node: Node) -> Values:
        ways = 1
        for part in parts:
            ways *= len(part)
        if ways > MOST_WAYS:
            parts = [part if len(part) == 1 else [[HOLES]] for part in parts]
        at = self.at(node)
        if ways == 1:
            return calls.call(self, [word for part in parts for word in part[0]], own, stdin, at)
        printed: list[str] = []
        begun = own.copy()
        for way in product(*parts):
            each = begun.copy()
            printed += calls.call(self, [word for part in way for word in part], each, stdin, at)
            own.join(each)
        return tuple(dict.fromkeys(printed))

    def shell(self, text: str, state: State, at: str, stdin: Stdin = None) -> Values:
        """A text within this one, as a shell reads it."""
        told = text.replace(TAME, "${UID}")  # which expands to the same again
        if not literal(told):
            self.context.note("opaque", "the text that a shell would read is only known when it runs", at)
            return (HOLE,)
        return walk(self.context, told.encode(), state, at, stdin)


PASSED = frozenset(
    [
        "heredoc_body",
        "file_descriptor",
        "binary_expression",
        "postfix_expression",
        "unary_expression",
        "parenthesized_expression",
        "ternary_expression",
        "subscript",
    ]
)


def _plain_command(node: Node) -> bool:
    """A simple command, which may fail as a whole; with redirections or without."""
    body = node.child_by_field_name("body") if node.type == "redirected_statement" else node
    return body is not None and body.type == "command"


def _ended(context: Context, state: State) -> None:
    """What a text left to run later, with each value that its variables had meanwhile."""
    later = state.later
    if not later.texts or not (later.variables or later.directory):
        return
    then = state.copy()
    for name, values in later.variables.items():
        then.variables[name] = either(then.value(name), values)
    then.directory = tuple(dict.fromkeys((*then.directory, *later.directory)))
    for text, place in tuple(dict.fromkeys(later.texts)):
        if literal(text):
            walk(context, text.encode(), then.copy(), place)


def walk(context: Context, text: bytes, state: State, at: str = "", stdin: Stdin = None) -> Values:
    """Judge a text in a state, which is afterwards as the text leaves it."""
    from drkit.gate.classify.blocks import BlockWalker

    context.deeper()
    try:
        root = parse(text)
        if root is None:
            context.note("syntax", "it cannot be read as shell text", at or "1:1")
            return (HOLE,)
        if hidden.unseen(root, text) or hidden.joined(root, text):
            context.note("construct", "it runs something where the parser does not see it", at or "1:1")
        begun = bool(state.later.texts)
        printed = BlockWalker(context, text, at).visit(root, state, stdin)
        if not begun:
            _ended(context, state)
        return printed
    finally:
        context.depth -= 1
