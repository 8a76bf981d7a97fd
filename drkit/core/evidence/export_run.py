"""The entries of one run, each with a proof that it is in the log that was signed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drkit.core.canonical import canonical
from drkit.core.errors import UsageError
from drkit.core.evidence import layout, proving, sightings
from drkit.core.evidence.bundle import Bundle
from drkit.core.evidence.errors import DamagedLogError, surfaced
from drkit.core.evidence.export import Exported, Source, complete
from drkit.core.evidence.merkle import leaf_hash
from drkit.core.evidence.sightings import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from drkit.core.evidence.problems import Problem


@dataclass(frozen=True, slots=True)
class Chosen:
    """A run's entries: their lines, without newlines, by their indexes in the log."""

    run: str
    lines: dict[int, bytes]


def export_run(source: Source, target: Path, prefix: str, at: datetime) -> Exported:
    """Write one run's entries with their proofs, and how to verify them, to an empty directory.

    The proofs lead to a checkpoint that was kept outside where one is readable and covers the run, for that
    is the one which the other party can get from elsewhere.

    Raises:
        UsageError: not exactly one run begins so, no signed checkpoint covers it, the directory is not empty.
        DamagedLogError: the log does not lead to the checkpoint.
        EvidenceError: something cannot be read or written.
    """
    log = source.evidence / layout.LOG
    with surfaced(log, "read"):
        chosen = _find(log, prefix)
        sighting = _checkpoint_over(source, max(chosen.lines))
        root, paths = _prove(log, sighting.size, chosen)
    if root != sighting.checkpoint.root:
        raise DamagedLogError(
            f"{log} does not lead to {sighting.where}", hint="drkit evidence verify names the lines"
        )
    bundle = Bundle.begin(target)
    exported = Exported(len(chosen.lines), 1, int(sighting.outside))
    with surfaced(target, "written"):
        bundle.add("entries.jsonl", b"".join(line + b"\n" for line in chosen.lines.values()))
        bundle.add("proofs.jsonl", b"".join(_proof(index, paths[index]) for index in chosen.lines))
        bundle.add("checkpoint", sighting.checkpoint.signed)
        facts = {"run": chosen.run, "entries": str(len(chosen.lines)), "size": str(sighting.size)}
        facts["source"] = sighting.where if sighting.outside else "the host itself"
        complete(source, bundle, exported, "run.md", at, facts)
    return exported


def _find(log: Path, prefix: str) -> Chosen:
    """The one run whose id begins so."""
    runs: dict[str, dict[int, bytes]] = {}
    # A line that cannot hold it is not read as JSON: most lines belong to other runs.
    mark = b'"run":' + canonical(prefix)[:-1]
    with log.open("rb") as stream:
        for index, line in enumerate(layout.lines(stream)):
            if mark in line and line.endswith(b"\n") and (run := _run_of(line)).startswith(prefix):
                runs.setdefault(run, {})[index] = line[:-1]
    if len(runs) != 1:
        names = ": " + ", ".join(list(runs)[:5]) if runs else ""
        raise UsageError(
            f"{len(runs) or 'no'} runs begin with {prefix}{names}", hint="`drkit history` lists what there is"
        )
    [(run, lines)] = runs.items()
    return Chosen(run, lines)


def _run_of(line: bytes) -> str:
    try:
        entry = json.loads(line)
    except ValueError:
        return ""
    run = entry.get("run") if isinstance(entry, dict) else None
    return run if isinstance(run, str) else ""


def _checkpoint_over(source: Source, index: int) -> Sighting:
    """An authentic checkpoint that covers an entry: the largest from outside, or else of the host."""
    ignored: list[Problem] = []
    verifier_keys = source.verifier_keys()
    found = sightings.beside(source.evidence, ignored)
    found += sightings.elsewhere(source.evidence, source.outsides, verifier_keys, ignored)
    judged = (sightings.authenticate(one, verifier_keys) for one in found)
    covering = [one for one in judged if isinstance(one, Sighting) and one.size > index]
    if not covering:
        raise UsageError(
            f"no signed checkpoint covers entry {index} of the run",
            hint="wait for the run to end, or sign what there is: drkit evidence checkpoint",
        )
    return max(covering, key=lambda one: (one.outside, one.size))


def _prove(log: Path, size: int, chosen: Chosen) -> tuple[bytes, dict[int, list[bytes]]]:
    try:
        return proving.inclusion_proofs(_leaves(log, size), size, chosen.lines)
    except ValueError as error:
        raise DamagedLogError(
            f"{log} is shorter than its checkpoint: {error}", hint="drkit evidence verify names the lines"
        ) from error


def _leaves(log: Path, size: int) -> Iterator[bytes]:
    with log.open("rb") as stream:
        for _, line in zip(range(size), layout.lines(stream), strict=False):
            yield leaf_hash(line.removesuffix(b"\n"))


def _proof(index: int, path: list[bytes]) -> bytes:
    return canonical({"index": index, "path": [node.hex() for node in path]}) + b"\n"
