from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from core.approval.signing import SecurityKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drkit.core.approval import document as documents
from drkit.core.approval.answers import Answer, Verb
from drkit.core.approval.approvers import requester_of
from drkit.core.approval.errors import ApprovalError, SignatureError
from drkit.core.approval.intended import Danger
from drkit.core.approval.people import Key
from drkit.core.approval.roster import open_roster
from drkit.core.canonical import canonical

HOUR, SECOND, DAY = timedelta(hours=1), timedelta(seconds=1), timedelta(days=1)
KEEPS_THE_WORLD = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def test_two_other_people_are_enough(world):
    decision = world.decide("bob", "carol")
    assert decision.accepted
    assert decision.reasons == ()
    assert decision.approvers == ("bob", "carol")


def test_a_decision_can_be_recorded(world):
    recorded = world.decide("bob").as_data()
    assert recorded["accepted"] is False
    assert recorded["approvers"] == ["bob"]
    assert recorded["reasons"] == [{"refusal": "too-few", "why": "1 of 2 other people approved"}]


def test_one_person_is_too_few(world, refusals):
    assert refusals(world.decide("bob")) == ["too-few"]


def test_nobody_is_too_few(world, refusals):
    assert refusals(world.decide()) == ["too-few"]


def test_one_is_enough_where_one_is_asked_for(world):
    intended = replace(world.intended, approvals=1)
    document = world.request(intended=intended)
    assert world.decide("bob", document=document, intended=intended).accepted


def test_a_request_cannot_ask_for_fewer_people_than_the_configuration_does(world, refusals):
    lenient = world.request(intended=replace(world.intended, approvals=1))
    assert refusals(world.decide("bob", document=lenient)) == ["too-few"]


def test_the_same_signature_twice_is_one_person(world, refusals):
    assert refusals(world.decide("bob", "bob")) == ["duplicate", "too-few"]


def test_two_keys_of_one_person_are_one_person(world, refusals):
    assert refusals(world.decide("bob", "bob2")) == ["duplicate", "too-few"]


@pytest.mark.parametrize("key", ["alice", "alice2"])
def test_the_requester_cannot_approve_by_any_of_her_keys(world, refusals, key):
    assert refusals(world.decide("bob", key)) == ["own-request", "too-few"]


def test_an_approval_by_the_requester_refuses_even_where_others_are_enough(world, refusals):
    assert refusals(world.decide("bob", "carol", "alice")) == ["own-request"]


def test_a_sole_reviewer_cannot_approve_his_own_request(world, refusals):
    world.founders = [world.person("alice")]
    world.intended = replace(world.intended, approvals=1)
    world.__post_init__()
    assert refusals(world.decide("alice")) == ["own-request", "too-few"]


def test_an_administrator_cannot_approve_his_own_request(world, refusals):
    roles = frozenset({"administrator", "approver", "requester"})
    world.founders = world.changed("alice", roles=roles)
    world.__post_init__()
    assert refusals(world.decide("alice", "bob")) == ["own-request", "too-few"]


def test_an_administrator_who_is_no_approver_cannot_approve(world, refusals):
    assert refusals(world.decide("bob", "dave")) == ["not-an-approver", "too-few"]


def test_the_untrained_cannot_approve(world, refusals):
    assert refusals(world.decide("bob", "erin")) == ["untrained", "too-few"]


def test_training_ends(world, refusals):
    world.founders = world.changed("carol", trained_until=world.known.now)
    world.__post_init__()
    decision = world.decide("bob", "carol")
    assert refusals(decision) == ["untrained", "too-few"]
    assert "until 2026-03-01T12:00:00Z" in decision.reasons[0].why
    assert world.decide("bob", "carol", now=world.known.now - SECOND).accepted


def test_a_stranger_cannot_approve(world, refusals):
    assert refusals(world.decide("bob", "mallory")) == ["unknown-key", "too-few"]


def test_a_revoked_key_cannot_approve(world, refusals):
    key = world.founders[2].keys[0]
    world.founders = world.changed("carol", keys=(replace(key, revoked=world.known.now),))
    world.__post_init__()
    assert refusals(world.decide("bob", "carol")) == ["revoked-key", "too-few"]
    assert world.decide("bob", "carol", now=world.known.now - SECOND).accepted


