"""The second opinion on a shell text: ``shfmt``, a process with a bounded time."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from drkit.gate.classify.parsing import Node, parse

SECONDS = 2.0
LONGEST = 128 * 1024  # bytes; what is longer has no second opinion, and so is not agreed upon


@cache
def _program() -> str:
    """The binary beside the interpreter; PATH decides nothing here."""
    return str(Path(sys.executable).parent / "shfmt")


def rewritten(text: bytes) -> bytes | None:
    """The same script in plainer spelling; None where shfmt cannot read it either."""
    return _ask(text, "-ln", "bash", "-s")


def agrees(text: bytes) -> bool:
    """Whether both parsers see the same command words, and the same redirections, at the same places."""
    import json

    told = _ask(text, "-ln", "bash", "--to-json")
    root = parse(text)
    if told is None or root is None:
        return False
    return set(_starts(json.loads(told))) == set(_named(root, text))


def _ask(text: bytes, *options: str) -> bytes | None:
    if len(text) > LONGEST:
        return None
    import subprocess

    try:
        done = subprocess.run(
            [_program(), *options], input=text, capture_output=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _starts(tree: Any) -> Iterator[int]:
    """Where each command's name begins, and as a negative number where each redirection goes, by shfmt."""
    pending = [tree]
    while pending:
        each = pending.pop()
        if isinstance(each, list):
            pending += each
        elif isinstance(each, dict):
            if each.get("Type") == "CallExpr" and each.get("Args"):
                yield each["Args"][0]["Pos"]["Offset"]
            for moved in each.get("Redirs") or ():
                if moved.get("Word") and not _closes(moved["Word"]):
                    yield -moved["Word"]["Pos"]["Offset"]
            pending += each.values()


def _closes(word: Any) -> bool:
    """``2>&-`` has no target."""
    return [part.get("Value") for part in word.get("Parts", ())] == ["-"]


def _named(root: Node, text: bytes) -> Iterator[int]:
    """The same by tree-sitter."""
    pending = [root]
    while pending:
        each = pending.pop()
        if (
            each.type == "command_name"
            or (each.type == "test_command" and each.children[0].type == "[")
            or each.type == "unset_command"
        ):
            yield _timed(each, text).start_byte
        target = _target(each)
        if target is not None and text[target.start_byte : target.end_byte] != b"-":
            yield -target.start_byte
        pending += each.children


def _timed(name: Node, text: bytes) -> Node:
    """``time`` is a word of the language: the command begins after it."""
    while text[name.start_byte : name.end_byte] in (b"time", b"-p") and name.next_sibling is not None:
        name = name.next_sibling
    return name


def _target(node: Node) -> Node | None:
    """The word of a redirection; of a heredoc the word that ends it."""
    if node.type == "file_redirect":
        return node.child_by_field_name("destination")
    if node.type == "herestring_redirect":
        return node.named_children[-1] if node.named_children else None
    return node if node.type == "heredoc_start" else None
