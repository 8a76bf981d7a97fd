"""The broker's own decision, held against clients who choose every byte that they send and every file they share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from office import OTHER_RUN, PEER, Stage, removal

from drkit.core.actions import Effect
from drkit.core.approval import store
from drkit.core.approval.answers import Answer, Verb
from drkit.core.approval.document import Document
from drkit.core.errors import ApprovalError
from drkit.core.evidence.reading import read


def test_an_approval_is_for_one_run_which_may_come_again(stage: Stage) -> None:
    document = stage.approved()
    assert set(stage.give(document).actions) == {removal().key}
    assert set(stage.give(document).actions) == {removal().key}
    assert "replayed" in stage.refused(document, OTHER_RUN)
    used = [entry for _, entry in read(stage.log.directory) if entry["kind"] == "approval.used"]
    assert len(used) == 1
    assert used[0]["approvers"] == ["bob", "carol"]


def test_what_is_spent_is_signed_before_the_client_hears_of_it(stage: Stage) -> None:
    document = stage.approved()
    stage.give(document)
    entries = list(read(stage.log.directory))
    assert stage.log.last is not None
    assert stage.log.last.size == len(entries)


def test_nobody_is_believed_about_time(stage: Stage) -> None:
    document = stage.approved(lasts=timedelta(hours=1))
    stage.ahead = timedelta(hours=1)
    assert "expired" in stage.refused(document)
    stage.ahead = timedelta()  # the clock goes back to when it was valid; the refusal is in the evidence
    assert "clock-moved-back" in stage.refused(document)


def test_a_licence_ends_with_the_time_of_its_approval_and_with_a_clock_that_goes_back(stage: Stage) -> None:
    given = stage.give(stage.approved(lasts=timedelta(hours=1)))
    office = stage.office()
    office.refuse_ended(given)
    stage.ahead = timedelta(hours=1)
    with pytest.raises(ApprovalError, match="expired meanwhile"):
        office.refuse_ended(given)
    stage.ahead = -timedelta(minutes=5)
    with pytest.raises(ApprovalError, match="moved back"):
        office.refuse_ended(given)


def deny(stage: Stage, document: Document) -> Path:
    store.answer(
        stage.requests, Answer(document.id, Verb.DENY, "dave", "no", stage.now().replace(microsecond=0))
    )
    return stage.requests / document.id / store.ANSWER


def test_a_denial_stops_a_run_under_way(stage: Stage) -> None:
    document = stage.approved()
    office = stage.office()
    given = office.give(stage.asked(document), PEER)
    deny(stage, document)
    with pytest.raises(ApprovalError, match="dave said no"):
        office.refuse_ended(given)


def test_an_unreadable_denial_stops_a_run_under_way(stage: Stage) -> None:
    document = stage.approved()
    office = stage.office()
    given = office.give(stage.asked(document), PEER)
    (stage.requests / document.id / store.ANSWER).write_text("{")
    with pytest.raises(ApprovalError):
        office.refuse_ended(given)


@pytest.mark.parametrize("how", ["asked", "watched"])
def test_a_denial_that_was_seen_counts_though_its_file_is_taken_away(stage: Stage, how: str) -> None:
    document = stage.approved()
    office = stage.office()
    given = office.give(stage.asked(document), PEER)
    file = deny(stage, document)
    if how == "watched":
        office.watch()
    else:
        assert "denied" in stage.refused(document)
    file.unlink()
    assert "denied" in stage.refused(document)
    if how == "watched":
        with pytest.raises(ApprovalError, match="said no"):
            office.refuse_ended(given)


def test_a_roster_that_was_seen_cannot_be_rolled_back(stage: Stage) -> None:
    document = stage.approved()
    office = stage.office()
    office.watch()
    staff = stage.people.staff(bob={"keys": []})
    stage.people.publish(staff)
    office.watch()  # nobody has asked for anything yet
    assert "unknown-key" in stage.refused(document) or "revoked-key" in stage.refused(document)
    shutil.rmtree(stage.people.roster / "2")
    assert "is not in this history" in stage.refused(document)


def test_another_first_roster_is_not_the_pinned_one(stage: Stage) -> None:
    document = stage.approved()
    shutil.rmtree(stage.people.roster)
    stage.people.publish(stage.people.staff(dave={"roles": ["approver"]}))
    assert "not the pinned one" in stage.refused(document)


def test_who_is_new_waits_seven_days_from_when_the_broker_saw_him(stage: Stage) -> None:
    stage.people.generate("erin")
    stage.people.names = (*stage.people.names, "erin")
    stage.office().watch()
    stage.people.publish(stage.people.staff())
    stage.office().watch()
    document = stage.approve(stage.ask(), "bob", "erin")
    assert "new-person" in stage.refused(document)
    stage.ahead = timedelta(days=7, seconds=1)
    later = stage.approve(stage.ask(), "bob", "erin")
    assert stage.give(later).judged.decision.approvers == ("bob", "erin")


def test_only_exactly_what_was_approved_is_licensed(stage: Stage) -> None:
    document, other = stage.approved(), stage.approved(removal("snap-0000000b"))
    mine = document.allows.actions  # type: ignore[union-attr]
    foreign = removal("snap-0000000b")
    for actions in ((foreign,), (*mine, foreign), (), (replace(mine[0], reason="other"),)):
        assert "plan-changed" in stage.refused(document, actions=actions)
    assert "plan-changed" in stage.refused(other, actions=mine)  # two requests, swapped
    reading = (replace(mine[0], effect=Effect.READ),)
    assert "only what destroys" in stage.refused(document, actions=reading)
    scratch = (removal(arguments={"scratch": True}),)
    assert "only what destroys" in stage.refused(document, actions=scratch)


def test_another_playbook_than_the_approved_one_is_not_even_read(stage: Stage) -> None:
    document = stage.approved()
    assert "playbook-changed" in stage.refused(document, playbook=b"- [" * 100_000)
    assert not list(stage.office().state.directory.glob("*.yaml"))


def test_what_nobody_signed_is_refused_before_the_playbook_is_read(stage: Stage) -> None:
    document = stage.ask()
    reason = stage.refused(document, playbook=b"\xff not YAML")
    assert "too-few" in reason
    assert "YAML" not in reason


def test_signatures_taken_from_another_request_refuse_the_whole(stage: Stage) -> None:
    document, other = stage.approved(), stage.ask(removal("snap-0000000b"))
    shutil.copytree(
        stage.requests / document.id / store.APPROVALS, stage.requests / other.id / store.APPROVALS
    )
    assert "false-signature" in stage.refused(other)


def test_a_changed_estate_refuses_what_was_approved_before(stage: Stage) -> None:
    document = stage.approved()
    stage.people.estate(approvals={"roster": str(stage.people.roster), "pin": stage.people.pin, "destroy": 3})
    reason = stage.refused(document)
    assert "estate-changed" in reason
    assert "too-few" in reason


def pipe(path: Path) -> None:
    os.mkfifo(path)


def link(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def huge(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(10**10)


def directory(path: Path) -> None:
    path.mkdir()


NUISANCES = (pipe, link, huge, directory)


@contextmanager
def replaced(path: Path, nuisance: Callable[[Path], None]) -> Iterator[None]:
    """Something else in the place of a file, for a while."""
    kept = path.read_bytes() if path.exists() else None
    path.unlink(missing_ok=True)
    nuisance(path)
    yield
    path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    if kept is not None:
        path.write_bytes(kept)


def test_only_plain_files_of_a_sound_size_are_read(stage: Stage) -> None:
    """A pipe would make the broker wait for ever, a link would lead elsewhere, a huge file would fill its memory."""
    document = stage.approved()
    mine = stage.requests / document.id
    shared = [mine / name for name in ("request.json", "request.sig", "answer.json")]
    shared += [mine / "approvals" / f"{name}.sig" for name in ("bob", "zoe")]
    shared += [stage.people.roster / "1" / name for name in ("roster.json", "signatures/zoe.sig")]
    for path in shared:
        for nuisance in NUISANCES:
            with replaced(path, nuisance):
                said = stage.refused(document)
            assert any(word in said for word in ("plain file", "cannot be read", "no request")), said
    stage.give(document)


def test_so_many_signatures_are_not_read(stage: Stage) -> None:
    document = stage.approved()
    place = stage.requests / document.id / store.APPROVALS
    content = (place / "bob.sig").read_bytes()
    for number in range(store.MOST_SIGNATURES):
        (place / f"p{number}.sig").write_bytes(content)
    assert "more than" in stage.refused(document)