def test_a_key_does_not_count_before_its_day(world, refusals):
    key = world.founders[2].keys[0]
    world.founders = world.changed("carol", keys=(replace(key, since=world.known.now + SECOND),))
    world.__post_init__()
    assert refusals(world.decide("bob", "carol")) == ["key-not-yet-valid", "too-few"]
    assert world.decide("bob", "carol", now=world.known.now + SECOND).accepted


def test_a_signature_for_another_purpose_does_not_count(world, refusals):
    for purpose in ("file", "request@drkit", "roster@drkit", "approve@drkit2", "approve@drki"):
        wrong = world.pens["carol"].sign(world.document.raw, purpose)
        decision = world.decide(signatures=[*world.approved("bob"), wrong])
        assert refusals(decision) == ["wrong-namespace", "too-few"]


def test_a_security_key_that_nobody_touched_does_not_count(world, refusals):
    touched = SecurityKey("sk-ssh-ed25519@openssh.com")
    world.founders = world.changed("carol", keys=(Key(touched.public, world.known.now - DAY),))
    world.__post_init__()
    untouched = replace(touched, flags=0)
    signatures = world.approved("bob")
    assert world.decide(signatures=[*signatures, touched.sign(world.document.raw)]).accepted
    decision = world.decide(signatures=[*signatures, untouched.sign(world.document.raw)])
    assert refusals(decision) == ["untouched-key", "too-few"]


def test_a_disaster_takes_security_keys_that_verified_who_touched_them(world, refusals):
    keys = {name: SecurityKey("sk-ssh-ed25519@openssh.com", flags=0x05) for name in ("bob", "carol")}
    for name, key in keys.items():
        world.founders = world.changed(name, keys=(Key(key.public, world.known.now - DAY),))
    world.intended = replace(world.intended, worse=Danger.DISASTER)
    world.__post_init__()
    verified = [key.sign(world.document.raw) for key in keys.values()]
    assert world.decide(signatures=verified).accepted
    touched = replace(keys["carol"], flags=0x01).sign(world.document.raw)
    decision = world.decide(signatures=[verified[0], touched])
    assert refusals(decision) == ["unverified-key", "too-few"]


def test_who_agreed_that_something_is_destroyed_did_not_agree_to_a_disaster(world, refusals):
    world.intended = replace(world.intended, worse=Danger.DISASTER)
    assert refusals(world.decide("bob", "carol")) == ["danger-understated"]


def test_what_is_no_signature_refuses(world, refusals):
    decision = world.decide(signatures=[*world.approved("bob", "carol"), b"garbage"])
    assert refusals(decision) == ["unreadable-signature"]


def test_the_signatures_of_two_requests_cannot_be_swapped(world, refusals):
    other = world.request()
    decision = world.decide(signatures=world.approved("bob", "carol", document=other))
    assert refusals(decision) == ["false-signature", "false-signature", "too-few"]


def test_an_approval_is_used_once(world, refusals):
    assert refusals(world.decide("bob", "carol", spent={world.document.nonce})) == ["replayed"]
    assert world.decide("bob", "carol", spent={world.request().nonce}).accepted


def test_an_approval_expires(world, refusals):
    end = world.document.not_after
    assert world.decide("bob", "carol", now=end - SECOND).accepted
    assert refusals(world.decide("bob", "carol", now=end)) == ["expired"]


def test_an_approval_cannot_be_used_early(world, refusals):
    later = world.request(not_before=world.known.now + SECOND)
    assert refusals(world.decide("bob", "carol", document=later)) == ["not-yet-valid"]
    assert world.decide("bob", "carol", document=later, now=world.known.now + SECOND).accepted


def test_a_clock_moved_back_behind_the_evidence_refuses(world, refusals):
    latest = world.known.now + SECOND
    assert refusals(world.decide("bob", "carol", latest=latest)) == ["clock-moved-back"]


def test_a_clock_moved_back_behind_the_roster_refuses(world, refusals):
    world.extend(world.founders, made_at=world.known.now + SECOND, seen=world.known.now)
    assert refusals(world.decide("bob", "carol")) == ["clock-moved-back"]


