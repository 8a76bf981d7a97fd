from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drkit.core.approval import people
from drkit.core.approval.errors import ApprovalError, DocumentError, RosterError
from drkit.core.approval.people import Key, Root
from drkit.core.approval.roster import Pin, Signed, open_roster
from drkit.core.canonical import canonical

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def opened(world, *versions, by=("root1", "root2"), seen=None):
    history = [*world.history, *(world.signed(version, by) for version in versions)]
    return open_roster(world.pin, history, world.seen if seen is None else seen)


def test_the_pinned_first_version_is_the_roster(world):
    roster = world.roster
    assert [person.name for person in roster.latest.people] == ["alice", "bob", "carol", "dave", "erin"]
    assert roster.digests == (world.pin.digest,)


def test_a_version_reads_back_as_it_was_written(world):
    first = world.first
    assert people.read(first.raw) == first
    assert first.people == tuple(world.founders)


def test_a_later_version_takes_the_place_of_the_first(world):
    roster = world.extend([world.founders[0]])
    assert [person.name for person in roster.latest.people] == ["alice"]
    assert roster.latest.number == 2


def test_no_history_is_no_roster(world):
    with pytest.raises(RosterError, match="there is no roster"):
        open_roster(world.pin, [], {})


def test_another_first_roster_is_refused_even_if_the_root_signed_it(world):
    mallory = world.person("mallory")
    other = people.write(
        number=1,
        previous=None,
        made_at=world.first.made_at,
        root=world.root,
        people=[*world.founders, mallory],
    )
    with pytest.raises(RosterError, match="not the pinned one"):
        open_roster(world.pin, [world.signed(other)], {})


def test_a_first_roster_with_a_root_of_its_own_is_refused(world):
    own = Root((world.pens["mallory"].public,), 1)
    other = people.write(
        number=1, previous=None, made_at=world.first.made_at, root=own, people=world.founders
    )
    with pytest.raises(RosterError, match="not the pinned one"):
        open_roster(world.pin, [world.signed(other, ["mallory"])], {})
    with pytest.raises(RosterError, match="not the pinned one"):
        open_roster(Pin(other.digest, world.root), [world.signed(other, ["mallory"])], {})


def test_a_later_version_cannot_stand_in_for_the_first(world):
    second = world.next(world.founders)
    with pytest.raises(RosterError, match="not the pinned one"):
        open_roster(Pin(second.digest, world.root), [world.signed(second)], {})


@pytest.mark.parametrize("by", [[], ["root1"], ["root1", "root1"]])
def test_a_version_that_too_few_of_the_root_signed_is_refused(world, by):
    said = f"{len(set(by))} of 2 root keys signed version"
    with pytest.raises(RosterError, match=f"{said} 2"):
        opened(world, world.next(world.founders), by=by)
    with pytest.raises(RosterError, match=f"{said} 1"):
        open_roster(world.pin, [world.signed(world.first, by)], {})


@pytest.mark.parametrize("by", [["root1", "mallory"], ["bob", "carol"], ["other1", "other2"]])
def test_keys_that_are_not_the_roots_do_not_count(world, by):
    with pytest.raises(RosterError, match="of 2 root keys signed version 2"):
        opened(world, world.next(world.founders), by=by)


def test_a_signature_under_another_version_is_refused(world):
    second = world.next(world.founders)
    with pytest.raises(RosterError, match="did not sign these bytes"):
        open_roster(world.pin, [*world.history, Signed(second.raw, world.history[0].signatures)], {})


def test_an_approval_is_no_signature_under_a_roster(world):
    second = world.next(world.founders)
    signatures = tuple(world.pens[name].sign(second.raw, "approve@drkit") for name in ("root1", "root2"))
    with pytest.raises(RosterError, match="signed for 'approve@drkit'"):
        open_roster(world.pin, [*world.history, Signed(second.raw, signatures)], {})


def test_a_replaced_root_needs_the_signatures_of_the_old_one(world):
    own = Root(tuple(world.pens[name].public for name in ("other1", "other2")), 2)
    second = world.next(world.founders, root=own)
    with pytest.raises(RosterError, match="0 of 2 root keys signed version 2"):
        opened(world, second, by=["other1", "other2"])


def test_a_replaced_root_needs_the_signatures_of_the_new_one_too(world):
    own = Root(tuple(world.pens[name].public for name in ("other1", "other2")), 2)
    second = world.next(world.founders, root=own)
    with pytest.raises(RosterError, match="1 of 2 root keys signed version 2"):
        opened(world, second, by=["root1", "root2", "other1"])
    third = world.next(world.founders, before=second)
    history = [
        *world.history,
        world.signed(second, ["root1", "root2", "other1", "other2"]),
        world.signed(third, ["other1", "other2"]),
    ]
    assert open_roster(world.pin, history, {}).latest.number == 3
    with pytest.raises(RosterError, match="0 of 2 root keys signed version 3"):
        open_roster(world.pin, [*history[:2], world.signed(third)], {})


def test_a_skipped_version_is_refused(world):
    second = world.next(world.founders)
    third = world.next(world.founders, before=second)
    with pytest.raises(RosterError, match="version 3 of the roster follows version 1"):
        opened(world, third)
    claimed = world.next(world.founders, number=3)
    with pytest.raises(RosterError, match="version 3 of the roster follows version 1"):
        opened(world, claimed)


def test_versions_in_another_order_are_refused(world):
    second = world.next(world.founders)
    third = world.next(world.founders, before=second)
    with pytest.raises(RosterError, match="follows version"):
        opened(world, third, second)


def test_a_version_made_from_another_one_is_refused(world):
    ours = world.next(world.founders)
    theirs = world.next(world.founders[:2])
    with pytest.raises(RosterError, match="made from another version 2"):
        opened(world, ours, world.next(world.founders, before=theirs))


