"""The program that runs an approved command on a host: exactly what was bound, and nothing of it outlives the session."""

from __future__ import annotations

import base64
import json
import os
import pwd
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from holding import eventually

from drkit.clouds.ssh.handout import run as handout

SHELL = os.path.realpath("/bin/sh")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has files that root alone can change")


def question(*words: str, **changes: Any) -> dict[str, Any]:
    """A command, as the broker sends it."""
    program = changes.get("program", SHELL)
    return {
        "words": words,
        "program": program,
        "program_sha256": sha256(Path(program).read_bytes()).hexdigest(),
        "script": None,
        "files": {},
        "directory": "/",
        "user": pwd.getpwuid(os.geteuid()).pw_name,
        "environment": {"PATH": "/usr/bin:/bin"},
        "seconds": 20,
        **changes,
    }


@contextmanager
def begun(asked: Any) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-I", str(handout.__file__)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        process.stdin.write(asked if isinstance(asked, bytes) else json.dumps(asked).encode() + b"\n")
        process.stdin.flush()
        yield process
    process.wait(20)


def answers(asked: Any) -> list[dict[str, Any]]:
    """All that is said, with the input held open."""
    with begun(asked) as process:
        assert process.stdout is not None
        return [json.loads(line) for line in process.stdout]


def refusal(asked: Any) -> str:
    [only] = answers(asked)
    assert only["said"] == "refused"
    return str(only["why"])


def test_a_command_says_what_it_says_and_how_it_ended() -> None:
    first, *parts, last = answers(question("sh", "-c", "echo out; echo err >&2; exit 3"))
    assert first == {"said": "begun"}
    told = {channel: base64.b64decode(text) for part in parts for channel, text in part.items()}
    assert told == {"out": b"out\n", "err": b"err\n"}
    assert last == {"said": "ended", "status": 3, "why": "", "left": False}


def test_nothing_that_differs_from_what_was_bound_begins(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(SHELL)
    place = tmp_path / "place"
    place.symlink_to("/usr")
    run = ("sh", "-c", "true")
    assert "another file" in refusal(question(*run, program_sha256="0" * 64))
    assert "leads elsewhere" in refusal(question(*run, program=str(link)))
    assert "leads to /usr" in refusal(question(*run, directory=str(place)))
    assert "would run as" in refusal(question(*run, user="somebody"))
    assert "cannot be read" in refusal(question(*run, files={"/nonexistent": "0" * 64}))
    assert "could not be begun" in refusal(question(*run, environment={"A": "x" * 10_000_000}))
    assert answers(b"garbage\n") == []


@needs_root
def test_a_file_that_it_reads_has_to_be_the_one_that_was_bound_and_roots_alone(tmp_path: Path) -> None:
    library = tmp_path / "library.sh"
    library.write_text("echo sourced\n")
    bound = {str(library): sha256(b"echo sourced\n").hexdigest()}
    asked = question("sh", "-c", f". {library}", files=bound)
    assert base64.b64decode(answers(asked)[1]["out"]) == b"sourced\n"
    library.chmod(0o666)
    assert "could be changed while it is read" in refusal(asked)
    library.chmod(0o644)
    library.write_text("echo another\n")
    assert "another file" in refusal(asked)


@needs_root
def test_a_program_that_others_can_write_runs_from_a_copy_that_nobody_can(tmp_path: Path) -> None:
    program = tmp_path / "tool"
    program.write_text(f"#!{SHELL}\nsleep 1\necho as approved\n")
    program.chmod(0o777)
    with begun(question("tool", program=str(program))) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline()) == {"said": "begun"}
        program.write_text(f"#!{SHELL}\necho another\n" + "# " * 100)
        told = [json.loads(line) for line in process.stdout]
    assert base64.b64decode(told[0]["out"]) == b"as approved\n"


def test_what_stops_being_listened_to_or_takes_too_long_ends_with_all_that_it_began(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    escapes = f"setsid sh -c 'while :; do touch {mark}; sleep 0.02; done' >/dev/null 2>&1 & sleep 30"
    with begun(question("sh", "-c", escapes)):
        eventually(mark.exists)
    mark.unlink()
    time.sleep(0.2)
    assert not mark.exists()
    *_, last = answers(question("sh", "-c", escapes, seconds=1))
    assert (last["why"], last["left"]) == ("time", False)
    mark.unlink()
    time.sleep(0.2)
    assert not mark.exists()


def test_a_script_is_read_from_what_was_signed_and_cannot_be_written(tmp_path: Path) -> None:
    asked = question("sh", script="echo signed\necho more >> $0 && echo written\n")
    told = answers(asked)
    out = b"".join(base64.b64decode(part["out"]) for part in told if "out" in part)
    assert out == b"signed\n"
    assert told[-1]["status"] != 0
