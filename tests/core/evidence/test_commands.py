"""The two commands, each as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from drkit import __version__
from drkit.core.evidence.log import EvidenceLog

PROGRAM = """
import json, sys
from argparse import Namespace
from pathlib import Path
from drkit.core.errors import DrkitError
from drkit.core.evidence import commands
command, given = sys.argv[1], json.loads(sys.argv[2])
given["directory"] = Path(given["directory"])
if command == "verify":
    given["key"] = given["key"] and Path(given["key"])
    given["outside"] = [Path(path) for path in given["outside"]]
try:
    sys.exit(getattr(commands, command)(Namespace(**given)))
except DrkitError as error:
    print(error.message, error.hint, sep="\\n", file=sys.stderr)
    sys.exit(error.status)
"""


def run(command, columns=None, prefix=(), **given):
    environment = {**os.environ, "COLUMNS": str(columns)} if columns else {**os.environ}
    if not columns:
        environment.pop("COLUMNS", None)
    arguments = json.dumps(given, default=str)
    return subprocess.run(
        [*prefix, sys.executable, "-c", PROGRAM, command, arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


def verify(directory, key=None, outside=(), form="text"):
    return run("verify", directory=directory, key=key, outside=list(outside), format=form)


def show(directory, run_id=None, form="text", columns=None):
    return run("show", columns, directory=directory, run=run_id, format=form)


def test_a_proven_log_is_status_0(written):
    done = verify(written.directory, outside=[written.outside])
    assert done.returncode == 0
    assert done.stdout.startswith(f"PASS  {written.directory}\n  6 entries, root ")
    assert "found beside the log" in done.stdout


def test_a_key_from_elsewhere_is_not_remarked_upon(written, tmp_path):
    (tmp_path / "key").write_text(f"{written.signer.key}\n")
    done = verify(written.directory, key=tmp_path / "key", outside=[written.outside])
    assert done.returncode == 0
    assert "beside the log" not in done.stdout


def test_a_self_signed_log_is_status_1(written):
    done = verify(written.directory)
    assert done.returncode == 1
    assert done.stdout.startswith("UNKNOWN")
    assert "self-signed only: someone who holds this host could have rewritten all of it" in done.stdout


def test_a_flipped_byte_is_status_3_and_names_the_lines(written):
    written.log.write_bytes(written.log.read_bytes().replace(b'"number":3', b'"number":9'))
    done = verify(written.directory, outside=[written.outside])
    assert done.returncode == 3
    assert done.stdout.startswith("FAIL")
    assert "something in lines 3 to 4 was altered" in done.stdout


def test_the_json_of_a_verification_has_the_shape_of_every_result(written):
    written.log.write_bytes(written.log.read_bytes().replace(b'"number":3', b'"number": 3'))
    done = verify(written.directory, form="json")
    assert done.returncode == 3
    result = json.loads(done.stdout)
    assert (result["drkit"], result["command"], result["verdict"]) == (__version__, "evidence verify", "fail")
    assert result["summary"]["entries"] == 6
    assert result["summary"]["key"] == "beside the log"
    expected = {"id", "fingerprint", "severity", "confidence", "subject", "where", "why", "fix", "first_seen"}
    assert all(expected <= finding.keys() for finding in result["findings"])
    lines = [finding["line"] for finding in result["findings"] if finding["id"] == "evidence.line"]
    assert lines == [4]
    assert len({finding["fingerprint"] for finding in result["findings"]}) == len(result["findings"])


def test_the_json_of_a_proven_log_has_no_findings(written):
    result = json.loads(verify(written.directory, outside=[written.outside], form="json").stdout)
    assert (result["verdict"], result["findings"]) == ("pass", [])
    assert result["summary"]["covered_outside"] == 6


def test_a_directory_without_evidence_is_status_1(tmp_path):
    assert verify(tmp_path / "missing").returncode == 1
    assert verify(tmp_path).returncode == 1


@pytest.mark.parametrize("what", ["key", "garbage key", "outside", "directory"])
def test_a_named_file_that_is_no_use_is_status_2(written, tmp_path, what):
    (tmp_path / "garbage").write_text("garbage")
    done = {
        "key": lambda: verify(written.directory, key=tmp_path / "missing"),
        "garbage key": lambda: verify(written.directory, key=tmp_path / "garbage"),
        "outside": lambda: verify(written.directory, outside=[tmp_path / "missing"]),
        "directory": lambda: verify(tmp_path / "garbage"),
    }[what]()
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_entries_are_shown_a_line_each(written):
    done = show(written.directory)
    assert done.returncode == 0
    assert done.stdout.splitlines()[3] == "     3  -  action  run=run1 number=3"
    assert len(done.stdout.splitlines()) == 6


def test_a_run_is_shown_by_the_beginning_of_its_id(written):
    done = show(written.directory, run_id="run1", form="jsonl")
    assert [json.loads(line)["index"] for line in done.stdout.splitlines()] == [2, 3]


def test_shown_json_says_that_nothing_was_verified(written):
    result = json.loads(show(written.directory, form="json").stdout)
    assert result["verdict"] is None
    assert result["entries"][5] == {"index": 5, "entry": {"kind": "action", "number": 5, "run": "run2"}}


def test_lines_keep_within_the_terminal(written):
    with EvidenceLog.open(written.directory, written.signer) as log:
        log.append({"kind": "note", "why": "微盟" * 100})
    lines = show(written.directory, columns=40).stdout.splitlines()
    assert lines[6].endswith("…")
    assert len(lines[6]) < 40  # two columns for each Chinese character
    assert lines[0] == "     0  -  action  run=run0 number=0"


@pytest.mark.parametrize("form", ["text", "json", "jsonl"])
def test_a_value_cannot_command_the_terminal(written, form):
    hostile = "\x1b[2J\x9b2J\u202e\u2028\x07\r\x7f"
    with EvidenceLog.open(written.directory, written.signer) as log:
        log.append({"kind": hostile, "at": hostile, "why": hostile, hostile: hostile, "run": "x"})
    out = show(written.directory, form=form).stdout
    assert not set(hostile) - set("[2J") & set(out)
    assert "u202e" in out


def test_showing_a_damaged_log_gives_what_is_readable_and_the_line_that_is_not(written):
    with written.log.open("ab") as stream:
        stream.write(b"garbage\n")
    done = show(written.directory)
    assert done.returncode == 2
    assert len(done.stdout.splitlines()) == 6
    assert "line 7 of" in done.stderr


def test_showing_where_there_is_no_evidence_is_status_2(tmp_path):
    done = show(tmp_path)
    assert done.returncode == 2
    assert "there is no evidence" in done.stderr
