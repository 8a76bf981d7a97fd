"""Shell text into a tree: tree-sitter, in bulk."""

from __future__ import annotations

from functools import cache

import tree_sitter
import tree_sitter_bash

Node = tree_sitter.Node


@cache
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


def parse(text: bytes) -> Node | None:
    """The root of the tree; None where the parser cannot make sense of the text."""
    tree = _parser().parse(text)
    root = tree.root_node
    return None if root.has_error else root
