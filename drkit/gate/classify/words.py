"""Words of the tree, unquoted and expanded: what the shell would hand to a program, as far as that is known."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from drkit.gate.classify import hidden
from drkit.gate.classify.bracing import braced
from drkit.gate.classify.expansions import expanded
from drkit.gate.classify.markers import HOLE, HOLES, TAME, unknown
from drkit.gate.classify.parsing import Node
from drkit.gate.classify.splitting import joined, one_word, separated, tilde, unmarked
from drkit.gate.classify.state import State, Values, either
from drkit.gate.classify.unquoting import PLAIN, ansi_quoted, double_quoted, plain_word

# Each is many words, even between quotes.
ALL_ARGUMENTS = frozenset(('"$@"', '"${@}"'))
SEVERAL = re.compile(r"\$@|\$\{[@]|\[@\]")
GIVING = re.compile(r"([A-Za-z_]\w*):?=(.*)", re.DOTALL)
STATIC = re.compile(r"[\w./:@%+-]*")
Substituted = Callable[[Node], Values]
Words = list[str]

MOST = 32  # ways to read one word
LONGEST = 10_000  # characters of a value
LONGEST_WORD = 200_000
INSIDE_STRINGS = frozenset(("simple_expansion", "expansion", "command_substitution", "arithmetic_expansion"))
LITERAL = frozenset(("word", "number", "variable_name", "extglob_pattern", "regex", "test_operator"))


PLACES = re.compile(r"\$\{!([A-Za-z_]\w*)\[[@*]\]\}")
"""The places of a list that have something."""


class Expander:
    """Expands the words of one text.

    Args:
        text: the whole text, which the nodes cut.
        substituted: judges a command substitution and tells what it prints, as far as that is known.
        note: takes down why something that a node expands to cannot be known.
    """

    def __init__(self, text: bytes, substituted: Substituted, note: Callable[[Node, str], None]) -> None:
        self.text, self.substituted, self.note = text, substituted, note

    def words(self, node: Node, state: State) -> list[Words]:
        """Each way in which a word may expand; each way is the words that come of it."""
        if node.type == "word":
            raw = self.raw(node)
            if PLAIN.fullmatch(raw) and "," not in raw:
                return [[raw]]
        elif node.type == "string" and state.arguments is not None and self.raw(node) in ALL_ARGUMENTS:
            return [list(state.arguments)]
        ways: list[Words] = [[""]]
        quoted = False
        for texts, split in self._pieces(node, state):
            quoted |= not split
            values = separated(texts, state) if split else texts
            ways = [joined(way, each, split) for way in ways for each in values]
            if len(ways) > MOST or any(len(way[-1]) > LONGEST_WORD for way in ways if way):
                ways = [[HOLES]]
        if not quoted:
            ways = [[word for word in way if word] for way in ways]  # nothing at all is no word
        return [[last for word in way for last in tilde(braced(word), state)] for way in ways]

    def values(self, node: Node | None, state: State) -> Values:
        """What an assignment stores: no splitting, no globs."""
        if node is None:
            return ("",)
        made: Values = ("",)
        for text, _split in self._pieces(node, state):
            made = tuple(dict.fromkeys(one + other for one in made for other in text))
            if len(made) > MOST or any(len(each) > LONGEST for each in made):
                return (HOLE,)  # a variable that holds itself twice grows without bound
        return tuple(each for value in made for each in tilde([unmarked(value)], state))

    def raw(self, node: Node) -> str:
        """The text of a node as it stands."""
        return self.text[node.start_byte : node.end_byte].decode()

    def _pieces(self, node: Node, state: State) -> Iterator[tuple[Values, bool]]:
        """What a word is made of: the values that a piece may have, and whether the shell splits them."""
        kind = node.type
        if kind in LITERAL:
            yield (plain_word(self.raw(node)) if node.end_byte > node.start_byte else "",), False
        elif kind == "raw_string":
            yield (self.raw(node)[1:-1],), False
        elif kind == "ansi_c_string":
            yield (ansi_quoted(self.raw(node)[2:-1]),), False
        elif kind in ("string", "translated_string"):
            yield from self._string(node, state)
        elif kind in ("concatenation", "command_name"):
            yield from self._concatenation(node, state)
        elif kind == "brace_expression":
            yield (plain_word(self.raw(node)),), False
        else:
            yield self._expansion(node, state), kind != "arithmetic_expansion"

    def _concatenation(self, node: Node, state: State) -> Iterator[tuple[Values, bool]]:
        at = begin = node.start_byte
        for child in node.children:
            if child.start_byte > at:
                yield (HOLE,), False  # text that no node accounts for
                begin = child.start_byte
            if child.type in LITERAL or (child.type != "$" and not child.is_named):
                at = child.end_byte  # a bracket or a brace may go on in the next piece
                continue
            if begin < child.start_byte:
                yield (plain_word(self.text[begin : child.start_byte].decode()),), False
            begin = child.end_byte
            if child.type == "$":  # of `$$`, the shell's own number, or for itself
                yield (self._dollar(child),), False
            else:
                yield from self._pieces(child, state)
            at = child.end_byte
        if begin < at:
            yield (plain_word(self.text[begin:at].decode()),), False

    def _dollar(self, node: Node) -> str:
        if self.text[node.end_byte : node.end_byte + 1] == b"$":
            return TAME
        return "" if self.text[node.start_byte - 1 : node.start_byte] == b"$" else "$"

    def _string(self, node: Node, state: State) -> Iterator[tuple[Values, bool]]:
        """The literal text is what lies between the expansions: the tree drops some of it."""
        yield ("",), False
        begin = self.text.index(b'"', node.start_byte) + 1
        string = node if node.type == "string" else node.children[-1]
        for child in string.children:
            if child.type in INSIDE_STRINGS:
                yield (self._quoted(begin, child.start_byte),), False
                told = self._expansion(child, state)
                many = SEVERAL.search(self.raw(child)) is not None
                yield told if many else tuple(one_word(each) for each in told), False
                begin = child.end_byte
        yield (self._quoted(begin, string.end_byte - 1),), False

    def _quoted(self, begin: int, end: int) -> str:
        raw = self.text[begin:end].decode()
        return double_quoted(raw) if "\\" in raw else raw

    def _expansion(self, node: Node, state: State) -> Values:
        kind = node.type
        if kind == "simple_expansion":
            if self.raw(node) == "$@" and state.arguments and len(state.arguments) > 1:
                return (HOLES,)
            return expanded(self.raw(node)[1:], state)
        if kind == "expansion":
            return self._braced(node, state)
        if kind in ("command_substitution", "process_substitution"):
            return self.substituted(node)
        self._visit(node)
        if kind == "arithmetic_expansion":
            self.reckon((node,), node, state)
            return (TAME,)
        return (HOLE,)

    def _braced(self, node: Node, state: State) -> Values:
        """``${…}``, which may assign, reckon, or take a text for a prompt."""
        self._visit(node)
        raw = self.raw(node)
        if "=" in raw:
            self._given(raw[2:-1], state)
        if (
            raw.startswith("${!")
            and raw[3:-1] in state.variables
            and any(map(hidden.free, state.value(raw[3:-1])))
        ):
            self.note(node, "takes the value of a name that is only known when it runs")
        if raw.endswith("@P}"):
            self.note(node, "a value that is read as a prompt, which may run something")
        if (places := PLACES.fullmatch(raw)) and not _has_names(places[1], self.text):
            return (TAME,)  # numbers
        if ":" in raw or "[" in raw:
            self.reckon(self._reckoned_in(node), node, state)
        return expanded(raw[2:-1], state)

    def _reckoned_in(self, node: Node) -> Sequence[Node]:
        """What ``${name[…]:…}`` reckons with; the index of a list with names is a text, and nobody evaluates it."""
        if node.named_child_count == 0:
            return ()
        first = node.named_children[0]
        if first.type != "subscript" or _has_names(self.raw(first.named_children[0]), self.text):
            return node.named_children[1:]
        return [*first.named_children[1:], *node.named_children[1:]]

    def _given(self, text: str, state: State) -> None:
        """``${X:=value}`` assigns where there is nothing yet."""
        match = GIVING.fullmatch(text)
        if match is None:
            return
        name, value = match.groups()
        before = state.value(name)
        if name not in state.variables or any(not each or unknown(each) for each in before):
            state.assign(name, either(before, (value if STATIC.fullmatch(value) else HOLE,)))

    def reckon(self, nodes: Sequence[Node], at: Node, state: State) -> None:
        """Arithmetic evaluates what its names hold, and an index in it may run something."""
        for node in nodes:
            for name in hidden.names(node, self.text, state):
                if hidden.reckoned(expanded(name, state)):
                    self.note(at, f"reckons with {name}, whose value may be a text that runs something")
                    return

    def _visit(self, node: Node) -> None:
        """Judge the commands within; what they print is not followed."""
        for child in node.children:
            if child.type in ("command_substitution", "process_substitution"):
                self.substituted(child)
            else:
                self._visit(child)

    def visit(self, node: Node) -> None:
        """Judge every command that stands within a node that is no word."""
        if node.type in ("command_substitution", "process_substitution"):
            self.substituted(node)
        else:
            self._visit(node)


def _has_names(name: str, text: bytes) -> bool:
    """Whether the script says of a list that its places have names."""
    return re.search(rb"-[a-zA-Z]*A[a-zA-Z]*[ \t]+" + re.escape(name.encode()) + rb"\b", text) is not None
