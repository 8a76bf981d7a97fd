from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path

import pytest
import rfc8785

from drkit.core.errors import DrkitError
from drkit.core.evidence import keys, proofs
from drkit.core.evidence.checkpoint import open_checkpoint
from drkit.core.evidence.errors import DamagedLogError, EvidenceError
from drkit.core.evidence.lines import EntryError
from drkit.core.evidence.log import EvidenceLog
from drkit.core.evidence.merkle import leaf_hash
from drkit.core.evidence.reading import read
from drkit.core.evidence.verify import verify

ENTRIES = [{"b": 1, "a": "x\n\u2028"}, {}, {"n": 1.5, "l": [None, True]}]


def root_of_file(path):
    return proofs.root_of([leaf_hash(line) for line in path.read_bytes().split(b"\n")[:-1]])


def test_entries_are_canonical_lines_and_nothing_is_added_to_them(tmp_path, signer):
    with EvidenceLog.open(tmp_path / "e", signer) as log:
        assert [log.append(entry) for entry in ENTRIES] == [0, 1, 2]
    assert (tmp_path / "e" / "log.jsonl").read_bytes() == b"".join(rfc8785.dumps(e) + b"\n" for e in ENTRIES)
    assert list(read(tmp_path / "e")) == list(enumerate(ENTRIES))


def test_entries_appended_together_make_the_same_log_as_one_by_one(tmp_path, signer):
    with (
        EvidenceLog.open(tmp_path / "one", signer) as one,
        EvidenceLog.open(tmp_path / "many", signer) as many,
    ):
        for entry in ENTRIES:
            one.append(entry)
        assert many.extend(ENTRIES) == range(3)
        assert many.extend([]) == range(3, 3)
        assert one.root == many.root
    assert (tmp_path / "one/log.jsonl").read_bytes() == (tmp_path / "many/log.jsonl").read_bytes()


def test_a_checkpoint_signs_the_root_and_lies_twice_in_the_directory(written):
    latest = (written.directory / "checkpoint").read_bytes()
    signed = open_checkpoint(latest, [written.signer.key])
    assert (signed.origin, signed.size) == ("example.com/estate", 6)
    assert signed.root == root_of_file(written.log)
    history = sorted((written.directory / "checkpoints").iterdir())
    assert [path.name for path in history] == ["0000000000000002", "0000000000000004", "0000000000000006"]
    assert history[-1].read_bytes() == latest
    assert (written.directory / "verifier-key").read_text() == f"{written.signer.key}\n"


def test_a_checkpoint_without_new_entries_is_the_one_before(written):
    with EvidenceLog.open(written.directory, written.signer) as log:
        assert log.checkpoint() == log.last
        assert log.last.signed == (written.directory / "checkpoint").read_bytes()


def test_a_log_that_is_opened_again_goes_on_where_it_was(written):
    before = written.log.read_bytes()
    with EvidenceLog.open(written.directory, written.signer) as log:
        assert log.size == 6
        assert log.append({"number": 6}) == 6
        log.checkpoint()
        assert log.root == root_of_file(written.log)
    assert written.log.read_bytes() == before + b'{"number":6}\n'


def test_others_cannot_write_to_the_log(written):
    for path in (written.log, written.directory / "checkpoint", written.directory):
        assert not path.stat().st_mode & (stat.S_IWGRP | stat.S_IRWXO)


def test_the_log_is_on_the_disk_before_a_checkpoint_of_it_is_there(written, monkeypatch):
    flushed, real = [], os.fsync

    def fsync(handle):
        flushed.append(
            (str(Path(f"/proc/self/fd/{handle}").readlink()), (written.directory / "checkpoint").read_bytes())
        )
        real(handle)

    before = (written.directory / "checkpoint").read_bytes()
    with EvidenceLog.open(written.directory, written.signer) as log:
        monkeypatch.setattr(os, "fsync", fsync)
        log.append({"number": 6})
        assert flushed == []
        log.append({"number": 7}, durable=True)
        assert flushed == [(str(written.log), before)]
        log.append({"number": 8})
        log.checkpoint()
    assert flushed[1] == (str(written.log), before)
    assert any("checkpoints/" in path for path, _ in flushed[2:])


