"""Every way of tampering is found, and located as closely as the checkpoints allow."""

from __future__ import annotations

import itertools
import os
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drkit.core.evidence import keys
from drkit.core.evidence.log import EvidenceLog
from drkit.core.evidence.verify import verify

RANGES = {1: (1, 2), 2: (1, 2), 3: (3, 4), 4: (3, 4), 5: (5, 6), 6: (5, 6)}  # by the checkpoints at 2, 4, 6


def judged(written, *, outside=True):
    return verify(written.directory, [written.signer.key], [written.outside] if outside else [])


def located(found):
    """The ranges of lines that the failures name."""
    return [
        (problem.line, problem.until or problem.line)
        for problem in found.problems
        if problem.verdict == "fail" and problem.line
    ]


def assert_located(found, line):
    assert found.verdict == "fail"
    places = located(found)
    assert places
    # A range begins and ends at checkpoints, or is the line itself; what is missing lies before 6.
    assert any(first <= line <= last for first, last in places), (places, line)
    assert any(place in {RANGES[line], (line, line), (RANGES[line][0], 6)} for place in places), (
        places,
        line,
    )


def test_a_flipped_bit_at_every_position_is_found_and_located(written):
    original = written.log.read_bytes()
    for position in range(len(original)):
        changed = bytearray(original)
        changed[position] ^= 1
        written.log.write_bytes(changed)
        assert_located(judged(written, outside=position % 2), original.count(b"\n", 0, position) + 1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
@given(data=st.data())
def test_any_other_byte_anywhere_is_found_and_located(written, data):
    original = b"".join(
        b'{"kind":"action","number":%d,"run":"run%d"}\n' % (number, number // 2) for number in range(6)
    )
    written.log.write_bytes(original)
    assert judged(written).verdict == "pass"
    position = data.draw(st.integers(0, len(original) - 1))
    changed = bytearray(original)
    changed[position] ^= data.draw(st.integers(1, 255))
    written.log.write_bytes(changed)
    assert_located(judged(written), original.count(b"\n", 0, position) + 1)


@pytest.mark.parametrize("name", ["checkpoint", "checkpoints/0000000000000004"])
def test_a_flipped_bit_anywhere_in_a_checkpoint_is_found(written, name):
    path = written.directory / name
    original = path.read_bytes()
    for position in range(len(original)):
        changed = bytearray(original)
        changed[position] ^= 1
        path.write_bytes(changed)
        found = judged(written)
        assert found.verdict == "fail"
        assert name in {problem.where for problem in found.problems}


@pytest.mark.parametrize("line", range(1, 7))
def test_a_dropped_line_is_found(written, line):
    lines = written.log.read_bytes().splitlines(keepends=True)
    written.log.write_bytes(b"".join(lines[: line - 1] + lines[line:]))
    found = judged(written)
    assert_located(found, line)
    assert "evidence.short" in {problem.check for problem in found.problems}


@pytest.mark.parametrize("line", range(1, 7))
def test_a_duplicated_line_is_found(written, line):
    lines = written.log.read_bytes().splitlines(keepends=True)
    written.log.write_bytes(b"".join(lines[:line] + lines[line - 1 :]))
    found = judged(written)
    # A copy of the last line lies behind every checkpoint: nothing vouches for it, nothing contradicts it.
    if line == 6:
        assert (found.verdict, found.size, found.covered) == ("unknown", 7, 6)
    else:
        assert found.verdict == "fail"
        assert located(found) == [RANGES[line + 1 if line % 2 == 0 else line]] * len(located(found))


@pytest.mark.parametrize(("first", "second"), [*itertools.combinations(range(6), 2)])
def test_reordered_lines_are_found(written, first, second):
    lines = written.log.read_bytes().splitlines(keepends=True)
    lines[first], lines[second] = lines[second], lines[first]
    written.log.write_bytes(b"".join(lines))
    assert_located(judged(written), first + 1)


def test_an_inserted_line_is_found(written):
    lines = written.log.read_bytes().splitlines(keepends=True)
    written.log.write_bytes(b"".join([*lines[:3], b'{"made":"up"}\n', *lines[3:]]))
    assert_located(judged(written), 4)


def test_every_truncation_is_found(written):
    size = written.log.stat().st_size
    for length in reversed(range(size)):
        os.truncate(written.log, length)
        found = judged(written, outside=length % 2)
        assert found.verdict == "fail"
        assert "evidence.short" in {problem.check for problem in found.problems}


@pytest.mark.parametrize("entries", [3, 6, 9])
def test_a_log_written_anew_with_the_real_key_is_found_by_the_outside_alone(written, entries):
    shutil.rmtree(written.directory)
    with EvidenceLog.open(written.directory, written.signer) as log:
        for number in range(entries):
            log.append({"kind": "action", "run": "innocent", "number": number})
            log.checkpoint()
    assert judged(written, outside=False).verdict == "unknown"
    found = judged(written)
    assert found.verdict == "fail"
    assert (1, 2) in located(found)
    assert any("a second time" in problem.why for problem in found.problems)
    assert ("evidence.short" in {problem.check for problem in found.problems}) is (entries < 6)


def test_a_history_rewritten_from_the_middle_is_located_between_outside_checkpoints(written):
    lines = written.log.read_bytes().splitlines(keepends=True)
    shutil.rmtree(written.directory)
    with EvidenceLog.open(written.directory, written.signer) as log:
        log.extend({"kind": "action", "run": f"run{n // 2}", "number": n} for n in range(4))
        log.checkpoint()
        log.append({"made": "up"})
        log.checkpoint()
        log.append({"kind": "action", "run": "run2", "number": 5})
        log.checkpoint()
    assert written.log.read_bytes().splitlines(keepends=True)[:4] == lines[:4]
    assert (5, 6) in located(judged(written))


def test_a_cleanly_shortened_log_is_found_by_the_outside_alone(written):
    lines = written.log.read_bytes().splitlines(keepends=True)
    written.log.write_bytes(b"".join(lines[:4]))
    (written.directory / "checkpoints/0000000000000006").unlink()
    shutil.copy(written.directory / "checkpoints/0000000000000004", written.directory / "checkpoint")
    assert judged(written, outside=False).verdict == "unknown"
    found = judged(written)
    assert found.verdict == "fail"
    assert located(found) == [(5, 6)]


def test_removed_checkpoints_never_make_a_pass(written):
    (written.directory / "checkpoint").unlink()
    assert judged(written).verdict == "unknown"
    shutil.rmtree(written.directory / "checkpoints")
    found = judged(written, outside=False)
    assert found.verdict == "unknown"
    assert {problem.check for problem in found.problems} == {
        "evidence.uncovered",
        "evidence.self-signed",
        "evidence.no-latest-checkpoint",
    }


def test_a_checkpoint_in_the_place_of_another_is_found(written):
    shutil.copy(written.outside / "2", written.directory / "checkpoints/0000000000000004")
    found = judged(written)
    assert found.verdict == "fail"
    assert "evidence.checkpoint-name" in {problem.check for problem in found.problems}


def test_a_checkpoint_beside_the_log_signed_by_a_stranger_is_found(written, tmp_path):
    stranger = keys.create(tmp_path / "stranger", "example.com/estate")
    shutil.rmtree(written.directory)
    with EvidenceLog.open(written.directory, stranger) as log:
        log.append({"made": "up"})
        log.checkpoint()
    assert judged(written, outside=False).verdict == "fail"
