"""Talk goes to stderr: a line that is written over on a terminal, plain lines for what stays."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from drkit.core.errors import UsageError
from drkit.core.text import harmless, harmless_lines


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A function that shows what is going on; on a terminal one line that vanishes, otherwise nothing."""
    if not sys.stderr.isatty():
        yield lambda _message: None
        return
    width = shutil.get_terminal_size().columns - 1

    def show(message: str) -> None:
        sys.stderr.write(f"\r\x1b[K{harmless(message)[:width]}")
        sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


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
