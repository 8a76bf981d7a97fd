"""The next version of the roster, from what people wrote down and from the version before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from drkit.core.approval import history
from drkit.core.approval.errors import RosterError, StoreError
from drkit.core.approval.staff import Staff, next_version

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(days=3)


@pytest.fixture
def keys(people_pens):
    """Everybody's public keys as they stand in ``.pub`` files."""
    return {name: pen.path.with_suffix(".pub").read_text().strip() for name, pen in people_pens.items()}


def staff(keys, **people):
    """A staff whose people have these fields; each has his own key unless another is said."""
    members = [
        {
            "name": name,
            "keys": [keys[name]],
            "roles": ["requester", "approver"],
            "trained_until": "2027-01-31",
        }
        | fields
        for name, fields in people.items()
    ]
    root = {"keys": [keys["root1"], keys["root2"]], "approvals": 2}
    return Staff.model_validate({"root": root, "people": members}, strict=False)


def person(version, name):
    return {each.name: each for each in version.people}[name]


def test_the_first_version_dates_everybody_by_the_whole_second(keys):
    version = next_version(staff(keys, bob={}, alice={}), None, NOW)
    at = NOW.replace(microsecond=0)
    assert (version.number, version.previous, version.made_at) == (1, None, at)
    assert [each.name for each in version.people] == ["alice", "bob"]
    assert person(version, "bob").added_at == at
    assert [(key.since, key.revoked) for key in person(version, "bob").keys] == [(at, None)]
    assert person(version, "bob").trained_until == datetime(2027, 1, 31, tzinfo=UTC)


def test_what_stays_keeps_its_dates_and_what_is_new_gets_todays(keys):
    first = next_version(staff(keys, alice={}, bob={}), None, NOW)
    second = next_version(
        staff(keys, alice={}, bob={"keys": [keys["bob"], keys["bob2"]]}, carol={}), first, LATER
    )
    assert (second.number, second.previous) == (2, first.digest)
    assert person(second, "alice") == person(first, "alice")
    assert [key.since for key in person(second, "bob").keys] == [first.made_at, second.made_at]
    assert person(second, "carol").added_at == second.made_at


def test_a_key_that_is_left_out_is_revoked_once_and_for_good(keys):
    first = next_version(staff(keys, alice={"keys": [keys["alice"], keys["alice2"]]}), None, NOW)
    second = next_version(staff(keys, alice={}), first, LATER)
    third = next_version(staff(keys, alice={}, bob={}), second, LATER + timedelta(days=1))
    for version in (second, third):
        revoked = [key.revoked for key in person(version, "alice").keys]
        assert revoked == [None, second.made_at]


def test_who_leaves_stays_known_without_role_or_training_and_with_revoked_keys(keys):
    first = next_version(staff(keys, alice={}, bob={}), None, NOW)
    second = next_version(staff(keys, alice={}), first, LATER)
    bob = person(second, "bob")
    assert (bob.roles, bob.trained_until) == (frozenset(), None)
    assert [key.revoked for key in bob.keys] == [second.made_at]
    assert person(next_version(staff(keys, alice={}, carol={}), second, LATER), "bob") == bob


def test_a_version_that_changes_nothing_is_not_made(keys):
    first = next_version(staff(keys, alice={}), None, NOW)
    with pytest.raises(RosterError, match="nothing changed"):
        next_version(staff(keys, alice={}), first, LATER)


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "No One"},
        {"keys": ["ssh-ed25519 AAAA"]},
        {"roles": ["a b"]},
        {"trained_until": "31.1.2027"},
        {"x": 1},
    ],
)
def test_what_cannot_stand_in_a_roster_is_refused_where_it_is_written(keys, fields):
    with pytest.raises(ValidationError):
        staff(keys, alice=fields)


def test_a_version_is_filed_once_and_read_back_from_the_first(keys, people_pens, tmp_path):
    first = next_version(staff(keys, alice={}), None, NOW)
    history.add(tmp_path, first)
    with pytest.raises(StoreError, match="there already"):
        history.add(tmp_path, replace(first))
    for keeper in ("root1", "root2"):
        history.add_signature(tmp_path, 1, people_pens[keeper].sign(first.raw, "roster@drkit"))
    assert history.open_pinned(tmp_path, first.digest, {}).latest == first
    (found,) = history.read_history(tmp_path)
    assert (found.raw, len(found.signatures)) == (first.raw, 2)


@pytest.mark.parametrize(("numbers", "said"), [((), "no roster"), ((2,), "missing"), ((1, 3), "missing")])
def test_a_history_with_a_gap_is_none(tmp_path, numbers, said):
    for number in numbers:
        (tmp_path / str(number)).mkdir()
    with pytest.raises(RosterError, match=said):
        history.read_history(tmp_path)