def test_a_fork_of_what_was_seen_is_refused(world):
    ours, theirs = (
        world.next(world.founders),
        world.next([*world.founders, world.person("mallory", added_at=world.known.now - DAY)]),
    )
    seen = {ours.digest: world.known.now}
    assert opened(world, ours, seen=seen).latest == ours
    with pytest.raises(RosterError, match=r"accepted before, .* is not in this history") as refused:
        opened(world, theirs, seen=seen)
    assert "rolled back or forked" in refused.value.hint


def test_a_roster_that_was_rolled_back_is_refused(world):
    world.extend(world.changed("carol", keys=()))
    with pytest.raises(RosterError, match="is not in this history"):
        open_roster(world.pin, world.history[:1], world.seen)


def test_a_version_older_than_the_one_before_it_is_refused(world):
    with pytest.raises(RosterError, match="older than the one before"):
        opened(world, world.next(world.founders, made_at=world.first.made_at - HOUR))


@pytest.mark.parametrize("offset", [-365 * DAY, -timedelta(seconds=1)])
def test_a_new_person_cannot_be_dated_back(world, offset):
    frank = world.person("frank", added_at=world.first.made_at + offset)
    with pytest.raises(RosterError, match="says wrongly when frank was added"):
        opened(world, world.next([*world.founders, frank]))


def test_a_known_person_cannot_be_dated_otherwise(world):
    changed = world.changed("carol", added_at=world.founders[2].added_at - DAY)
    with pytest.raises(RosterError, match="says wrongly when carol was added"):
        opened(world, world.next(changed))


def test_a_revocation_cannot_be_taken_back(world):
    [key] = world.founders[2].keys
    revoked = replace(key, revoked=world.known.now)
    second = world.next(world.changed("carol", keys=(revoked,)))
    for later in (key, replace(key, revoked=world.known.now + HOUR)):
        third = world.next(world.changed("carol", keys=(later,)), before=second)
        with pytest.raises(RosterError, match="takes back that a key is revoked"):
            opened(world, second, third)
    earlier = replace(key, revoked=world.known.now - HOUR)
    assert opened(world, second, world.next(world.changed("carol", keys=(earlier,)), before=second))


def test_a_key_cannot_be_given_to_somebody_else(world):
    [key] = world.founders[2].keys
    frank = world.person("frank", keys=(key,), added_at=world.known.now - DAY)
    with pytest.raises(RosterError, match="gives a key of carol to frank"):
        opened(world, world.next([*world.changed("carol", keys=()), frank]))


def test_two_people_cannot_have_one_key_nor_one_name(world):
    bob = world.person("bob")
    for twice in ([*world.founders, bob], [bob, replace(bob, name="rob")]):
        with pytest.raises(DocumentError, match="twice"):
            world.next(twice)


def test_a_root_that_cannot_be_met_is_refused(world):
    keys = world.root.keys
    for root in (
        Root(keys, 4),
        Root(keys, 0),
        Root((), 0),
        Root((keys[0], keys[0]), 2),
        Root(keys, approvals=True),
    ):
        with pytest.raises(DocumentError):
            world.next(world.founders, root=root)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"kind": "plan"}, "kind"),
        ({"version": 0}, "version"),
        ({"version": 2}, "has no previous"),
        ({"previous": "0" * 64}, "has no previous"),
        ({"previous": "0"}, "previous"),
        ({"made_at": None}, "made_at"),
        ({"people": []}, "people"),
        ({"people": [{}]}, "no name"),
        ({"extra": 1}, "unknown field, 'extra'"),
    ],
)
def test_a_version_of_another_form_is_refused_by_name(world, change, why):
    with pytest.raises(DocumentError, match=why):
        people.read(canonical(orjson.loads(world.first.raw) | change))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Bob"),
        ("name", "bob/../carol"),
        ("roles", ["requester", "approver"]),
        ("roles", ["approver", "approver"]),
        ("roles", "approver"),
        ("roles", [1]),
        ("trained_until", "soon"),
        ("added_at", None),
        ("keys", None),
        ("keys", [{"key": "ssh-ed25519 AAAA", "since": "2026-01-01T00:00:00Z", "revoked": None}]),
        ("keys", ["ssh-ed25519"]),
        ("more", 1),
    ],
)
def test_a_person_of_another_form_is_refused(world, field, value):
    data = orjson.loads(world.first.raw)
    data["people"][2][field] = value
    with pytest.raises(DocumentError):
        people.read(canonical(data))


def test_a_key_stands_in_a_roster_without_a_comment(world):
    data = orjson.loads(world.first.raw)
    data["people"][2]["keys"][0]["key"] += " laptop"
    with pytest.raises(DocumentError, match="a key of carol has no key"):
        people.read(canonical(data))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_roster_altered_in_any_byte_is_refused(world, data):
    raw = bytearray(world.first.raw)
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ApprovalError):
        open_roster(world.pin, [Signed(bytes(raw), world.history[0].signatures)], {})


def test_a_person_may_have_no_key_and_no_role_at_all(world):
    world.founders.append(world.person("frank", keys=(), roles=frozenset()))
    world.__post_init__()
    assert world.roster.by_name["frank"].keys == ()


def test_a_key_of_any_accepted_kind_may_stand_in_a_roster(world, pens):
    since = world.first.made_at
    keys = tuple(Key(pen.public, since) for pen in pens.values())
    world.founders = world.changed("carol", keys=keys)
    world.__post_init__()
    for pen in pens.values():
        assert world.decide(signatures=[*world.approved("bob"), pen.sign(world.document.raw)]).accepted
