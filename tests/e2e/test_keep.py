"""``snapshots.keep`` and ``snapshots.discard`` over days, against the sandbox, with a broker."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from gating import People, approve, request, start_broker
from weeks import DAY, DISCARD, KEEP, TAKE, Weeks, deadline_of, is_marked, slot_of

from drkit.sandbox.testing import Running
from drkit.snapshots.grid import parse_grid
from drkit.snapshots.periods import Periods

UTC = ZoneInfo("UTC")


@pytest.fixture
def weeks(people: People, sandbox: Running) -> Iterator[Weeks]:
    """The sandbox is shared, and its clock is right again afterwards."""
    began = time.monotonic()
    sandbox.save("before")
    yield Weeks(people, sandbox)
    sandbox.load("before")
    sandbox.advance(timedelta(seconds=time.monotonic() - began))


def test_a_week_of_daily_runs_leaves_what_the_grid_keeps_and_what_was_promised(weeks: Weeks) -> None:
    grid = parse_grid("3x1d 2x1w")
    began = weeks.now()
    with weeks.broker():
        for _ in range(8):
            ran = weeks.run(weeks.playbook(TAKE, KEEP % grid))
            assert ran.status == 0, ran.out + ran.err
            weeks.next_day()

    there = {slot_of(each): each for each in weeks.snapshots()}
    slots = {began.replace(hour=0, minute=0, second=0, microsecond=0) + day * DAY for day in range(8)}
    until = Periods(grid, UTC).keep_until({str(slot): slot.timestamp() for slot in slots})
    needed = {slot: datetime.fromtimestamp(until.get(str(slot), 0), UTC) for slot in slots}
    kept = {slot for slot in slots if needed[slot] > weeks.now()}
    assert 3 <= len(kept) < len(slots), "a week and three days, and not all"
    assert kept <= set(there)
    for slot in kept:
        assert deadline_of(there[slot]) >= needed[slot] - DAY / 24
    gone = slots - set(there)
    assert gone, "what no rule keeps has ended by itself"
    assert all(needed[slot] <= weeks.now() for slot in gone)


def test_the_last_good_one_never_goes_when_no_new_one_is_taken_for_days(weeks: Weeks) -> None:
    (last,) = weeks.make(1, lives=2 * DAY)
    with weeks.broker():
        for _ in range(3):
            assert weeks.run(weeks.playbook(KEEP % "1x1d")).status == 0
            weeks.next_day()

    (there,) = weeks.snapshots()
    assert there["SnapshotId"] == last


@pytest.mark.parametrize(
    ("estate", "why"), [({"broker": None}, "there is no broker"), ({}, "the broker does not answer")]
)
def test_without_a_broker_the_deadlines_that_will_be_missed_are_findings_and_the_run_fails(
    weeks: Weeks, estate: dict[str, Any], why: str
) -> None:
    """Never a silent pass."""
    weeks.people.estate(**estate)
    ran = weeks.run(weeks.playbook(TAKE, KEEP % "30x1d"))

    assert (ran.status, ran.json["verdict"]) == (3, "fail"), ran.out
    (finding,) = ran.json["findings"]
    assert finding["id"] == "snapshots.keep/ends-too-early"
    assert why in finding["why"]


def test_a_grid_edited_from_thirty_days_to_one_marks_and_deletes_nothing_and_edited_back_unmarks(
    weeks: Weeks,
) -> None:
    # They live for longer than the grid wants, so that no deadline is set, at whichever hour this runs.
    old = weeks.make(3, lives=32 * DAY)

    # Edited: the plan shows marks for all but the newest, and nothing that destroys.
    short = weeks.playbook(KEEP % "1x1d", DISCARD % ("1x1d", ""))
    assert weeks.planned(short) == [("disks.mark_unneeded", id_) for id_ in sorted(old[:2])]
    with weeks.broker():
        ran = weeks.run(short)
        assert ran.status == 0, ran.out + ran.err
    assert [is_marked(each) for each in weeks.snapshots()] == [True, True, False]

    # It was a mistake: the marks go.
    back = weeks.playbook(KEEP % "30x1d", DISCARD % ("30x1d", ""))
    assert weeks.planned(back)[:2] == [("disks.unmark_needed", id_) for id_ in sorted(old[:2])]
    with weeks.broker():
        assert weeks.run(back).status == 0
    assert not any(map(is_marked, weeks.snapshots()))


def marked_long_ago(weeks: Weeks) -> list[str]:
    """Three snapshots, of which two have been marked for days."""
    made = weeks.make(3)
    with weeks.broker():
        assert weeks.run(weeks.playbook(KEEP % "1x1d")).status == 0
    weeks.next_day()
    weeks.next_day()
    return made


def test_what_was_marked_for_days_is_not_deleted_before_others_agree_and_the_rest_is_kept_all_the_same(
    weeks: Weeks,
) -> None:
    old = marked_long_ago(weeks)
    file = weeks.playbook(TAKE, KEEP % "3x1d", DISCARD % ("3x1d", ""))

    with weeks.broker():
        refused = weeks.run(file)

    assert refused.status == 5, refused.out + refused.err
    now = weeks.snapshots()
    assert [each["SnapshotId"] for each in now[:3]] == old
    assert deadline_of(now[3]) > slot_of(now[3]) + 2 * DAY, "what was taken in this run is extended"


def test_what_two_others_approved_is_deleted_and_the_newest_stays(weeks: Weeks) -> None:
    old = marked_long_ago(weeks)
    file = weeks.playbook(DISCARD % ("1x1d", ""))
    approve(weeks.people, request(weeks.people, file), "bob", "carol")

    with weeks.broker():
        ran = weeks.run(file)

    assert ran.status == 0, ran.out + ran.err
    assert [each["SnapshotId"] for each in weeks.snapshots()] == old[2:]


def test_more_than_may_go_in_one_run_is_none_and_a_finding(weeks: Weeks) -> None:
    old = marked_long_ago(weeks)
    file = weeks.playbook(DISCARD % ("1x1d", ", at_most: 1"))

    assert weeks.planned(file) == []
    with weeks.broker():
        ran = weeks.run(file)

    assert (ran.status, ran.json["verdict"]) == (3, "fail"), ran.out
    assert "2 would be deleted, and at most 1 may be in one run" in ran.json["reason"]
    assert [each["SnapshotId"] for each in weeks.snapshots()] == old


def test_a_run_killed_at_any_write_of_its_journal_is_recovered_and_the_deadline_is_set(weeks: Weeks) -> None:
    assert weeks.run(weeks.playbook(TAKE)).status == 0
    file = weeks.playbook(KEEP % "30x1d")
    weeks.sandbox.save("taken")
    with weeks.broker():
        for point in range(1, 30):
            weeks.sandbox.load("taken")
            weeks.later.environment["DRKIT_STATE"] = str(weeks.later.directory / f"state-{point}")
            died = weeks.later.killed("journal", "after", point, "run", "--yes", file)
            if died.status == 0:
                break
            assert weeks.later("recover", "--yes").status in (0, 1), point
            (snapshot,) = weeks.snapshots()
            assert deadline_of(snapshot) > weeks.now() + 28 * DAY, point
    assert 3 < point < 29, "it died at each of its writes"


def test_two_runners_at_once_set_the_same_deadline_once(weeks: Weeks) -> None:
    assert weeks.run(weeks.playbook(TAKE)).status == 0
    file = weeks.playbook(KEEP % "30x1d")
    with weeks.broker():
        runs = []
        for name in ("one", "two"):
            weeks.later.environment["DRKIT_STATE"] = str(weeks.later.directory / name)
            runs.append(weeks.later.start("run", "--yes", file))
        ended = [(run.communicate(timeout=60), run.returncode) for run in runs]

    assert [status for _, status in ended] == [0, 0], ended
    (snapshot,) = weeks.snapshots()
    assert deadline_of(snapshot) > weeks.now() + 28 * DAY


def test_a_broker_killed_at_any_write_of_its_evidence_leaves_nothing_that_the_next_run_does_not_mend(
    weeks: Weeks,
) -> None:
    assert weeks.run(weeks.playbook(TAKE)).status == 0
    weeks.sandbox.save("taken")
    file = weeks.playbook(KEEP % "30x1d")
    died = 0
    for point in range(1, 20):
        weeks.sandbox.load("taken")
        weeks.later.environment["DRKIT_STATE"] = str(weeks.later.directory / f"state-{point}")
        process = start_broker(weeks.people, weeks.sandbox, killed=("evidence", "after", point))
        assert process.stderr is not None
        listens = "listens" in process.stderr.readline()
        ran = weeks.run(file) if listens else None
        process.kill()
        process.communicate()
        if ran and ran.status == 0:
            break
        died += ran is not None
        assert ran is None or ran.status == 1, "nobody knows: " + ran.out
        with weeks.broker():
            assert weeks.run(file).status == 0, point
        (snapshot,) = weeks.snapshots()
        assert deadline_of(snapshot) > weeks.now() + 20 * DAY, point
    assert died > 2, "it died while it was asked, more than once"
