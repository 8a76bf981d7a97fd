"""Compound statements that branch and repeat, and what declares: each method is named after its node."""

from __future__ import annotations

import re

from drkit.gate.classify import redirects
from drkit.gate.classify.assignments import assign, judge
from drkit.gate.classify.calls import call
from drkit.gate.classify.hidden import free, indexed
from drkit.gate.classify.lists import ListWalker
from drkit.gate.classify.markers import HOLE, HOLES, shown
from drkit.gate.classify.parsing import Node
from drkit.gate.classify.state import ANYTHING, MOST_VALUES, State, Values
from drkit.gate.classify.walking import WORDS, Stdin, Walker
from drkit.gate.classify.words import Expander

ROUNDS = 3
INTEGERS = re.compile(r"-[a-zA-Z]*i[a-zA-Z]*")
RECKONING = frozenset(("-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-v"))


class BlockWalker(ListWalker):
    """A walker of all statements."""

    def _if_statement(self, node: Node, state: State, stdin: Stdin) -> Values:
        otherwise = state.copy()
        branch = state
        passed_then = False
        for child in node.children:
            if child.type == "then":
                otherwise = state.copy()
                passed_then = True
            elif child.type in ("elif_clause", "else_clause"):
                branch = otherwise.copy()
                self.visit(child, branch, stdin)
                state.join(branch)
                otherwise.join(branch)
            elif child.is_named and child.type != "comment":
                self._statement(child, branch if passed_then else state, stdin)
        state.join(otherwise)
        return (HOLE,)

    def _elif_clause(self, node: Node, state: State, stdin: Stdin) -> Values:
        return self._sequence(node.named_children, state, stdin)

    def _while_statement(self, node: Node, state: State, stdin: Stdin) -> Values:
        return self._repeated(node.named_children, state, stdin)

    def _c_style_for_statement(self, node: Node, state: State, stdin: Stdin) -> Values:
        body = node.child_by_field_name("body")
        expander = self.expander(state)
        for child in node.named_children:
            if child != body:
                expander.visit(child)
                expander.reckon((child,), child, state)
        return self._repeated([body] if body else [], state, stdin)

    def _for_statement(self, node: Node, state: State, stdin: Stdin) -> Values:
        name = node.child_by_field_name("variable")
        body = node.child_by_field_name("body")
        expander = self.expander(state, stdin)
        values: list[str] = []
        for child in node.children_by_field_name("value"):
            values += [word for way in expander.words(child, state) for word in way]
        if name is None or body is None or node.children[0].type == "select":
            values = [HOLE]
        elif not any(child.type == "in" for child in node.children):
            values = list(state.arguments) if state.arguments is not None else [HOLE]
        if name is not None:
            self._each(self.raw(name), values, state)
        return self._repeated([body] if body else [], state, stdin)

    def _each(self, name: str, values: list[str], state: State) -> None:
        told = tuple(dict.fromkeys(HOLE if each == HOLES else each for each in values))
        state.assign(name, told if 0 < len(told) <= MOST_VALUES else ANYTHING)

    def _repeated(self, nodes: list[Node], state: State, stdin: Stdin) -> Values:
        """Nobody knows how often: the state at the beginning may be that of any end."""
        for number in range(ROUNDS):
            begun = state.copy()
            self._sequence(nodes, state, stdin)
            state.join(begun)
            if (state.variables, state.directory, state.arguments) == (
                begun.variables,
                begun.directory,
                begun.arguments,
            ):
                return (HOLE,)
            if number == ROUNDS - 2:
                self._widen(begun, state)
        return (HOLE,)

    def _widen(self, begun: State, state: State) -> None:
        for name, values in state.variables.items():
            if begun.variables.get(name) != values:
                state.variables[name] = ANYTHING
        if begun.directory != state.directory:
            state.directory = (*begun.directory, HOLE)

    def _case_statement(self, node: Node, state: State, stdin: Stdin) -> Values:
        begun = state.copy()
        for child in node.named_children:
            if child.type == "case_item":
                branch = begun.copy()
                self._sequence(child.named_children, branch, stdin)
                state.join(branch)
            else:
                self.expander(state).visit(child)
        return (HOLE,)

    def _function_definition(self, node: Node, state: State, _stdin: Stdin) -> Values:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is None or body is None:
            self.context.note("construct", "a function that cannot be followed", self.at(node))
            return (HOLE,)
        redirects.follow(self, node.children_by_field_name("redirect"), state.copy(), None)
        state.functions[self.raw(name)] = ((self, body),)
        own = state.copy()
        own.arguments = None
        self.visit(body, own)  # whoever calls it later, with whatever
        return ("",)

    def _variable_assignment(self, node: Node, state: State, _stdin: Stdin) -> Values:
        assign(self, node, state)
        return ("",)

    def _variable_assignments(self, node: Node, state: State, _stdin: Stdin) -> Values:
        for child in node.named_children:
            assign(self, child, state)
        return ("",)

    def _declaration_command(self, node: Node, state: State, _stdin: Stdin) -> Values:
        """``export``, ``local``, ``declare``, ``readonly``, ``typeset``."""
        integers = any(INTEGERS.fullmatch(self.raw(child)) for child in node.named_children)
        for child in node.named_children:
            if child.type == "variable_assignment":
                assign(self, child, state)
                if integers:
                    self.reckoned(child, state)
            elif child.type == "variable_name":
                state.variables.setdefault(
                    self.raw(child), ANYTHING if self._is_local(node) else state.value(self.raw(child))
                )
            else:
                for way in self.expander(state).words(child, state):
                    self._declared_word(node, way, state)
        return ("",)

    def _is_local(self, node: Node) -> bool:
        return self.raw(node.children[0]) != "export"

    def _declared_word(self, node: Node, words: list[str], state: State) -> None:
        for word in words:
            name, equals, value = word.partition("=")
            if word.startswith("-") and "n" in word:
                self.context.note("construct", "a name that stands for another variable", self.at(node))
            elif HOLE in name or HOLES in name or "[" in name:
                self.context.note(
                    "opaque", "which variable it sets is only known when it runs", self.at(node)
                )
            elif equals:
                state.assign(name, (value,))

    def _unset_command(self, node: Node, state: State, _stdin: Stdin) -> Values:
        words = [
            word
            for child in node.named_children
            for way in self.expander(state).words(child, state)
            for word in way
        ]
        for word in words:
            if indexed(word) or free(word):
                self.context.note(
                    "opaque", f"unset: an index that may run something: {shown(word)}", self.at(node)
                )
            if not word.startswith("-"):
                state.variables[word] = ("",)
                judge(self, word, ("",), self.at(node))
        return ("",)

    def _test_command(self, node: Node, state: State, stdin: Stdin) -> Values:
        expander = self.expander(state, stdin)
        expander.visit(node)
        self._tested(node, state, expander)
        return ("",)

    def _tested(self, node: Node, state: State, expander: Expander) -> None:
        """Comparing numbers, and ``-v``, evaluate what they are given."""
        numbers = node.child_by_field_name("operator")
        if numbers is not None and self.raw(numbers) in RECKONING:
            expander.reckon((node,), node, state)
            if any(
                indexed(value)
                for child in node.named_children
                if child.type in WORDS
                for value in expander.values(child, state)
            ):
                self.context.note("opaque", "a number or a name that runs something", self.at(node))
        for child in node.named_children:
            if child.type not in WORDS:
                self._tested(child, state, expander)

    def _coproc(self, node: Node, state: State, stdin: Stdin) -> Values:
        return self._sequence(node.named_children, state.copy(), stdin)


def invoke(walker: Walker, name: str, arguments: list[str], state: State, stdin: Stdin) -> None:
    """Call a function of the script, in each of the bodies that it may have."""
    outer = state.arguments
    for owner, body in state.functions[name]:
        walker.context.deeper()
        own = state.copy()
        own.arguments = None if HOLES in "".join(arguments) else tuple(arguments)
        owner.visit(body, own, stdin)
        walker.context.depth -= 1
        own.arguments = outer
        state.join(own)


__all__ = ["BlockWalker", "call", "invoke"]