def test_a_disk_that_fails_to_flush_closes_the_log_until_it_is_read_again(written, monkeypatch):
    def fsync(_):
        raise OSError(errno.EIO, "Input/output error")

    with EvidenceLog.open(written.directory, written.signer) as log:
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", fsync)
            with pytest.raises(EvidenceError, match="could not be flushed"):
                log.append({"number": 6}, durable=True)
        with pytest.raises(EvidenceError, match="failed before"):
            log.append({"number": 7})
    with EvidenceLog.open(written.directory, written.signer) as log:
        assert log.append({"number": 7}) == 7


def test_an_entry_without_canonical_form_leaves_no_trace(written):
    before = written.log.read_bytes()
    with EvidenceLog.open(written.directory, written.signer) as log:
        with pytest.raises(EntryError):
            log.extend([{"fine": 1}, {"bad": float("nan")}])
        assert written.log.read_bytes() == before
        assert log.append({"fine": 2}) == 6


def test_a_second_writer_is_noticed_and_nothing_more_is_appended(written):
    with EvidenceLog.open(written.directory, written.signer) as log:
        with written.log.open("ab") as stream:
            stream.write(b'{"somebody":"else"}\n')
        with pytest.raises(DamagedLogError, match="something else wrote"):
            log.append({"mine": 1})
        with pytest.raises(EvidenceError, match="failed before"):
            log.append({"mine": 2})
        with pytest.raises(EvidenceError, match="failed before"):
            log.checkpoint()
    assert written.log.read_bytes().endswith(b'{"somebody":"else"}\n')


def test_a_closed_log_takes_nothing(written):
    log = EvidenceLog.open(written.directory, written.signer)
    log.close()
    log.close()
    with pytest.raises(EvidenceError, match="closed"):
        log.append({})
    with pytest.raises(EvidenceError, match="closed"):
        log.checkpoint()


def spoil_line(written):
    content = written.log.read_bytes()
    written.log.write_bytes(content.replace(b'"number":3', b'"number":9'))


def cut_off(written):
    os.truncate(written.log, written.log.stat().st_size - 1)


def remove_log(written):
    written.log.unlink()


def spoil_checkpoint(written):
    (written.directory / "checkpoint").write_bytes(b"garbage")


def spoil_history(written):
    (written.directory / "checkpoints" / "0000000000000006").write_bytes(b"garbage")


def append_garbage_before_an_entry(written):
    with written.log.open("ab") as stream:
        stream.write(b"\x00\x00\n{}\n")


@pytest.mark.parametrize(
    "damage",
    [spoil_line, cut_off, remove_log, spoil_checkpoint, spoil_history, append_garbage_before_an_entry],
)
def test_a_log_that_does_not_match_is_refused_and_left_as_it_is(written, damage):
    damage(written)
    before = {path: path.read_bytes() for path in written.directory.rglob("*") if path.is_file()}
    with pytest.raises(DamagedLogError) as caught:
        EvidenceLog.open(written.directory, written.signer)
    assert caught.value.status == 2
    assert "drkit evidence verify" in caught.value.hint
    assert before == {path: path.read_bytes() for path in written.directory.rglob("*") if path.is_file()}


def test_another_key_is_refused_unless_the_earlier_one_is_named(written, tmp_path):
    new = keys.create(tmp_path / "new", "example.com/estate")
    with pytest.raises(DamagedLogError, match="not signed by the key of this log"):
        EvidenceLog.open(written.directory, new)
    with EvidenceLog.open(written.directory, new, earlier_keys=[written.signer.key]) as log:
        log.append({"kind": "key.changed"})
        checkpoint = log.checkpoint()
    both = keys.read_verifier_keys(written.directory / "verifier-key")
    assert both == [written.signer.key, new.key]
    assert verify(written.directory, both, [checkpoint.signed]).verdict == "pass"
    assert verify(written.directory, [new.key], [checkpoint.signed]).verdict == "fail"


