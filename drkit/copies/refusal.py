"""Why a copy was not judged: a name for scripts, a sentence for people."""

from __future__ import annotations


class RefusedError(Exception):
    """What is there cannot be believed or not be read, so nothing is concluded from it.

    Args:
        name: one of the names in docs/copies.md, such as ``file-altered``.
        why: what was seen, in one sentence.
    """

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.name = name
        self.why = why
