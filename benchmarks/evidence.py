"""How fast evidence is written and verified: entries a second, as JSON.

    python benchmarks/evidence.py [--entries N] [--batch N]

``append`` covers canonical JSON, the Merkle tree, writing in batches, and one checkpoint with its fsync at
the end; ``append_singly`` the same with a write for each entry. ``open`` is the opening of a log whose last
writer closed it, ``open_all`` that of one which something else touched, and ``open_forged`` that of one whose
kept tree was forged: the last two read all of it, as ``verify`` always does.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drkit.core.evidence import keys
from drkit.core.evidence.log import EvidenceLog
from drkit.core.evidence.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable

    from drkit.core.evidence.note import Signer


def entry(number: int) -> dict[str, Any]:
    """An entry like those of a run: about 230 bytes, two objects within."""
    return {
        "at": "2026-03-01T04:00:00Z",
        "kind": "action.done",
        "run": "01JNQ3ZK5S",
        "step": "snapshots.take",
        "action": {"effect": "CREATE", "target": f"disk-{number:08x}"},
        "output": {"snapshot": f"snap-{number:08x}", "size_gb": 50},
        "ok": True,
    }


@dataclass
class Stopwatch:
    """Time in its ``with`` blocks, by the clock and by this process's CPU."""

    wall: float = 0.0
    processor: float = 0.0

    def __enter__(self) -> None:
        self.wall -= time.perf_counter()
        self.processor -= time.process_time()

    def __exit__(self, *_: object) -> None:
        self.wall += time.perf_counter()
        self.processor += time.process_time()

    def figures(self, count: int) -> dict[str, int]:
        """Entries a second."""
        return {
            "entries_per_s": round(count / self.wall),
            "entries_per_cpu_s": round(count / self.processor),
        }


def append(directory: Path, signer: Signer, count: int, batch: int) -> dict[str, int]:
    """Write all entries and sign one checkpoint; making up the entries is not measured."""
    watch = Stopwatch()
    with EvidenceLog.open(directory, signer) as log:
        for start in range(0, count, batch):
            entries = [entry(number) for number in range(start, min(start + batch, count))]
            with watch:
                log.extend(entries)
        with watch:
            log.checkpoint()
    return watch.figures(count)


def append_singly(directory: Path, signer: Signer, count: int, batch: int) -> dict[str, int]:
    """The same with a write for each entry."""
    watch = Stopwatch()
    with EvidenceLog.open(directory, signer) as log:
        for start in range(0, count, batch):
            entries = [entry(number) for number in range(start, min(start + batch, count))]
            with watch:
                for one in entries:
                    log.append(one)
        with watch:
            log.checkpoint()
    return watch.figures(count)


def timed(count: int, work: Callable[[], object]) -> dict[str, int]:
    """The figures of one piece of work."""
    watch = Stopwatch()
    with watch:
        work()
    return watch.figures(count)


def opened(log: Path, signer: Signer) -> dict[str, float]:
    """How long opening takes, by the clock and by this process's CPU."""
    watch = Stopwatch()
    with watch:
        EvidenceLog.open(log, signer).close()
    return {"seconds": round(watch.wall, 4), "cpu_seconds": round(watch.processor, 4)}


def forge(log: Path) -> None:
    """Put hashes that are none into the kept tree, which is otherwise as it should be."""
    tree = log / "tree"
    told = json.loads(tree.read_bytes())
    told["edge"] = ["00" * 32 for _ in told["edge"]]
    tree.write_text(json.dumps(told))


def measure(base: Path, count: int, batch: int) -> dict[str, Any]:
    """All figures, in a directory of their own."""
    signer = keys.create(base / "key", "example.com/benchmark")
    log, outside = base / "evidence", base / "outside"
    figures: dict[str, Any] = {"entries": count, "batch": batch}
    figures["append"] = append(log, signer, count, batch)
    figures["append_singly"] = append_singly(base / "singly", signer, count, batch)
    outside.write_bytes((log / "checkpoint").read_bytes())
    figures["open"] = opened(log, signer)
    forge(log)
    figures["open_forged"] = opened(log, signer)
    (log / "log.jsonl").touch()
    figures["open_all"] = opened(log, signer)
    figures["verify"] = timed(count, lambda: verify(log, [signer.key], [outside]))
    return {**figures, "bytes": (log / "log.jsonl").stat().st_size}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--entries", type=int, default=200_000)
    parser.add_argument("--batch", type=int, default=1_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as base:
        print(json.dumps(measure(Path(base), arguments.entries, arguments.batch), indent=2))


if __name__ == "__main__":
    main()
