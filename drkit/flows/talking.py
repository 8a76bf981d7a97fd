"""Talk goes to stderr: a line with a bar, written over, on a terminal; plain lines for what stays."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from drkit.core.errors import UsageError
from drkit.core.text import harmless, harmless_lines

HOW_FAR = re.compile(r"\b([0-9]{1,9}) of ([1-9][0-9]{0,8})\b")
BAR = 20  # characters


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A function that shows what is going on; on a terminal one line that vanishes, otherwise nothing."""
    if not sys.stderr.isatty():
        yield lambda _message: None
        return
    width = shutil.get_terminal_size().columns - 1

    def show(message: str) -> None:
        sys.stderr.write(f"\r\x1b[K{(bar(message) + harmless(message))[:width]}")
        sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def bar(message: str) -> str:
    """A bar before a message that says how far it is, as ``3 of 60``; nothing before any other."""
    found = HOW_FAR.search(message)
    if found is None:
        return ""
    done = min(BAR, BAR * int(found[1]) // int(found[2]))
    return f"[{'#' * done}{'.' * (BAR - done)}] "


def say(message: str) -> None:
    """One line that stays."""
    print(harmless_lines(message), file=sys.stderr)


def confirm(question: str) -> bool:
    """Ask a person.

    Raises:
        UsageError: there is nobody to ask.
    """
    if not sys.stdin.isatty():
        raise UsageError(
            "this would change something, and there is no terminal to ask at",
            hint="look at it with `drkit plan`, and run it with --yes",
        )
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