@pytest.mark.parametrize(("verb", "said"), [(Verb.DENY, "denied"), (Verb.WITHDRAW, "withdrawn")])
def test_an_answer_ends_a_request(world, refusals, verb, said):
    answer = Answer(world.document.id, verb, "dave", "not today", world.known.now)
    decision = world.decide("bob", "carol", answers=(answer,))
    assert refusals(decision) == [said]
    assert decision.reasons[0].why == "dave on 2026-03-01T12:00:00Z: not today"


def test_an_answer_to_another_request_says_nothing(world):
    answer = Answer(world.request().id, Verb.DENY, "dave", "not today", world.known.now)
    assert world.decide("bob", "carol", answers=(answer,)).accepted


def test_without_a_proof_of_who_asked_one_more_person_is_needed(world, refusals):
    decision = world.decide("bob", "carol", requester=None)
    assert refusals(decision) == ["too-few"]
    assert decision.reasons[0].why == (
        "2 of 3 other people approved; one of them because nothing proves that alice asked for it"
    )
    world.founders = world.changed("dave", roles=frozenset({"approver"}))
    world.__post_init__()
    assert world.decide("bob", "carol", "dave", requester=None).accepted


def test_a_request_in_the_name_of_another_is_refused(world, refusals):
    assert refusals(world.decide("bob", "carol", requester="bob")) == ["other-requester"]


def test_the_requester_proves_by_a_signature_that_the_request_is_hers(world):
    now, roster = world.known.now, world.roster
    proof = world.pens["alice2"].sign(world.document.raw, "request@drkit")
    assert requester_of(world.document, proof, roster, now) == "alice"
    for wrong in (
        world.pens["alice"].sign(world.document.raw, "approve@drkit"),
        world.pens["alice"].sign(world.request().raw, "request@drkit"),
        world.pens["mallory"].sign(world.document.raw, "request@drkit"),
    ):
        with pytest.raises(SignatureError):
            requester_of(world.document, wrong, roster, now)


def test_a_key_that_was_just_added_proves_no_request(world):
    alice = world.founders[0]
    fresh = Key(world.pens["frank"].public, world.known.now - DAY)
    roster = world.extend(world.changed("alice", keys=(*alice.keys, fresh)))
    proof = world.pens["frank"].sign(world.document.raw, "request@drkit")
    with pytest.raises(SignatureError, match="no key that counts now"):
        requester_of(world.document, proof, roster, world.known.now)
    assert requester_of(world.document, proof, roster, world.known.now + 6 * DAY) == "alice"


def test_a_request_of_nobody_in_the_roster_is_refused(world, refusals):
    stranger = world.request(requester="mallory")
    decision = world.decide("bob", "carol", document=stranger, requester="mallory")
    assert refusals(decision) == ["unknown-requester"]


def test_who_may_not_ask_may_not_ask(world, refusals):
    world.founders = world.changed("alice", roles=frozenset({"approver"}))
    world.__post_init__()
    assert refusals(world.decide("bob", "carol")) == ["unknown-requester"]


def test_another_estate_is_refused(world, refusals):
    intended = replace(world.intended, estate="other")
    assert refusals(world.decide("bob", "carol", intended=intended)) == ["other-estate"]


def test_a_changed_estate_is_refused(world, refusals):
    intended = replace(world.intended, estate_sha256="c" * 64)
    assert refusals(world.decide("bob", "carol", intended=intended)) == ["estate-changed"]


@pytest.mark.parametrize(
    "accounts",
    [
        {"production": "100000000009", "backup": "100000000002"},
        {"production": "100000000001"},
        {"production": "100000000001", "backup": "100000000002", "third": "100000000003"},
    ],
)
def test_a_changed_account_is_refused(world, refusals, accounts):
    intended = replace(world.intended, accounts=accounts)
    assert refusals(world.decide("bob", "carol", intended=intended)) == ["account-changed"]


@pytest.mark.parametrize("change", [{"playbook": "other"}, {"playbook_sha256": "c" * 64}])
def test_a_changed_playbook_is_refused(world, refusals, change):
    assert refusals(world.decide("bob", "carol", intended=replace(world.intended, **change))) == [
        "playbook-changed"
    ]


