"""The three-fold rule: mark, scope and record agree and nothing foreign hangs on it, or the thing stays."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drkit.core.actions import Action, Done, Effect, outcome_as_data
from drkit.core.times import Reading
from drkit.flows.sweeping.records import Record, Records, records_of
from drkit.flows.sweeping.removal import removal_of, tear_down
from drkit.flows.sweeping.rule import may_attach, may_detach, may_remove, may_tear_down
from drkit.flows.sweeping.scope import DrillScope
from drkit.flows.sweeping.seeing import Hanging, Place, Thing, ThingKind
from drkit.ports.scratch import RUN_TAG, UNTIL_TAG

# `make soak` tries more.
MANY = 5_000 if os.environ.get("DRKIT_SOAK") == "1" else 500
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
RUN, UNTIL, MADE = "20261120T010000Z-aaaaaa", "2026-11-21T01:00:00Z", datetime(2026, 11, 20, 1, tzinfo=UTC)
PLACE = Place("production", "100000000001", "ap-beijing")
SCOPE = DrillScope({"production": "100000000001"}, frozenset({"ap-beijing"}))
NAME = "drkit-full-20261120T0100-disk-source-0a1b2c"
THING = Thing(
    id="disk-scratch",
    kind=ThingKind.DISK,
    place=PLACE,
    name=NAME,
    tags={RUN_TAG: RUN, UNTIL_TAG: UNTIL},
    created=Reading(MADE, MADE),
)
RECORD = Record(
    id="disk-scratch",
    run=RUN,
    verb="disks.create_scratch",
    account="production",
    number="100000000001",
    region="ap-beijing",
    until=UNTIL,
    name=NAME,
    since="2026-11-20T00:59:00Z",
    at="2026-11-20T01:01:00Z",
)
RECORDS: Records = {RECORD.id: RECORD}


def test_scratch_whose_time_has_passed_in_a_declared_place_with_a_record_may_go() -> None:
    assert may_remove(THING, SCOPE, RECORDS, NOW) == ()


def test_the_run_that_made_it_may_tear_it_down_before_its_time_and_nobody_else() -> None:
    before = MADE + timedelta(hours=1)

    assert may_remove(THING, SCOPE, RECORDS, before, RUN) == ()
    assert may_remove(THING, SCOPE, RECORDS, before) == (f"it may stay until {UNTIL}",)
    assert "its tag drkit:run names another run" in may_remove(THING, SCOPE, RECORDS, before, "another")


ALTERED: dict[str, Thing] = {
    "it bears no tag drkit:run": replace(THING, tags={UNTIL_TAG: UNTIL}),
    "it bears no tag drkit:scratch-until": replace(THING, tags={RUN_TAG: RUN}),
    "its tag drkit:scratch-until is no time": replace(THING, tags={RUN_TAG: RUN, UNTIL_TAG: "soon"}),
    "is no time that can be read": replace(THING, tags={RUN_TAG: RUN, UNTIL_TAG: "2026-11-21T01:00:00"}),
    "it may stay until": replace(THING, tags={RUN_TAG: RUN, UNTIL_TAG: "2026-12-01T00:00:00Z"}),
    "is not the one that it was made with": replace(
        THING, tags={RUN_TAG: RUN, UNTIL_TAG: "2026-11-20T02:00:00Z"}
    ),
    "declares no scratch in the account": replace(THING, place=replace(PLACE, number="100000000009")),
    "declares no scratch in ap-tokyo": replace(THING, place=replace(PLACE, region="ap-tokyo")),
    "the evidence records no creation of it": replace(THING, id="disk-production"),
    "and its tag does not": replace(THING, tags={RUN_TAG: "another", UNTIL_TAG: UNTIL}),
    "its name is not the one": replace(THING, name="mysql-primary-data"),
    "not surely created when": replace(
        THING, created=Reading(MADE - timedelta(days=400), MADE - timedelta(days=400))
    ),
    "created when the evidence says": replace(THING, created=None),
    "not surely a data disk": replace(THING, system=True),
    "surely a data disk": replace(THING, system=None),
    "it is attached to ins-production": replace(THING, host="ins-production"),
    "its snapshots could not be read": replace(THING, hanging=None),
    "the snapshot snap-foreign of it was not made by drkit": replace(
        THING, hanging=(Hanging("snap-foreign"),)
    ),
}


@pytest.mark.parametrize("reason", ALTERED)
def test_one_doubt_and_it_stays(reason: str) -> None:
    assert any(reason in told for told in may_remove(ALTERED[reason], SCOPE, RECORDS, NOW))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"verb": "disks.create_snapshot"}, "not as scratch"),
        ({"until": ""}, "not as scratch"),
        ({"account": "test"}, "in another place"),
        ({"number": ""}, "in another place"),
        ({"region": "ap-shanghai"}, "in another place"),
        ({"run": "another"}, "and its tag does not"),
        ({"id": "disk-other"}, "of another thing"),
        ({"since": "yesterday"}, "not surely created"),
    ],
)
def test_a_record_of_something_else_is_no_record(changes: dict[str, str], reason: str) -> None:
    records = {THING.id: replace(RECORD, **changes)}

    assert any(reason in told for told in may_remove(THING, SCOPE, records, NOW))


def test_a_snapshot_of_it_that_drkit_made_does_not_keep_it_unless_it_is_still_being_created() -> None:
    copied = replace(RECORD, id="snap-full", verb="disks.create_full", until="")
    records = {**RECORDS, copied.id: copied}

    assert may_remove(replace(THING, hanging=(Hanging("snap-full"),)), SCOPE, records, NOW) == ()
    creating = replace(THING, hanging=(Hanging("snap-full", creating=True),))
    assert may_remove(creating, SCOPE, records, NOW) == ("its snapshot snap-full is still being created",)


def test_an_estate_that_declares_no_scratch_lets_nothing_go() -> None:
    assert may_remove(THING, DrillScope(), RECORDS, NOW, RUN)


def test_what_is_removed_is_the_thing_itself_as_scratch() -> None:
    action = removal_of(THING)

    assert (action.effect, action.target, action.arguments["scratch"]) == (Effect.DESTROY, THING.id, True)


# --- fuzz: production that somebody tagged is never removed ---

# Values near the true ones, so that tags and records agree in some of their fields and not in others.
RUNS = st.sampled_from([RUN, "20261120T010000Z-bbbbbb", "", "made-up"])
TIMES = st.sampled_from([UNTIL, "2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z", "", "never", "2026-11-21"])
IDS = st.sampled_from(["disk-scratch", "disk-production", "disk-other", "snap-full"])
NAMES = st.sampled_from([NAME, "mysql-primary-data", ""])
ACCOUNTS = st.sampled_from(["production", "test"])
NUMBERS = st.sampled_from(["100000000001", "100000000002", ""])
REGIONS = st.sampled_from(["ap-beijing", "ap-shanghai"])
TAGS = st.one_of(
    st.fixed_dictionaries({RUN_TAG: RUNS, UNTIL_TAG: TIMES}),
    st.dictionaries(st.sampled_from([RUN_TAG, UNTIL_TAG, "drkit:source", "service"]), st.one_of(RUNS, TIMES)),
)
CREATED = st.one_of(
    st.none(),
    st.sampled_from([Reading(MADE, MADE), Reading(MADE - timedelta(hours=8), MADE)]),
    st.integers(0, 4000).map(
        lambda days: Reading(MADE - timedelta(days=days), MADE - timedelta(days=days, hours=-8))
    ),
)
HANGING = st.one_of(
    st.none(),
    st.lists(
        st.builds(Hanging, st.sampled_from(["snap-full", "snap-foreign"]), st.booleans()), max_size=2
    ).map(tuple),
)
THINGS = st.builds(
    Thing,
    id=IDS,
    kind=st.just(ThingKind.DISK),
    place=st.builds(Place, ACCOUNTS, NUMBERS, REGIONS),
    name=NAMES,
    tags=TAGS,
    system=st.sampled_from([False, False, True, None]),
    host=st.sampled_from(["", "", "ins-1"]),
    hanging=HANGING,
    created=CREATED,
)
RECORDED = st.builds(
    Record,
    id=IDS,
    run=RUNS,
    verb=st.sampled_from(["disks.create_scratch", "disks.create_snapshot", "disks.create_full"]),
    account=ACCOUNTS,
    number=NUMBERS,
    region=REGIONS,
    until=TIMES,
    name=NAMES,
    since=st.sampled_from([RECORD.since, "2026-11-22T11:00:00Z", "then"]),
    at=st.sampled_from([RECORD.at, "2026-11-22T11:30:00Z", "then"]),
)
MANY_RECORDS = st.lists(st.one_of(st.just(RECORD), RECORDED), max_size=4).map(
    lambda each: {record.id: record for record in each}
)
SCOPES = st.builds(DrillScope, st.dictionaries(ACCOUNTS, NUMBERS), st.frozensets(REGIONS))
MOMENTS = st.sampled_from([NOW, MADE, datetime(2019, 1, 1, tzinfo=UTC)])


def agrees(thing: Thing, scope: DrillScope, records: Records, now: datetime, run: str) -> bool:
    """The rule once more, as one sentence in other words, to hold the first against."""
    record = records.get(thing.id)
    if record is None or thing.created is None or thing.hanging is None:
        return False
    try:
        since, at = datetime.fromisoformat(record.since), datetime.fromisoformat(record.at)
        until = datetime.fromisoformat(record.until)
    except ValueError:
        return False
    if None in (since.tzinfo, at.tzinfo, until.tzinfo):
        return False
    hour = timedelta(hours=1)
    return all(
        (
            record.id == thing.id,
            record.verb == "disks.create_scratch",
            thing.tags == {**thing.tags, RUN_TAG: record.run, UNTIL_TAG: record.until},
            record.run != "",
            run == record.run or (run == "" and until <= now),
            (record.account, record.number, record.region)
            == (thing.place.account, thing.place.number, thing.place.region),
            record.number != "",
            scope.accounts.get(record.account) == record.number,
            record.region in scope.regions,
            record.name == thing.name != "",
            any(since - hour <= each <= at + hour for each in (thing.created.earliest, thing.created.latest)),
            thing.system is False,
            not thing.host,
            all(each.id in records and not each.creating for each in thing.hanging),
        )
    )


@settings(max_examples=MANY, deadline=None)
@given(THINGS, SCOPES, MANY_RECORDS, MOMENTS, st.one_of(st.just(""), RUNS))
def test_a_thing_may_go_exactly_where_mark_scope_and_record_agree(
    thing: Thing, scope: DrillScope, records: Records, now: datetime, run: str
) -> None:
    assert (may_remove(thing, scope, records, now, run) == ()) is agrees(thing, scope, records, now, run)


FIELDS = {
    "id": IDS,
    "place": st.builds(Place, ACCOUNTS, NUMBERS, REGIONS),
    "name": NAMES,
    "tags": TAGS,
    "system": st.sampled_from([False, True, None]),
    "host": st.sampled_from(["", "ins-1"]),
    "hanging": HANGING,
    "created": CREATED,
}


@settings(max_examples=MANY, deadline=None)
@given(st.data())
def test_scratch_of_which_something_was_altered_goes_only_where_all_still_agrees(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(FIELDS)), max_size=2, unique=True))
    thing = replace(THING, **{name: data.draw(FIELDS[name]) for name in names})
    now, run = data.draw(MOMENTS), data.draw(RUNS)

    assert (may_remove(thing, SCOPE, RECORDS, now, run) == ()) is agrees(thing, SCOPE, RECORDS, now, run)


OLD = st.integers(1, 4000).map(lambda days: MADE - timedelta(days=days))


@settings(max_examples=MANY, deadline=None)
@given(OLD, TAGS, SCOPES, MANY_RECORDS, MOMENTS, RUNS)
def test_production_that_was_tagged_by_somebody_else_is_never_removed_whatever_the_records_say(
    created: datetime, tags: dict[str, str], scope: DrillScope, records: Records, now: datetime, run: str
) -> None:
    """It was there before any run of which there is a record: even a forged record does not let it go."""
    production = replace(THING, id="disk-production", tags=tags, created=Reading(created, created))
    forged = {
        **records,
        "disk-production": replace(RECORD, id="disk-production", until=tags.get(UNTIL_TAG, "")),
    }

    assert may_remove(production, scope, records, now, run)
    assert may_remove(production, scope, forged, now, run)


# --- what is recorded ---

MAKE = Action(
    "disks.create_scratch",
    Effect.CREATE,
    "production",
    "ap-beijing",
    "disk-source",
    {"name": NAME, "scratch_until": UNTIL},
    "",
)


def told(run: str = RUN, created: str = "disk-scratch") -> list[dict[str, Any]]:
    """The evidence of one creation."""
    usual = {"run": run, "at": RECORD.since}
    accounts = {"production": {"make": {"account": "100000000001", "principal": "p"}}}
    return [
        {**usual, "kind": "run.started", "accounts": accounts},
        {**usual, "kind": "action.intended", "step": "full", "action": MAKE.as_data()},
        {
            **usual,
            "kind": "action.settled",
            "step": "full",
            "key": MAKE.key,
            "at": RECORD.at,
            **outcome_as_data(Done(created)),
        },
    ]


def test_what_a_run_intended_and_was_told_to_have_made_is_recorded() -> None:
    assert records_of(told()) == RECORDS


def test_what_was_told_twice_of_one_creation_is_one_record() -> None:
    assert records_of([*told(), *told()[1:]]) == RECORDS


def test_what_two_runs_say_they_made_is_nobodys() -> None:
    assert records_of([*told(), *told("20261120T010000Z-bbbbbb")]) == {}


def test_a_creation_that_nobody_intended_is_not_recorded() -> None:
    started, _, settled = told()

    assert records_of([started, settled]) == {}
    assert records_of([started, {**settled, "run": None}, {"kind": "action.settled"}, {}]) == {}


# --- what hangs on a drill host ---

DRILLS = replace(SCOPE, hosts=frozenset({"ins-drill"}))
ATTACHED = replace(THING, host="ins-drill")
BEFORE = MADE + timedelta(hours=1)


def test_scratch_is_attached_to_a_declared_host_for_the_run_that_made_it_and_for_nobody_else() -> None:
    assert may_attach(THING, "ins-drill", DRILLS, RECORDS, BEFORE, RUN) == ()
    assert "its tag drkit:run names another run" in may_attach(
        THING, "ins-drill", DRILLS, RECORDS, BEFORE, "another"
    )
    assert "nobody but the run that made it may have it attached" in may_attach(
        THING, "ins-drill", DRILLS, RECORDS, NOW, ""
    )


def test_nothing_is_attached_to_a_host_that_the_estate_does_not_declare() -> None:
    told = ("the estate does not declare that scratch may hang on ins-other",)

    assert may_attach(THING, "ins-other", DRILLS, RECORDS, BEFORE, RUN) == told
    assert may_attach(THING, "ins-drill", SCOPE, RECORDS, BEFORE, RUN) != ()


def test_scratch_is_detached_from_a_drill_host_and_from_no_other() -> None:
    assert may_detach(ATTACHED, DRILLS, RECORDS, NOW) == ()
    assert may_detach(replace(THING, host="ins-orders"), DRILLS, RECORDS, NOW) == (
        "the estate does not declare that scratch may hang on ins-orders",
    )
    assert may_detach(ATTACHED, SCOPE, RECORDS, NOW) != ()


@pytest.mark.parametrize("reason", ALTERED)
def test_what_may_not_be_removed_may_neither_be_attached_nor_detached(reason: str) -> None:
    altered = ALTERED[reason]
    if altered.host:
        return  # that it hangs somewhere is what is judged above
    run = altered.tags.get(RUN_TAG, "")

    assert may_detach(replace(altered, host="ins-drill"), DRILLS, RECORDS, NOW) != ()
    if may_remove(altered, DRILLS, RECORDS, NOW, run):
        assert may_attach(altered, "ins-drill", DRILLS, RECORDS, NOW, run) != ()


def test_what_hangs_on_a_drill_host_is_torn_down_by_two_actions_and_what_hangs_elsewhere_stays() -> None:
    assert may_tear_down(ATTACHED, DRILLS, RECORDS, NOW) == ()
    assert [each.verb for each in tear_down(ATTACHED)] == ["disks.detach_scratch", "disks.delete_scratch"]
    assert [each.verb for each in tear_down(THING)] == ["disks.delete_scratch"]
    assert may_remove(ATTACHED, DRILLS, RECORDS, NOW) == ("it is attached to ins-drill",)
    assert may_tear_down(replace(THING, host="ins-orders"), DRILLS, RECORDS, NOW) == (
        "it is attached to ins-orders",
    )
