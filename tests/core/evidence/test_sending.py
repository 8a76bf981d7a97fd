"""What is sent, what waits, and what the log says about it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from drkit.core.evidence.checkpoint import open_checkpoint
from drkit.core.evidence.log import EvidenceLog
from drkit.core.evidence.outside import DirectoryOutside, name_of
from drkit.core.evidence.reading import read
from drkit.core.evidence.sending import send_out
from drkit.core.evidence.verify import verify


def clock():
    return datetime(2026, 3, 1, 4, tzinfo=UTC)


@pytest.fixture
def place(tmp_path):
    (tmp_path / "place").mkdir()
    return tmp_path / "place"


def add(written, *outsides, runs=(), entries=1):
    """Append, sign after each entry, and send."""
    with EvidenceLog.open(written.directory, written.signer) as log:
        for _ in range(entries):
            log.append({"number": log.size})
            log.checkpoint()
        return send_out(log, [DirectoryOutside(path) for path in outsides], clock, runs)


def sizes(place):
    return sorted(int(path.name[:16]) for path in place.rglob("[!.]*-*") if path.is_file())


def kinds(written):
    return [entry.get("kind") for _, entry in read(written.directory)]


def test_a_new_outside_gets_the_latest_which_vouches_for_all_before(written, place):
    assert add(written, place) == []
    assert sizes(place) == [7]
    assert verify(written.directory, [written.signer.key], [place]).verdict == "pass"


def test_from_then_on_it_gets_each(written, place):
    add(written, place)
    add(written, place, entries=3)
    assert sizes(place) == [7, 8, 9, 10]


def test_what_is_sent_is_the_signed_checkpoint_under_its_name(written, place):
    add(written, place)
    content = (written.directory / "checkpoint").read_bytes()
    checkpoint = open_checkpoint(content, [written.signer.key])
    assert (place / name_of(checkpoint)).read_bytes() == content


def test_an_outside_that_cannot_be_reached_is_told_recorded_and_signed(written, tmp_path):
    unsent = add(written, tmp_path / "away", runs=["run9"])
    assert [(one.outside, one.size) for one in unsent] == [(str(tmp_path / "away"), 7)]
    assert "No such file" in unsent[0].reason
    entry = dict(read(written.directory))[7]
    assert (entry["kind"], entry["run"], entry["size"]) == ("checkpoint.unsent", "run9", 7)
    assert entry["at"] == "2026-03-01T04:00:00Z"
    assert entry["outside"] == str(tmp_path / "away")
    found = verify(written.directory, [written.signer.key])
    assert (found.size, found.covered) == (8, 8)


def test_what_waits_is_sent_at_the_next_occasion(written, place, tmp_path):
    add(written, place)
    place.rename(tmp_path / "away")
    add(written, place)
    add(written, place)
    (tmp_path / "away").rename(place)
    assert add(written, place) == []
    assert sizes(place) == list(range(7, 13))
    assert verify(written.directory, [written.signer.key], [place]).verdict == "pass"


def test_an_outside_that_was_never_reached_gets_what_waited_for_it_too(written, place):
    place.rmdir()
    add(written, place)
    place.mkdir()
    add(written, place)
    assert 7 in sizes(place)
    assert max(sizes(place)) == 9


def test_one_that_can_be_reached_gets_the_record_of_the_other(written, place, tmp_path):
    assert len(add(written, tmp_path / "away", place)) == 1
    assert sizes(place) == [7, 8]
    assert verify(written.directory, [written.signer.key], [place]).verdict == "pass"


def test_a_name_that_is_taken_is_told_and_holds_up_nothing_else(written, place, signer):
    add(written, place)
    with EvidenceLog.open(written.directory, written.signer) as log:
        log.append({"number": 7})
        planted = place / name_of(log.checkpoint())
        planted.write_bytes(b"planted")
    unsent = add(written, place)
    assert [(one.size, "something else" in one.reason) for one in unsent] == [(8, True)]
    assert planted.read_bytes() == b"planted"
    assert kinds(written).count("checkpoint.unsent") == 1
    assert add(written, place) == []
    assert sizes(place)[-1] == 11


@pytest.mark.parametrize("note", [b"", b"garbage", b"[]", b'{"x":"y"}', None, b"forged"])
def test_whatever_the_note_of_what_was_sent_says_the_latest_is_sent(written, place, note):
    add(written, place)
    path = written.directory / "sent"
    if note is None:
        path.unlink()
    else:
        path.write_bytes(json.dumps({str(place): 10**12}).encode() if note == b"forged" else note)
    assert add(written, place) == []
    assert sizes(place) == [7, 8]


def test_without_an_outside_nothing_is_noted(written):
    assert add(written) == []
    assert not (written.directory / "sent").exists()


def test_nothing_new_is_sent_again_without_a_trace(written, place):
    add(written, place)
    before = written.log.read_bytes()
    assert add(written, place, entries=0) == []
    assert written.log.read_bytes() == before
    assert sizes(place) == [7]
