"""Statements one after another: lists, pipelines, subshells, redirections; each method is named after its node."""

from __future__ import annotations

from drkit.gate.classify import redirects
from drkit.gate.classify.markers import HOLE
from drkit.gate.classify.parsing import Node
from drkit.gate.classify.state import State, Values
from drkit.gate.classify.walking import Stdin, Walker


class ListWalker(Walker):
    """A walker of lists."""

    def _list(self, node: Node, state: State, stdin: Stdin) -> Values:
        parts = [child for child in node.children if child.type != "comment"]
        if len(parts) != 3 or parts[1].type not in ("&&", "||"):  # noqa: PLR2004 - a, operator, b
            return self._sequence(node.named_children, state, stdin)
        first, operator, second = parts
        earlier, self._failed = self._failed, [state.copy()]
        self.visit(first, state, stdin)
        if operator.type == "||":
            otherwise = self._failed[0]
            for failed in [*self._failed[1:], state]:
                otherwise.join(failed)
            self._failed = []
            self.visit(second, otherwise, stdin)
            if not self._leaves(second):
                state.join(otherwise)
        else:
            self.visit(second, state, stdin)
        self._failed += earlier
        return (HOLE,)

    def _leaves(self, node: Node) -> bool:
        """Whether nothing comes after it: ``cd x || exit``."""
        return self.raw(node).split()[0].strip("{;") in ("exit", "return", "break", "continue") or (
            node.type == "compound_statement"
            and any(self._leaves(child) for child in node.named_children[-1:])
        )

    def _pipeline(self, node: Node, state: State, stdin: Stdin) -> Values:
        for child in node.named_children:
            if child.type != "comment":
                stdin = self._statement(child, state.copy(), stdin)
        return stdin or (HOLE,)

    def _subshell(self, node: Node, state: State, stdin: Stdin) -> Values:
        return self._sequence(node.named_children, state.copy(), stdin)

    def _negated_command(self, node: Node, state: State, stdin: Stdin) -> Values:
        return self._sequence(node.named_children, state, stdin)

    def _redirected_statement(self, node: Node, state: State, stdin: Stdin) -> Values:
        body = node.child_by_field_name("body")
        moved = [child for child in node.named_children if child.type.endswith("_redirect")]
        if body is not None and body.type == "command":
            return self.command(body, state, stdin, moved)
        stdin = redirects.follow(self, moved, state, stdin)
        printed = ("",) if body is None else self.visit(body, state, stdin)
        return redirects.downstream(self, moved, state, printed)
