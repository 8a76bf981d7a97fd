from __future__ import annotations

import shutil

import pytest

from drkit.core.evidence import keys, proofs
from drkit.core.evidence.checkpoint import sign_checkpoint
from drkit.core.evidence.lines import LONGEST_LINE
from drkit.core.evidence.log import EvidenceLog
from drkit.core.evidence.merkle import leaf_hash
from drkit.core.evidence.verify import verify


def checks(found):
    return [problem.check for problem in found.problems]


def test_a_whole_log_with_its_checkpoints_outside_passes(written):
    found = verify(written.directory, [written.signer.key], [written.outside])
    assert found.verdict == "pass"
    assert found.problems == ()
    assert (found.size, found.covered, found.covered_outside, found.checkpoints) == (6, 6, 6, 7)
    lines = written.log.read_bytes().split(b"\n")[:-1]
    assert found.root == proofs.root_of([leaf_hash(line) for line in lines])


def test_the_verifier_key_may_lie_with_the_outside_checkpoints(written):
    shutil.copy(written.directory / "verifier-key", written.outside)
    assert verify(written.directory, [written.signer.key], [written.outside]).verdict == "pass"


@pytest.mark.parametrize("form", ["bytes", "file", "directory", "copy of the evidence"])
def test_an_outside_checkpoint_may_come_in_any_form(written, tmp_path, form):
    copy = tmp_path / "copy"
    shutil.copytree(written.directory, copy)
    latest = written.outside / "6"
    given = {"bytes": latest.read_bytes(), "file": latest, "directory": written.outside}.get(form, copy)
    assert verify(written.directory, [written.signer.key], [given]).verdict == "pass"


def test_without_an_outside_checkpoint_nothing_is_proven(written):
    found = verify(written.directory, [written.signer.key])
    assert found.verdict == "unknown"
    assert checks(found) == ["evidence.self-signed"]
    assert "self-signed only" in found.problems[0].what
    assert (found.covered, found.covered_outside) == (6, 0)


def test_an_older_outside_checkpoint_proves_only_what_it_covers(written):
    found = verify(written.directory, [written.signer.key], [written.outside / "4"])
    assert found.verdict == "unknown"
    assert checks(found) == ["evidence.newer-than-outside"]
    assert "entries 4 to 5 are" in found.problems[0].what
    assert found.covered_outside == 4


def test_entries_after_the_last_checkpoint_are_not_covered(written):
    with EvidenceLog.open(written.directory, written.signer) as log:
        log.append({"number": 6})
    found = verify(written.directory, [written.signer.key], [written.outside])
    assert found.verdict == "unknown"
    assert checks(found) == ["evidence.uncovered"]
    assert "entry 6 is not covered by a signed checkpoint" in found.problems[0].what


def test_without_a_key_nothing_is_proven(written):
    found = verify(written.directory, [], [written.outside])
    assert found.verdict == "unknown"
    assert checks(found) == ["evidence.no-key"]
    assert (found.covered, found.checkpoints) == (0, 0)


def test_even_without_a_key_a_changed_log_fails(written):
    written.log.write_bytes(written.log.read_bytes().replace(b'"number":3', b'"number":9'))
    assert verify(written.directory, [], []).verdict == "fail"


@pytest.mark.parametrize("exists", [True, False])
def test_an_empty_or_missing_directory_never_passes(tmp_path, signer, exists):
    directory = tmp_path / "e"
    if exists:
        directory.mkdir()
    found = verify(directory, [signer.key])
    assert found.verdict == "unknown"
    assert "evidence.empty" in checks(found)


def test_a_log_without_entries_never_passes_even_when_signed(tmp_path, signer):
    with EvidenceLog.open(tmp_path / "e", signer) as log:
        checkpoint = log.checkpoint()
    found = verify(tmp_path / "e", [signer.key], [checkpoint.signed])
    assert found.verdict == "unknown"


