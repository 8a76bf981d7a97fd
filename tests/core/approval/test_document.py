from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drkit.core.actions import Action, Effect, Plan
from drkit.core.approval import document as documents
from drkit.core.approval.errors import DocumentError
from drkit.core.approval.intended import Danger
from drkit.core.approval.requesting import request, request_standing
from drkit.core.approval.standing import Limits
from drkit.core.canonical import canonical

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TEN = Limits(things=10)


def changed(document, **fields):
    return canonical(orjson.loads(document.raw) | fields)


def standing(world, limits=TEN, **given):
    asked = {"requester": "alice", "reason": "every night", "now": world.known.now, "danger": Danger.DESTROY}
    return request_standing(world.intended, limits, **(asked | given))


def test_a_request_says_everything_that_shall_run(world):
    document = world.document
    assert document == documents.read(document.raw)
    assert document.id == hashlib.sha256(document.raw).hexdigest()
    assert document.allows == Plan(world.intended.actions)
    assert orjson.loads(document.raw) == {
        "version": 1,
        "kind": "plan",
        "estate": {"id": "weimob", "sha256": "a" * 64},
        "accounts": {"production": "100000000001", "backup": "100000000002"},
        "playbook": {"name": "retention", "sha256": "b" * 64},
        "plan": {
            "fingerprint": Plan(world.intended.actions).fingerprint,
            "actions": [action.as_data() for action in world.intended.actions],
        },
        "danger": "destroy",
        "approvals": 2,
        "requester": "alice",
        "reason": "the snapshots are old",
        "nonce": document.nonce,
        "requested_at": "2026-03-01T11:00:00Z",
        "not_before": "2026-03-01T11:00:00Z",
        "not_after": "2026-03-02T11:00:00Z",
    }


def test_a_standing_request_says_the_playbook_and_its_limits(world):
    document = standing(world, Limits(percent=5, per=48 * HOUR))
    assert document.kind == "standing"
    assert orjson.loads(document.raw)["standing"] == {
        "playbook": world.intended.playbook_data,
        "limits": {"things": None, "percent": 5, "per": "48h"},
    }
    assert document.not_after == world.known.now + 90 * DAY


def test_two_requests_for_the_same_are_two(world):
    assert len({world.request().nonce for _ in range(100)}) == 100
    assert world.request().id != world.request().id


def test_a_missing_field_is_refused_by_name(world):
    for field in orjson.loads(world.document.raw):
        value = orjson.loads(world.document.raw)
        del value[field]
        with pytest.raises(DocumentError, match=f"no {field}"):
            documents.read(canonical(value))


def test_an_unknown_field_is_refused_by_name_wherever_it_stands(world):
    for path in ((), ("estate",), ("playbook",), ("plan",), ("plan", "actions", 0)):
        value = orjson.loads(world.document.raw)
        inner = value
        for step in path:
            inner = inner[step]
        inner["surprise"] = 1
        with pytest.raises(DocumentError, match="unknown field, 'surprise'"):
            documents.read(canonical(value))


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"version": 2}, "version"),
        ({"version": True}, "version"),
        ({"kind": "sql"}, "kind"),
        ({"kind": ["plan"]}, "kind"),
        ({"kind": "standing"}, "has no standing"),
        ({"accounts": {}}, "accounts"),
        ({"accounts": {"production": 100000000001, "backup": "100000000002"}}, "accounts"),
        ({"accounts": {"Production": "100000000001"}}, "accounts"),
        ({"accounts": {"production": "100000000001"}}, "action in backup, which is not among"),
        ({"estate": {"id": "weimob", "sha256": "A" * 64}}, "sha256"),
        ({"estate": {"id": "../weimob", "sha256": "a" * 64}}, "id"),
        ({"playbook": {"name": "retention\n", "sha256": "a" * 64}}, "name"),
        ({"danger": "none"}, "danger"),
        ({"danger": "change"}, "says that it does less"),
        ({"approvals": 0}, "approvals"),
        ({"approvals": 21}, "approvals"),
        ({"approvals": "2"}, "approvals"),
        ({"approvals": 2.5}, "approvals"),
        ({"requester": ""}, "requester"),
        ({"requester": "Alice"}, "requester"),
        ({"requester": "alice\n"}, "requester"),
        ({"requester": "../alice"}, "requester"),
        ({"requester": "al*"}, "requester"),
        ({"reason": ""}, "reason"),
        ({"reason": "x" * 2001}, "reason"),
        ({"reason": "two\nlines"}, "reason"),
        ({"reason": "a \x1b[2J of the screen"}, "reason"),
        ({"nonce": "0" * 31}, "nonce"),
        ({"nonce": "G" * 32}, "nonce"),
        ({"requested_at": "2026-03-01T11:00:00+00:00"}, "requested_at"),
        ({"requested_at": "2026-02-30T11:00:00Z"}, "requested_at"),
        ({"requested_at": "2026-03-01T24:00:00Z"}, "requested_at"),
        ({"requested_at": "2026-03-01T11:00:01Z"}, "not in their order"),
        ({"not_before": "2026-03-01T10:59:59Z"}, "not in their order"),
        ({"not_before": "2026-03-02T11:00:00Z"}, "not in their order"),
        ({"not_after": "2026-03-02T11:00:01Z"}, "longer than 24 hours"),
        ({"plan": {"fingerprint": "0" * 64, "actions": []}}, "actions"),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(world, fields, why):
    with pytest.raises(DocumentError, match=why):
        documents.read(changed(world.document, **fields))


