from __future__ import annotations

import hashlib
import os
import time
from dataclasses import replace

import orjson
import pytest
from core.approval.signing import keygen_signs

from drkit.core.approval import store
from drkit.core.approval.answers import Answer, Verb
from drkit.core.approval.errors import StoreError
from drkit.core.approval.listing import listing
from drkit.core.canonical import canonical


@pytest.fixture
def filed(world, tmp_path):
    store.add(tmp_path, world.document)
    return tmp_path / world.document.id


def denial(world, **given):
    return replace(Answer(world.document.id, Verb.DENY, "dave", "not today", world.known.now), **given)


def test_what_is_filed_is_what_is_decided_on(world, tmp_path):
    path = store.add(tmp_path, world.document)
    assert path.read_bytes() == world.document.raw
    for name in ("carol", "bob"):
        store.approve(tmp_path, world.document.id, name, keygen_signs(world.pens[name], path.read_bytes()))
    store.prove(tmp_path, world.document.id, world.pens["alice"].sign(path.read_bytes(), "request@drkit"))
    found = store.load(tmp_path, world.document.id)
    assert found.document == world.document
    assert list(found.signatures) == ["bob", "carol"]
    assert found.proof is not None
    assert found.answer is None
    assert world.decide(document=found.document, signatures=found.signatures.values()).accepted


def test_a_denial_is_found_again(world, filed, tmp_path):
    store.answer(tmp_path, denial(world))
    assert store.load(tmp_path, world.document.id).answer == denial(world)


def test_the_first_answer_stays(world, filed, tmp_path):
    store.answer(tmp_path, denial(world))
    with pytest.raises(StoreError, match="was answered before"):
        store.answer(tmp_path, denial(world, verb=Verb.WITHDRAW))
    assert store.load(tmp_path, world.document.id).answer.verb is Verb.DENY


def test_an_answer_with_words_that_do_not_show_is_not_filed(world, filed, tmp_path):
    with pytest.raises(StoreError, match="cannot be filed"):
        store.answer(tmp_path, denial(world, reason="\x1b[2J"))


def test_a_second_signature_of_a_person_takes_the_place_of_the_first(world, filed, tmp_path):
    for key in ("bob", "bob2"):
        store.approve(tmp_path, world.document.id, "bob", *world.approved(key))
    assert list(store.load(tmp_path, world.document.id).signatures.values()) == world.approved("bob2")


@pytest.mark.parametrize("person", ["", "..", "../x", "a/b", ".bob", "Bob", "bob\n", "b" * 65])
def test_a_name_that_could_lead_elsewhere_is_refused(world, filed, tmp_path, person):
    with pytest.raises(StoreError, match="cannot be the name of a person"):
        store.approve(tmp_path, world.document.id, person, *world.approved("bob"))


@pytest.mark.parametrize("identifier", ["", "..", "0" * 64, "0" * 63 + "/", "../" + "0" * 61])
def test_a_request_that_is_not_there_is_refused(world, filed, tmp_path, identifier):
    with pytest.raises(StoreError, match="there is no request"):
        store.load(tmp_path, identifier)
    with pytest.raises(StoreError, match="there is no request"):
        store.approve(tmp_path, identifier, "bob", *world.approved("bob"))


def test_what_is_no_signature_is_not_filed(world, filed, tmp_path):
    for put in (
        lambda: store.approve(tmp_path, world.document.id, "bob", b"yes"),
        lambda: store.prove(tmp_path, world.document.id, b"yes"),
    ):
        with pytest.raises(StoreError, match="not a signature"):
            put()


def test_an_unreadable_denial_is_not_taken_for_none(world, filed, tmp_path):
    for garbage in (
        b"",
        b"{}",
        canonical(denial(world).as_data() | {"verb": "allow"}),
        canonical(denial(world, id="0" * 64).as_data()),
    ):
        (filed / "answer.json").write_bytes(garbage)
        with pytest.raises(StoreError):
            store.load(tmp_path, world.document.id)
        assert [each.name for each in listing(tmp_path).refused] == [f"'{world.document.id[:60]}…'"]
    (filed / "answer.json").unlink()
    (filed / "answer.json").symlink_to("nowhere")
    with pytest.raises(StoreError, match=r"answer\.json cannot be read"):
        store.load(tmp_path, world.document.id)


