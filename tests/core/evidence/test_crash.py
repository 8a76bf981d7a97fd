"""The death of a process and a full disk, with real processes and the real kernel."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from drkit.core.evidence import keys
from drkit.core.evidence.errors import EvidenceError
from drkit.core.evidence.log import EvidenceLog
from drkit.core.evidence.reading import read
from drkit.core.evidence.verify import verify

APPENDER = """
import sys
from pathlib import Path
from drkit.core.evidence import keys
from drkit.core.evidence.errors import EvidenceError
from drkit.core.evidence.log import EvidenceLog
with EvidenceLog.open(Path(sys.argv[1]), keys.load(Path(sys.argv[2]))) as log:
    print(flush=True)
    while True:
        number = log.append({"number": log.size, "filler": "x" * 200})
        print(number, flush=True)
        if number % 50 == 49:
            log.checkpoint()
"""

LIMITED = """
import resource, signal, sys
from pathlib import Path
from drkit.core.errors import DrkitError
from drkit.core.evidence import keys
from drkit.core.evidence.errors import EvidenceError
from drkit.core.evidence.log import EvidenceLog
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
with EvidenceLog.open(Path(sys.argv[1]), keys.load(Path(sys.argv[2]))) as log:
    try:
        while True:
            log.append({"number": log.size, "filler": "x" * 200})
    except DrkitError as error:
        print(log.size, error.status, bool(error.hint))
    try:
        log.append({"filler": "x" * 5000})
    except DrkitError:
        print("again")
    print(log.append({}))
    log.checkpoint()
"""

FULL = """
import sys
from pathlib import Path
from drkit.core.errors import DrkitError
from drkit.core.evidence import keys
from drkit.core.evidence.errors import EvidenceError
from drkit.core.evidence.log import EvidenceLog
with EvidenceLog.open(Path(sys.argv[1]), keys.load(Path(sys.argv[2]))) as log:
    try:
        while True:
            log.append({"number": log.size, "filler": "x" * 3000}, durable=True)
    except DrkitError as error:
        print(log.size, error.hint)
"""


@pytest.fixture
def pair(tmp_path):
    keys.create(tmp_path / "pair", "example.com/estate")
    return tmp_path / "pair"


def test_nothing_appended_is_lost_when_the_process_is_killed(tmp_path, pair):
    directory, said = tmp_path / "evidence", -1
    for round_ in range(3):
        command = [sys.executable, "-c", APPENDER, str(directory), str(pair)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            process.stdout.readline()  # it appends from now on
            time.sleep(0.05 + 0.03 * round_)
            os.kill(process.pid, signal.SIGKILL)
            numbers = [line for line in process.stdout.read().split("\n")[:-1] if line]
        assert process.returncode == -signal.SIGKILL
        said = int(numbers[-1])
    with EvidenceLog.open(directory, keys.load(pair)) as log:
        assert log.size > said
        checkpoint = log.checkpoint()
    entries = [entry for _, entry in read(directory)]
    assert all(entry.get("number", index) == index for index, entry in enumerate(entries))
    assert verify(directory, [keys.load(pair).key], [checkpoint.signed]).verdict == "pass"


def test_a_write_that_fails_halfway_leaves_whole_entries_and_a_log_that_goes_on(tmp_path, pair):
    directory = tmp_path / "evidence"
    command = [sys.executable, "-c", LIMITED, str(directory), str(pair)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    first, again, last = done.stdout.splitlines()
    size = int(first.split()[0])
    assert first.split()[1:] == ["1", "True"]
    assert 10_000 - 300 < (directory / "log.jsonl").stat().st_size <= 10_000
    assert (again, last) == ("again", str(size))
    with EvidenceLog.open(directory, keys.load(pair)) as log:
        assert log.size == size + 1
        assert log.append({"after": True}) == size + 1
    assert not list(directory.glob("torn-*"))


@pytest.fixture
def small_disk(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "drkit-test", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root can mount a small disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_one_clear_error_and_the_log_opens_again(small_disk, pair):
    directory = small_disk / "evidence"
    command = [sys.executable, "-c", FULL, str(directory), str(pair)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    size, hint = done.stdout.split(maxsplit=1)
    assert int(size) > 10
    assert "free space" in hint
    subprocess.run(["mount", "-o", "remount,size=256k", str(small_disk)], check=True)
    with EvidenceLog.open(directory, keys.load(pair)) as log:
        assert log.append({"after": True}) == int(size)
        checkpoint = log.checkpoint()
    assert verify(directory, [keys.load(pair).key], [checkpoint.signed]).verdict == "pass"


def fill(path):
    with path.open("wb", buffering=0) as filler, contextlib.suppress(OSError):
        while True:
            filler.write(b"x" * 4096)


def test_a_checkpoint_that_does_not_fit_loses_no_entry(small_disk, pair):
    directory = small_disk / "evidence"
    command = [sys.executable, "-c", FULL, str(directory), str(pair)]
    size = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[0])
    with EvidenceLog.open(directory, keys.load(pair)) as log:
        fill(small_disk / "filler")
        with pytest.raises(EvidenceError, match="No space left"):
            log.checkpoint()
    (small_disk / "filler").unlink()
    with EvidenceLog.open(directory, keys.load(pair)) as log:
        assert log.size == size


def test_the_benchmark_prints_its_figures_as_json():
    done = subprocess.run(
        [sys.executable, "benchmarks/evidence.py", "--entries", "2000", "--batch", "500"],
        capture_output=True,
        text=True,
        check=True,
    )
    figures = json.loads(done.stdout)
    assert figures["entries"] == 2000
    assert all(figures[name]["entries_per_s"] > 0 for name in ("append", "append_singly", "verify"))
    assert all(figures[name]["seconds"] > 0 for name in ("open", "open_forged", "open_all"))
