"""The kept tree spares reading, and is never believed over the log."""

from __future__ import annotations

import json
import os

import pytest

from drkit.core.evidence import replay
from drkit.core.evidence.errors import DamagedLogError
from drkit.core.evidence.log import EvidenceLog
from drkit.core.evidence.verify import verify


@pytest.fixture
def reads(monkeypatch):
    """From which entry on each opening read."""
    seen, real = [], replay._replay_from

    def spy(log, last, point):
        seen.append(point.size)
        return real(log, last, point)

    monkeypatch.setattr(replay, "_replay_from", spy)
    return seen


def open_again(written):
    with EvidenceLog.open(written.directory, written.signer) as log:
        return log.size, log.root


def told(written):
    return json.loads((written.directory / "tree").read_bytes())


def tell(written, **changed):
    (written.directory / "tree").write_text(json.dumps({**told(written), **changed}))


def test_a_log_that_nothing_touched_is_read_from_before_its_last_checkpoint(written, reads):
    expected = verify(written.directory, [])
    assert open_again(written) == (6, expected.root)
    assert reads == [5]


def test_what_came_after_the_last_checkpoint_is_read_too(written, reads):
    with EvidenceLog.open(written.directory, written.signer) as log:
        log.extend({"number": number} for number in range(6, 16))
        root = log.root
    assert open_again(written) == (16, root)
    assert reads == [5, 5]


def test_the_log_goes_on_from_a_kept_tree_and_verifies(written, reads):
    for _ in range(20):
        with EvidenceLog.open(written.directory, written.signer) as log:
            log.append({"number": log.size})
            log.checkpoint()
    assert reads == [5, *range(6, 25)]
    found = verify(written.directory, [written.signer.key], [written.directory.parent / "outside"])
    assert (found.size, found.covered, found.checkpoints) == (26, 26, 27)


FORGED = {
    "edge": {"edge": ["00" * 32] * 2},
    "size": {"size": 3},
    "place": {"length": 0},
    "place within a line": {"length": 7},
    "place beyond": {"length": 10**6},
    "beyond the checkpoint": {"size": 6},
    "negative": {"size": -1, "edge": [], "length": -1},
    "no numbers": {"size": "5"},
    "short hash": {"edge": ["00"] * 2},
    "no hashes": {"edge": [1, 2]},
    "no list": {"edge": None},
    "nothing": {"size": 0, "edge": [], "length": 5},
}


@pytest.mark.parametrize("changed", FORGED.values(), ids=FORGED)
def test_a_forged_tree_is_passed_over(written, reads, changed):
    tell(written, **changed)
    expected = verify(written.directory, []).root
    assert open_again(written) == (6, expected)
    assert reads[-1] == 0


@pytest.mark.parametrize("content", [b"", b"garbage", b"[]", b"{}", b"null"])
def test_what_is_no_tree_is_passed_over(written, reads, content):
    (written.directory / "tree").write_bytes(content)
    assert open_again(written)[0] == 6
    assert reads == [0]


def test_a_log_that_was_touched_is_read_whole(written, reads):
    os.utime(written.log)
    open_again(written)
    assert reads == [0]


def test_a_copy_of_the_directory_is_read_whole(written, reads):
    content = written.log.read_bytes()
    written.log.unlink()
    written.log.write_bytes(content)
    open_again(written)
    assert reads == [0]


def test_an_entry_changed_where_the_tree_spares_reading_is_found_at_the_next_opening(written):
    written.log.write_bytes(written.log.read_bytes().replace(b'"number":0', b'"number":9'))
    with pytest.raises(DamagedLogError):
        open_again(written)


def test_a_change_under_a_tree_that_was_forged_to_match_is_found_by_verification(written, reads):
    written.log.write_bytes(written.log.read_bytes().replace(b'"number":0', b'"number":9'))
    state = written.log.stat()
    tell(written, log=[str(state.st_ino), str(state.st_size), str(state.st_ctime_ns)])
    open_again(written)
    assert reads == [5]  # so far the forger came
    assert verify(written.directory, [written.signer.key], [written.outside]).verdict == "fail"


def test_the_last_entry_under_the_checkpoint_is_always_read(written):
    written.log.write_bytes(written.log.read_bytes().replace(b'"number":5', b'"number":9'))
    state = written.log.stat()
    tell(written, log=[str(state.st_ino), str(state.st_size), str(state.st_ctime_ns)])
    with pytest.raises(DamagedLogError):
        open_again(written)


def test_a_torn_end_is_set_aside_with_a_kept_tree_too(written, reads):
    with written.log.open("ab") as stream:
        stream.write(b'{"torn')
    state = written.log.stat()
    tell(written, log=[str(state.st_ino), str(state.st_size), str(state.st_ctime_ns)])
    assert open_again(written)[0] == 7
    assert reads == [5]


def test_a_broken_log_keeps_no_tree(written):
    (written.directory / "tree").unlink()
    with EvidenceLog.open(written.directory, written.signer) as log:
        with written.log.open("ab") as stream:
            stream.write(b"{}\n")
        with pytest.raises(DamagedLogError):
            log.append({})
    assert not (written.directory / "tree").exists()


def test_verification_does_not_look_at_the_tree(written):
    tell(written, edge=["00" * 32] * 2, size=3)
    assert verify(written.directory, [written.signer.key], [written.outside]).verdict == "pass"
