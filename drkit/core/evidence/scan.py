"""One pass over a log: every line read, and the root at every size that a checkpoint asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drkit.core.evidence import layout, problems
from drkit.core.evidence.lines import LONGEST_LINE, fault
from drkit.core.evidence.merkle import CompactRange, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from drkit.core.evidence.problems import Problem

MOST_LINES = 100  # unreadable lines named one by one; a log of nothing else must not fill the memory


@dataclass
class Scan:
    """What a log holds: its tree, the roots at the sizes asked for, and what is wrong with its lines."""

    tree: CompactRange = field(default_factory=CompactRange)
    roots: dict[int, bytes] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unlisted: int = 0

    def take(self, line: bytes) -> None:
        """Count one line in."""
        content = line.removesuffix(b"\n")
        if content == line and len(line) <= LONGEST_LINE:
            self.problems.append(problems.torn_line(self.tree.size))
            return
        if what := fault(content) if content != line else f"longer than {LONGEST_LINE} bytes":
            self._list(what)
        self.tree.add(leaf_hash(content))

    def _list(self, what: str) -> None:
        if len(self.problems) < MOST_LINES:
            self.problems.append(problems.bad_line(self.tree.size, what))
        else:
            self.unlisted += 1


def scan(log: Path, sizes: AbstractSet[int]) -> Scan:
    """Read a log once; an absent one has no entries, one that cannot be read to its end is a problem."""
    state = Scan()
    if 0 in sizes:
        state.roots[0] = state.tree.root()
    try:
        with log.open("rb") as stream:
            for line in layout.lines(stream):
                state.take(line)
                if state.tree.size in sizes:
                    state.roots[state.tree.size] = state.tree.root()
    except FileNotFoundError:
        pass
    except OSError as error:
        state.problems.append(problems.unreadable(layout.LOG, str(error.strerror)))
    if state.unlisted:
        state.problems.append(problems.more_bad_lines(state.unlisted))
    return state