def test_a_crash_between_the_two_checkpoint_files_is_no_damage(written):
    (written.directory / "checkpoint").write_bytes((written.outside / "4").read_bytes())
    with EvidenceLog.open(written.directory, written.signer) as log:
        assert log.last.size == 6


@pytest.mark.parametrize("tail", [b'{"torn":', b'{"whole":1}', b"\x00" * 5000, b"\x00\n\x00", b"\n"])
def test_a_torn_end_is_set_aside_and_recorded(written, tail):
    with EvidenceLog.open(written.directory, written.signer) as log:
        log.append({"number": 6})
    with written.log.open("ab") as stream:
        stream.write(tail)
    assert verify(written.directory, [written.signer.key], [written.outside]).verdict != "pass"
    with EvidenceLog.open(written.directory, written.signer) as log:
        assert log.size == 8
        checkpoint = log.checkpoint()
    [torn] = [path for path in written.directory.iterdir() if path.name.startswith("torn-7-")]
    assert torn.read_bytes() == tail
    record = dict(read(written.directory))[7]
    assert record["kind"] == "evidence.torn"
    assert [(file["name"], file["bytes"]) for file in record["files"]] == [(torn.name, len(tail))]
    assert verify(written.directory, [written.signer.key], [checkpoint.signed]).verdict == "pass"


@pytest.mark.parametrize("step", ["before the cut", "after the cut", "in the record"])
def test_a_crash_while_a_torn_end_is_set_aside_is_put_right(written, step):
    tail = b'{"torn":'
    size = written.log.stat().st_size
    with written.log.open("ab") as stream:
        stream.write(tail)
    EvidenceLog.open(written.directory, written.signer).close()
    with_record = written.log.read_bytes()
    if step == "before the cut":
        written.log.write_bytes(with_record[:size] + tail)
    elif step == "after the cut":
        os.truncate(written.log, size)
    else:
        os.truncate(written.log, len(with_record) - 5)
    with EvidenceLog.open(written.directory, written.signer) as log:
        assert log.size == 7
    set_aside = {path.name: path.read_bytes() for path in written.directory.iterdir() if "torn-" in path.name}
    assert tail in set_aside.values()
    assert {file["name"] for file in dict(read(written.directory))[6]["files"]} == set(set_aside)


def test_a_log_that_was_opened_often_records_a_torn_end_once(written):
    with written.log.open("ab") as stream:
        stream.write(b"torn")
    for _ in range(3):
        EvidenceLog.open(written.directory, written.signer).close()
    assert [entry["kind"] for _, entry in read(written.directory)].count("evidence.torn") == 1


def test_reading_stops_with_the_number_of_the_line_that_is_no_entry(written):
    lines = written.log.read_bytes().split(b"\n")
    written.log.write_bytes(b"\n".join([*lines[:3], b"garbage", *lines[4:]]))
    entries = read(written.directory)
    assert [next(entries)[0] for _ in range(3)] == [0, 1, 2]
    with pytest.raises(DamagedLogError, match="line 4 of"):
        next(entries)


def test_reading_does_not_hide_a_torn_end(written):
    with written.log.open("ab") as stream:
        stream.write(b'{"torn":')
    with pytest.raises(DamagedLogError, match=r"line 7 of .*torn"):
        list(read(written.directory))


def test_reading_what_is_not_there_is_one_clear_error(tmp_path):
    with pytest.raises(EvidenceError, match="could not be read"):
        next(read(tmp_path))


def test_a_place_that_cannot_be_written_is_one_clear_error(tmp_path, signer):
    (tmp_path / "file").write_text("")
    with pytest.raises(DrkitError) as caught:
        EvidenceLog.open(tmp_path / "file" / "e", signer)
    assert caught.value.hint


def test_entries_read_back_as_json_one_a_line(written):
    assert [json.loads(line)["number"] for line in written.log.read_text().splitlines()] == list(range(6))
