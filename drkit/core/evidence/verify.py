"""Holding a log against its checkpoints, with nothing but the files and the verifier keys."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from drkit.core.evidence import comparison, layout, problems, sightings
from drkit.core.evidence.problems import Problem, Verdict
from drkit.core.evidence.scan import scan

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from drkit.core.evidence.note import VerifierKey


@dataclass(frozen=True)
class Verification:
    """What is known about a log.

    Attributes:
        verdict: ``pass`` only when an authentic checkpoint kept elsewhere covers every entry.
        problems: why it is not; empty for ``pass``.
        size: entries in the log.
        root: their Merkle root (32 bytes).
        covered: the first so many entries are under an authentic checkpoint that holds.
        covered_outside: the same under one that was kept elsewhere.
        checkpoints: how many authentic checkpoints hold, wherever they lie.
    """

    verdict: Verdict
    problems: tuple[Problem, ...]
    size: int
    root: bytes
    covered: int
    covered_outside: int
    checkpoints: int


def verify(
    directory: Path, verifier_keys: Sequence[VerifierKey], outside: Iterable[bytes | Path] = ()
) -> Verification:
    """Verify a log: each line, each checkpoint beside it, and those kept elsewhere.

    A log fails when a line is unreadable, when a checkpoint beside it is not authentic, or when an authentic
    one, wherever it lies, has another root or more entries than the log. What nothing proves is unknown: see
    `problems`.

    Args:
        directory: with ``log.jsonl``; it may be missing, which is never a pass.
        verifier_keys: every key that ever signed this log.
        outside: checkpoints kept elsewhere: their bytes, files, or directories of files. Those signed by an
            unknown key prove nothing, and count as something that could not be checked.
    """
    found_problems: list[Problem] = []
    found = sightings.beside(directory, found_problems)
    found += sightings.elsewhere(directory, outside, verifier_keys, found_problems)
    judged = [sightings.authenticate(one, verifier_keys) for one in found]
    seen = [one for one in judged if isinstance(one, sightings.Sighting)]
    found_problems += [one for one in judged if isinstance(one, Problem)]

    scanned = scan(directory / layout.LOG, {one.size for one in seen})
    compared = comparison.compare(seen, scanned.roots, scanned.tree.size)
    found_problems = [*scanned.problems, *compared.problems, *found_problems]
    size = scanned.tree.size
    covered, covered_outside = (compared.covered, compared.covered_outside) if verifier_keys else (0, 0)
    found_problems += _gaps(size, covered, covered_outside, has_keys=bool(verifier_keys))
    if size and not (directory / layout.LATEST).exists():
        found_problems.append(problems.latest_missing())
    return Verification(
        _verdict(found_problems),
        tuple(sorted(found_problems, key=lambda problem: problem.verdict)),  # "fail" before "unknown"
        size,
        scanned.tree.root(),
        covered,
        covered_outside,
        compared.holding if verifier_keys else 0,
    )


def _gaps(size: int, covered: int, covered_outside: int, *, has_keys: bool) -> list[Problem]:
    """What no checkpoint proves."""
    gaps = [] if size else [problems.empty()]
    if not has_keys:
        return [*gaps, problems.no_key()]
    if covered < size:
        gaps.append(problems.uncovered(covered, size))
    if not covered_outside:
        gaps.append(problems.self_signed())
    elif covered_outside < covered:
        gaps.append(problems.newer_than_outside(covered_outside, covered))
    return gaps


def _verdict(found: Sequence[Problem]) -> Verdict:
    if any(problem.verdict == "fail" for problem in found):
        return "fail"
    return "unknown" if found else "pass"