ACTION_CHANGES = {
    "verb": "disks.delete_disk",
    "account": "backup",
    "region": "ap-nanjing",
    "target": "snap-9",
    "arguments": {"force": True},
    "reason": "older",
    "cost": "1",
}


@pytest.mark.parametrize("change", ACTION_CHANGES)
def test_an_action_changed_in_anything_is_refused(world, refusals, change):
    first, *rest = world.intended.actions
    changed = (replace(first, **{change: ACTION_CHANGES[change]}), *rest)
    intended = replace(world.intended, actions=changed)
    assert refusals(world.decide("bob", "carol", intended=intended)) == ["plan-changed"]


def test_actions_fewer_more_or_in_another_order_are_refused(world, refusals):
    actions = world.intended.actions
    for changed in (actions[1:], (*actions, actions[0]), actions[::-1], ()):
        intended = replace(world.intended, actions=changed)
        assert refusals(world.decide("bob", "carol", intended=intended)) == ["plan-changed"]


def test_an_approval_to_change_does_not_allow_to_destroy(world, refusals):
    gentle = world.request(intended=replace(world.intended, actions=world.intended.actions[2:]))
    assert gentle.danger == "change"
    assert refusals(world.decide("bob", "carol", document=gentle)) == ["plan-changed", "danger-understated"]


def test_all_reasons_are_given(world, refusals):
    decision = world.decide(
        signatures=[*world.approved("alice", "erin", "mallory"), b""],
        intended=replace(world.intended, estate_sha256="c" * 64, playbook="other"),
        now=world.document.not_after,
        latest=world.document.not_after + DAY,
        spent={world.document.nonce},
    )
    assert refusals(decision) == [
        "own-request",
        "untrained",
        "unknown-key",
        "unreadable-signature",
        "too-few",
        "clock-moved-back",
        "expired",
        "replayed",
        "estate-changed",
        "playbook-changed",
    ]
    assert decision.approvers == ()


def test_an_approver_whom_a_later_version_adds_waits_for_seven_days(world, refusals):
    frank = world.person("frank", added_at=world.known.now - DAY)
    roster = world.extend([*world.founders, frank])
    added = world.known.now - DAY
    decision = world.decide("bob", "frank", roster=roster)
    assert refusals(decision) == ["new-person", "too-few"]
    assert "on 2026-02-28T12:00:00Z, less than seven days ago" in decision.reasons[0].why
    document = world.request(now=added + 7 * DAY - HOUR)
    for moment, accepted in ((added + 7 * DAY - SECOND, False), (added + 7 * DAY, True)):
        assert world.decide("bob", "frank", roster=roster, document=document, now=moment).accepted is accepted


def test_a_version_that_predates_itself_does_not_shorten_the_wait(world, refusals):
    # The root dates the version back; it was first seen here an hour ago.
    frank = world.person("frank", added_at=world.first.made_at)
    made_at = world.first.made_at
    roster = world.extend([*world.founders, frank], made_at=made_at, seen=world.known.now - HOUR)
    later = made_at + 7 * DAY
    document = world.request(now=later - HOUR)
    assert refusals(world.decide("bob", "frank", roster=roster, document=document, now=later)) == [
        "new-person",
        "too-few",
    ]


def test_whom_nobody_saw_arrive_waits(world, refusals):
    frank = world.person("frank", added_at=world.known.now - DAY)
    roster = world.extend([*world.founders, frank], seen=None)
    much_later = world.known.now + 50 * DAY
    document = world.request(now=much_later)
    decision = world.decide("bob", "frank", roster=roster, document=document, now=much_later)
    assert refusals(decision) == ["new-person", "too-few"]
    assert "nobody noted when" in decision.reasons[0].why


def test_who_becomes_an_approver_later_waits_like_a_new_person(world, refusals):
    roster = world.extend(world.changed("dave", roles=frozenset({"approver"})))
    assert refusals(world.decide("bob", "dave", roster=roster)) == ["new-person", "too-few"]