def test_a_removed_directory_fails_when_a_checkpoint_elsewhere_saw_it(written):
    shutil.rmtree(written.directory)
    found = verify(written.directory, [written.signer.key], [written.outside])
    assert found.verdict == "fail"
    assert "evidence.short" in checks(found)


def test_an_outside_checkpoint_of_an_unknown_key_proves_nothing(written, tmp_path):
    stranger = keys.create(tmp_path / "stranger", "example.com/estate")
    outside = sign_checkpoint(6, verify(written.directory, []).root, stranger).signed
    found = verify(written.directory, [written.signer.key], [outside])
    assert found.verdict == "unknown"
    assert checks(found) == ["evidence.signer", "evidence.self-signed"]


def test_one_outside_file_that_cannot_be_checked_is_not_passed_over(written):
    (written.outside / "7").write_text("garbage")
    found = verify(written.directory, [written.signer.key], [written.outside])
    assert found.verdict == "unknown"
    assert checks(found) == ["evidence.checkpoint"]


def test_an_outside_directory_without_a_checkpoint_proves_nothing(written, tmp_path):
    (tmp_path / "nothing").mkdir()
    found = verify(written.directory, [written.signer.key], [tmp_path / "nothing"])
    assert found.verdict == "unknown"


def test_a_checkpoint_in_the_evidence_itself_is_not_outside(written, tmp_path):
    (tmp_path / "link").symlink_to(written.directory / "checkpoint")
    for pretended in (written.directory / "checkpoint", written.directory, tmp_path / "link"):
        found = verify(written.directory, [written.signer.key], [pretended])
        assert found.verdict == "unknown"
        assert "evidence.not-outside" in checks(found)


def test_an_unreadable_file_is_unknown(written):
    (written.directory / "log.jsonl").unlink()
    (written.directory / "log.jsonl").mkdir()
    found = verify(written.directory, [written.signer.key])
    assert "evidence.unreadable" in checks(found)
    assert found.verdict != "pass"


def test_a_torn_last_line_is_named_and_not_counted(written):
    with written.log.open("ab") as stream:
        stream.write(b'{"torn"')
    found = verify(written.directory, [written.signer.key], [written.outside])
    assert found.verdict == "unknown"
    assert [(problem.check, problem.line) for problem in found.problems] == [("evidence.torn", 7)]
    assert found.size == 6


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b"", "line 3 is a blank line"),
        (b"garbage", "line 3 is not JSON"),
        (b'{"a":1,"a":1}', "line 3 is a key occurs twice"),
        (b'{"number": 2}', "line 3 is not canonical JSON"),
        (b"\xff", "line 3 is not UTF-8"),
        (b"x" * (LONGEST_LINE + 5), "line 3 is longer than"),
    ],
)
def test_a_line_that_is_no_entry_is_named_exactly(written, line, what):
    lines = written.log.read_bytes().split(b"\n")
    written.log.write_bytes(b"\n".join([*lines[:2], line, *lines[3:]]))
    found = verify(written.directory, [written.signer.key], [written.outside])
    assert found.verdict == "fail"
    exact = [problem for problem in found.problems if problem.check == "evidence.line"]
    assert [(problem.index, problem.line) for problem in exact] == [(2, 3)]
    assert exact[0].what.startswith(what)
    assert found.size == 6


def test_a_log_of_nothing_but_garbage_is_summed_up(written):
    written.log.write_bytes(b"garbage\n" * 1000)
    found = verify(written.directory, [written.signer.key], [written.outside])
    assert found.verdict == "fail"
    assert checks(found).count("evidence.line") == 100
    assert any(problem.what == "900 more lines are unreadable" for problem in found.problems)


def test_secrets_in_a_damaged_line_are_not_repeated(written):
    written.log.write_bytes(b'{"password":"hunter2"\n' + written.log.read_bytes())
    found = verify(written.directory, [written.signer.key], [written.outside])
    assert "hunter2" not in repr(found)