def test_a_fingerprint_of_another_plan_is_refused(world):
    value = orjson.loads(world.document.raw)
    value["plan"]["actions"].pop()
    with pytest.raises(DocumentError, match="fingerprint is not that of its actions"):
        documents.read(canonical(value))


def test_a_key_of_another_action_is_refused(world):
    value = orjson.loads(world.document.raw)
    value["plan"]["actions"][0]["key"] = value["plan"]["actions"][1]["key"]
    with pytest.raises(DocumentError, match="a key that is not its own"):
        documents.read(canonical(value))


def test_arguments_that_are_no_object_are_refused(world):
    value = orjson.loads(world.document.raw)
    value["plan"]["actions"][1]["arguments"] = []
    with pytest.raises(DocumentError, match="or no arguments"):
        documents.read(canonical(value))


@pytest.mark.parametrize(
    "spell",
    [
        lambda raw: raw + b"\n",
        lambda raw: b" " + raw,
        lambda raw: b"\xef\xbb\xbf" + raw,
        lambda raw: raw.replace(b'":"', b'": "', 1),
        lambda raw: raw.replace(b"weimob", b"\\u0077eimob"),
        lambda raw: raw.replace(b'"approvals":2', b'"approvals":2.0'),
        lambda raw: raw.replace(b'"approvals":2', b'"approvals":2,"approvals":2'),
        lambda raw: raw[:-1] + b',"a":1}',
        lambda raw: b"[" + raw + b"]",
        lambda raw: raw[:-1],
        lambda _: b"",
        lambda _: b"null",
        lambda _: b"[" * 100_000,
        lambda raw: raw.replace(b"weimob", b"weimo\xff"),
        lambda raw: raw.replace(b'"approvals":2', b'"approvals":' + b"9" * 5000),
        lambda raw: raw + b" " * documents.LARGEST,
    ],
)
def test_another_spelling_of_a_request_is_refused(world, spell):
    with pytest.raises(DocumentError):
        documents.read(spell(world.document.raw))


@pytest.mark.parametrize(
    "character", ["\u202e", "\u2066", "\u200b", "\x9b", "\ufeff", "\u2028", "\U000e0041"]
)
def test_what_does_not_show_is_refused_even_in_arguments(world, character):
    hidden = Action("disks.tag", Effect.CHANGE, "backup", "x", "y", {"tag": f"a{character}b"}, "why")
    with pytest.raises(DocumentError, match=f"the character U\\+{ord(character):04X}, which does not show"):
        world.request(intended=replace(world.intended, actions=(hidden,)))


def test_words_of_any_language_may_stand_in_a_reason(world):
    assert world.request(reason="快照太旧了　请删除, señor").reason == "快照太旧了　请删除, señor"


@pytest.mark.parametrize("lasts", [timedelta(0), -HOUR, 24 * HOUR + timedelta(seconds=1)])
def test_a_request_lasts_for_at_most_a_day(world, lasts):
    assert world.request(lasts=24 * HOUR).not_after
    with pytest.raises(DocumentError):
        world.request(lasts=lasts)


def test_a_request_for_nothing_is_refused(world):
    with pytest.raises(DocumentError, match="actions"):
        request(replace(world.intended, actions=()), requester="alice", reason="why", now=world.known.now)


@pytest.mark.parametrize(
    "limits",
    [
        Limits(),
        Limits(things=0),
        Limits(things=-1),
        Limits(percent=0),
        Limits(percent=101),
        Limits(things=True),
        Limits(things=1, per=timedelta(minutes=59)),
        Limits(things=1, per=91 * DAY),
    ],
)
def test_a_standing_request_without_a_sensible_limit_is_refused(world, limits):
    with pytest.raises(DocumentError):
        standing(world, limits)


def test_a_standing_request_lasts_for_at_most_ninety_days(world):
    with pytest.raises(DocumentError, match="longer than 2160 hours"):
        standing(world, lasts=90 * DAY + timedelta(seconds=1))


def test_a_standing_request_holds_the_playbook_that_it_names(world):
    value = orjson.loads(standing(world).raw)
    value["standing"]["playbook"]["steps"] = []
    with pytest.raises(DocumentError, match="another digest"):
        documents.read(canonical(value))


def test_a_standing_request_needs_the_playbook_itself(world):
    world.intended = replace(world.intended, playbook_data=None)
    with pytest.raises(DocumentError, match="needs the playbook itself"):
        standing(world)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)
PATIENT = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@PATIENT
@given(raw=st.binary(max_size=200) | JSON.map(orjson.dumps))
def test_any_bytes_are_a_request_or_an_error_of_ours(raw):
    with pytest.raises(DocumentError):
        documents.read(raw)


@PATIENT
@given(data=st.data())
def test_a_request_with_anything_in_any_field_is_one_or_an_error_of_ours(world, data):
    value = orjson.loads(world.document.raw)
    places = [value, value["estate"], value["playbook"], value["plan"], value["plan"]["actions"][0]]
    place = data.draw(st.sampled_from(range(len(places))))
    field = data.draw(st.sampled_from(sorted(places[place])))
    places[place][field] = data.draw(JSON)
    try:
        assert documents.read(canonical(value)).raw == canonical(value)
    except (ValueError, TypeError):
        return  # no JSON that anybody could have sent
    except DocumentError:
        return