def test_a_key_that_a_later_version_adds_waits_like_a_new_person(world, refusals):
    carol = world.founders[2]
    fresh = Key(world.pens["frank"].public, world.known.now - DAY)
    roster = world.extend(world.changed("carol", keys=(*carol.keys, fresh)))
    decision = world.decide("bob", "frank", roster=roster)
    assert refusals(decision) == ["new-key", "too-few"]
    assert decision.reasons[0].why.startswith(
        "a key of carol was added to the roster on 2026-02-28T12:00:00Z"
    )
    assert world.decide("bob", "carol", roster=roster).accepted


def test_who_was_away_for_a_version_is_new_again(world, refusals):
    world.extend(
        [each for each in world.founders if each.name != "carol"], made_at=world.first.made_at + HOUR
    )
    back = world.person("carol", added_at=world.known.now - DAY)
    roster = world.extend([*(each for each in world.founders if each.name != "carol"), back])
    assert refusals(world.decide("bob", "carol", roster=roster)) == ["new-person", "too-few"]


def leaves(value, path=()):
    if isinstance(value, dict):
        return [each for key in value for each in leaves(value[key], (*path, key))]
    if isinstance(value, list):
        return [each for index, item in enumerate(value) for each in leaves(item, (*path, index))]
    return [path]


def put(value, path, new):
    for step in path[:-1]:
        value = value[step]
    value[path[-1]] = new


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 10**6), st.text(max_size=8), st.just({}), st.just([])
)
NEAR = st.sampled_from(
    [
        *("production", "backup", "snap-2", "snap-3", "change", "destroy", "read", "plan", "standing", "bob"),
        *(
            "2026-03-01T11:00:00Z",
            "2026-03-02T10:59:59Z",
            "100000000002",
            "0" * 32,
            "a" * 64,
            "b" * 64,
            "1",
            "",
        ),
        *(1, 2, 3, True, False),
    ]
)


@KEEPS_THE_WORLD
@given(data=st.data())
def test_a_request_altered_in_any_field_is_refused(world, data):
    signatures = world.approved("bob", "carol")
    value = orjson.loads(world.document.raw)
    path = data.draw(st.sampled_from(leaves(value)))
    put(value, path, data.draw(SCALARS | NEAR))
    altered = canonical(value)
    if altered == world.document.raw:
        return
    assert refused(world, altered, signatures), (path, altered)


def test_every_field_altered_by_itself_is_refused(world):
    signatures = world.approved("bob", "carol")
    for path in leaves(orjson.loads(world.document.raw)):
        for new in (
            "changed",
            "0",
            3,
            None,
            "2026-03-01T11:00:01Z",
            "c" * 64,
            "d" * 32,
            "100000000009",
            True,
        ):
            value = orjson.loads(world.document.raw)
            put(value, path, new)
            if canonical(value) != world.document.raw:
                assert refused(world, canonical(value), signatures), (path, new)


@KEEPS_THE_WORLD
@given(data=st.data())
def test_a_request_altered_in_any_byte_is_refused(world, data):
    signatures = world.approved("bob", "carol")
    raw = bytearray(world.document.raw)
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    assert refused(world, bytes(raw), signatures)


@KEEPS_THE_WORLD
@given(data=st.data())
def test_a_signature_altered_in_any_byte_is_refused(world, data):
    good, other = world.approved("bob", "carol")
    altered = bytearray(other)
    at = data.draw(st.integers(0, len(altered) - 2))  # the last newline is the one byte that may be missing
    altered[at] ^= data.draw(st.integers(1, 255))
    decision = world.decide(signatures=[good, bytes(altered)])
    assert not decision.accepted
    assert decision.approvers == ("bob",)


def refused(world, raw, signatures):
    """Whether drkit refuses a request with these bytes, on purpose."""
    try:
        document = documents.read(raw)
    except ApprovalError:
        return True
    decision = world.decide(document=document, signatures=signatures)
    return "false-signature" in [reason.refusal for reason in decision.reasons]


def test_a_roster_is_opened_for_any_number_of_decisions(world):
    roster = open_roster(world.pin, world.history, world.seen)
    assert world.decide("bob", "carol", roster=roster) == world.decide("bob", "carol", roster=roster)
