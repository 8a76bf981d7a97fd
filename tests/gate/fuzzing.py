"""A fuzzer that is led by what it reaches: python tests/gate/fuzzing.py DIR -runs=100000; the corpora are its seeds."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["drkit.gate"]):
    from drkit.gate.classify.shell import judge_shell

ROOM_MS, MS_A_KB = 2_000, 200  # measured code runs several times as long


def one(raw: bytes) -> None:
    begin = time.process_time()
    found = judge_shell(raw)
    spent = (time.process_time() - begin) * 1000
    assert all(reason.rule != "defect" for reason in found.reasons), found.reasons
    assert spent < ROOM_MS + MS_A_KB * len(raw) / 1024, f"{spent:.0f} ms"


def seeds(directory: Path) -> None:
    """Every line of the corpora as a file."""
    for path in sorted((Path(__file__).parent / "corpora").glob("*.txt")):
        for number, line in enumerate(path.read_text().splitlines()):
            (directory / f"{path.stem}-{number}").write_text(line.replace("␤", "\n"))


if __name__ == "__main__":
    home = Path(sys.argv[1])
    seeds(home)
    atheris.Setup([sys.argv[0], *sys.argv[2:], str(home)], one)
    atheris.Fuzz()
