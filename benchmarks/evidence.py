"""How fast evidence is written and verified: entries a second, as JSON.

    python benchmarks/evidence.py [--entries N] [--batch N]

``append`` covers canonical JSON, the Merkle tree, writing in batches, and one checkpoint with its fsync at
the end; ``append_singly`` the same with a write for each entry; ``open`` and ``verify`` read the log again.
"""

from __future__ import annotations

import argparse
import gc
import json
import tempfile
import time
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


def timed(count: int, work: Callable[[], object]) -> dict[str, int]:
    """Entries a second, by the clock and by this process's CPU."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    return {"entries_per_s": round(count / wall), "entries_per_cpu_s": round(count / processor)}


def append(directory: Path, signer: Signer, entries: list[dict[str, Any]], batch: int) -> None:
    """Write all entries and sign one checkpoint."""
    with EvidenceLog.open(directory, signer) as log:
        for start in range(0, len(entries), batch):
            log.extend(entries[start : start + batch])
        log.checkpoint()


def append_singly(directory: Path, signer: Signer, entries: list[dict[str, Any]]) -> None:
    """Write each entry by itself and sign one checkpoint."""
    with EvidenceLog.open(directory, signer) as log:
        for one in entries:
            log.append(one)
        log.checkpoint()


def measure(base: Path, count: int, batch: int) -> dict[str, Any]:
    """All figures, in a directory of their own."""
    signer = keys.create(base / "key", "example.com/benchmark")
    entries = [entry(number) for number in range(count)]
    gc.freeze()  # the entries of the measurement itself are not what the collector should walk
    log, outside = base / "evidence", base / "outside"
    figures: dict[str, Any] = {"entries": count, "batch": batch}
    figures["append"] = timed(count, lambda: append(log, signer, entries, batch))
    figures["append_singly"] = timed(count, lambda: append_singly(base / "singly", signer, entries))
    outside.write_bytes((log / "checkpoint").read_bytes())
    figures["open"] = timed(count, lambda: EvidenceLog.open(log, signer).close())
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