def test_a_request_in_the_place_of_another_is_refused(world, filed, tmp_path):
    (filed / "request.json").write_bytes(world.request().raw)
    with pytest.raises(StoreError, match="of another place"):
        store.load(tmp_path, world.document.id)


@pytest.mark.parametrize("name", ["bob", "Bob.sig", "bob.sig.sig~", "a b.sig", "bob.txt"])
def test_something_else_among_the_signatures_is_refused_by_name(world, filed, tmp_path, name):
    (filed / "approvals").mkdir()
    (filed / "approvals" / name).write_bytes(b"")
    with pytest.raises(StoreError, match=f"'{name}' among the approvals"):
        store.load(tmp_path, world.document.id)


def test_files_that_are_being_written_are_not_there_yet(world, filed, tmp_path):
    (filed / "approvals").mkdir()
    (filed / "approvals" / ".bob.sig.x7").write_bytes(b"half")
    (tmp_path / ".new").mkdir()
    assert store.load(tmp_path, world.document.id).signatures == {}
    assert listing(tmp_path).refused == ()


def test_links_pipes_and_giants_are_not_read(world, filed, tmp_path):
    target = filed / "request.json"
    saved = tmp_path.parent / f"{tmp_path.name}-saved.json"
    target.rename(saved)
    for make in (
        lambda: target.symlink_to(saved),
        lambda: os.mkfifo(target),
        target.mkdir,
        lambda: target.write_bytes(b" " * (5 * 1024 * 1024)),
    ):
        make()
        [refused] = listing(tmp_path).refused
        assert "request.json" in refused.why
        with pytest.raises(StoreError):
            store.load(tmp_path, world.document.id)
        target.rmdir() if target.is_dir() and not target.is_symlink() else target.unlink()


def test_a_listing_shows_what_one_needs_to_choose(world, filed, tmp_path):
    store.approve(tmp_path, world.document.id, "bob", *world.approved("bob"))
    newer = world.request(now=world.known.now)
    store.add(tmp_path, newer)
    store.answer(tmp_path, denial(world))
    found = listing(tmp_path)
    assert [each.id for each in found.requests] == [newer.id, world.document.id]
    [_, first] = found.requests
    assert (first.kind, first.playbook, first.danger, first.requester) == (
        "plan",
        "retention",
        "destroy",
        "alice",
    )
    assert (first.reason, first.approvals, first.signed) == ("the snapshots are old", 2, ("bob",))
    assert (first.requested_at, first.not_after) == (world.document.requested_at, world.document.not_after)
    assert (first.ended, found.requests[0].ended) == (Verb.DENY, None)


def test_no_directory_holds_no_request(tmp_path):
    found = listing(tmp_path / "absent")
    assert (found.requests, found.refused) == ((), ())


def test_garbage_is_refused_by_name_and_the_rest_is_listed(world, filed, tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "a\x1b[2Jb").mkdir()
    (tmp_path / ("0" * 64)).mkdir()
    for raw in (b"", b"[]", b"{", b"\xff", b"{}", b"[" * 5000, orjson.dumps({"kind": 1})):
        place = tmp_path / hashlib.sha256(raw).hexdigest()
        place.mkdir()
        (place / "request.json").write_bytes(raw)
    (tmp_path / os.fsdecode(b"\xff\xfe")).mkdir()
    found = listing(tmp_path)
    assert [each.id for each in found.requests] == [world.document.id]
    assert len(found.refused) == 11
    whys = {each.name: each.why for each in found.refused}
    assert whys["'notes.txt'"] == "its name is not the sha256 of a request"
    assert all(name.isprintable() for name in whys)
    assert "'a\\x1b[2Jb'" in whys


def test_a_listing_stays_within_a_tenth_of_a_millisecond_a_request(world, tmp_path):
    signature = world.approved("bob")[0]
    value = orjson.loads(world.document.raw)
    for number in range(2_000):
        value["nonce"] = f"{number:032x}"
        raw = canonical(value)
        place = tmp_path / hashlib.sha256(raw).hexdigest()
        (place / "approvals").mkdir(parents=True)
        (place / "request.json").write_bytes(raw)
        (place / "approvals" / "bob.sig").write_bytes(signature)
    spent = []
    for _ in range(5):
        start = time.process_time()
        found = listing(tmp_path)
        spent.append(time.process_time() - start)
    assert len(found.requests) == 2_000
    assert min(spent) < 0.2, spent  # the figure itself is in benchmarks/approval.py, on a quiet machine
