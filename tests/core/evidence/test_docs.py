"""The script in docs/evidence.md is a second, independent verifier; both must agree."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[3] / "docs" / "evidence.md"


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    [code] = [block.split("```")[0] for block in DOCS.read_text().split("```python\n")[1:]]
    path = tmp_path_factory.mktemp("docs") / "by_hand.py"
    path.write_text(code)
    return path


def by_hand(script, written, checkpoint):
    key = written.directory / "verifier-key"
    # -I: nothing of drkit, nor of any installed package's path settings, is within reach.
    command = [sys.executable, "-I", "-S", str(script), str(written.directory), str(key), str(checkpoint)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("size", ["2", "4", "6"])
def test_the_script_in_the_docs_verifies_a_real_log(script, written, size):
    done = by_hand(script, written, written.outside / size)
    assert done.returncode == 0, done.stderr
    assert f"{size} of 6 entries are as they were signed" in done.stdout


def test_the_script_in_the_docs_finds_a_flipped_byte(script, written):
    written.log.write_bytes(written.log.read_bytes().replace(b'"number":3', b'"number":9'))
    assert by_hand(script, written, written.outside / "2").returncode == 0
    done = by_hand(script, written, written.outside / "4")
    assert done.returncode == 1
    assert "not the one that was signed" in done.stderr


def test_the_script_in_the_docs_finds_a_short_log(script, written):
    written.log.write_bytes(b"".join(written.log.read_bytes().splitlines(keepends=True)[:5]))
    assert "5 entries, the checkpoint covers 6" in by_hand(script, written, written.outside / "6").stderr


def test_the_script_in_the_docs_finds_a_false_signature(script, written):
    forged = written.outside / "6"
    forged.write_bytes(forged.read_bytes().replace(b"\n6\n", b"\n5\n"))
    assert "the signature is false" in by_hand(script, written, forged).stderr


def test_the_files_of_a_real_log_are_those_that_the_docs_name(written):
    text = DOCS.read_text()
    for path in written.directory.iterdir():
        assert f"`{path.name}" in text
