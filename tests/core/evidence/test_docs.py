"""The script in docs/evidence.md is a second, independent verifier; both must agree."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from drkit.core.evidence.export import HANDOUT

DOCS = Path(__file__).parents[3] / "docs" / "evidence.md"
SCRIPT = HANDOUT / "verify_by_hand.py"


def by_hand(written, *checkpoints, key=None):
    key = key or written.directory / "verifier-key"
    # -I -S: nothing of drkit, nor of any installed package, is within reach.
    command = [
        sys.executable,
        "-I",
        "-S",
        str(SCRIPT),
        str(written.directory),
        str(key),
        *map(str, checkpoints),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_script_that_is_handed_out_is_the_one_in_the_docs():
    assert f"```python\n{SCRIPT.read_text()}```\n" in DOCS.read_text()


@pytest.mark.parametrize("size", ["2", "4", "6"])
def test_the_script_verifies_a_real_log(written, size):
    done = by_hand(written, written.outside / size)
    assert done.returncode == 0, done.stderr
    assert f"{size} of 6 entries are as they were signed" in done.stdout


def test_the_script_takes_many_checkpoints_and_a_log_with_many_keys(written, tmp_path):
    (tmp_path / "keys").write_text(
        "other+00000000+AAAA\nexample.com/estate+00000000+AAAA\n"
        + (written.directory / "verifier-key").read_text()
    )
    done = by_hand(written, *sorted(written.outside.iterdir()), key=tmp_path / "keys")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 3), done.stderr


def test_the_script_finds_a_flipped_byte(written):
    written.log.write_bytes(written.log.read_bytes().replace(b'"number":3', b'"number":9'))
    assert by_hand(written, written.outside / "2").returncode == 0
    done = by_hand(written, written.outside / "4")
    assert done.returncode == 1
    assert "not the one that was signed" in done.stderr


def test_the_script_finds_a_short_log(written):
    written.log.write_bytes(b"".join(written.log.read_bytes().splitlines(keepends=True)[:5]))
    assert "5 entries, the checkpoint covers 6" in by_hand(written, written.outside / "6").stderr


def test_the_script_finds_a_false_signature(written):
    forged = written.outside / "6"
    forged.write_bytes(forged.read_bytes().replace(b"\n6\n", b"\n5\n"))
    done = by_hand(written, forged)
    assert done.returncode == 1
    assert "the signature is false" in done.stderr


def test_the_script_refuses_a_checkpoint_of_another_key(written, tmp_path):
    (tmp_path / "keys").write_text("example.com/estate+00000000+AAAA\n")
    done = by_hand(written, written.outside / "6", key=tmp_path / "keys")
    assert done.returncode == 1
    assert "another key signed" in done.stderr


def test_the_script_says_how_it_is_used(written):
    done = by_hand(written)
    assert done.returncode == 1
    assert "verify_by_hand.py DIRECTORY VERIFIER_KEYS CHECKPOINT..." in done.stderr


def test_the_files_of_a_real_log_are_those_that_the_docs_name(written):
    text = DOCS.read_text()
    for path in written.directory.iterdir():
        assert f"`{path.name}" in text
