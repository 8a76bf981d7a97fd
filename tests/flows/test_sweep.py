"""``drkit sweep`` against the sandbox: what goes, what stays, and why."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from shutil import rmtree

import pytest
from accounting import state_of
from helpers import Drkit
from scratching import Scene

from drkit.sandbox.testing import Running

RUN = "20261120T010000Z-aaaaaa"
PAST, FUTURE = (datetime.now(UTC).replace(microsecond=0) + timedelta(days=days) for days in (-1, 1))


@pytest.fixture
def scene(cloud: Drkit, sandbox: Running) -> Scene:
    return Scene(cloud, sandbox)


def test_where_nothing_bears_a_mark_nothing_is_left(scene: Scene) -> None:
    swept = scene.drkit("sweep", "--format", "json")

    assert (swept.status, swept.json["left"], swept.json["verdict"]) == (0, [], "pass")


def test_scratch_whose_time_has_passed_is_listed_and_removed_by_the_broker_with_evidence(
    scene: Scene,
) -> None:
    disk = scene.make_disk(RUN, PAST)
    scene.record(disk, RUN, PAST)

    listed = scene.drkit("sweep", "--format", "json")
    with scene.broker():
        swept = scene.drkit("sweep", "--remove", "--yes", "--format", "json")

    (left,) = listed.json["left"]
    assert (listed.status, left["id"], left["kind"], left["run"]) == (7, disk, "disk", RUN)
    assert (left["account"], left["region"]) == ("production", "ap-beijing")
    assert left["created"].endswith("Z")
    assert "drkit sweep --remove" in left["why"]
    assert (swept.status, swept.json["left"]) == (0, []), swept.out
    assert [each["id"] for each in swept.json["removed"]] == [disk]
    assert not scene.exists(disk)
    told = [entry for entry in scene.entries() if entry.get("step") == "sweep"]
    assert {entry["run"] for entry in told} == {RUN}
    assert [e["outcome"] for e in told if e["kind"] == "action.settled"][-1] == "done"
    (run,) = scene.drkit("history", "--format", "json").json["runs"]
    assert (run["created"], run["kept"], run["removed"], run["left"]) == ([disk], [], [disk], [])
    assert scene.drkit("evidence", "verify").status in (0, 1)  # UNKNOWN without an outside, never FAIL


def test_production_that_somebody_marked_is_listed_and_never_removed(scene: Scene) -> None:
    """A mark is provenance and never a licence."""
    mine = scene.make_disk(RUN, PAST)
    scene.record(mine, RUN, PAST)
    theirs = scene.make_disk(RUN, PAST)

    with scene.broker():
        swept = scene.drkit("sweep", "--remove", "--yes", "--format", "json")

    assert (swept.status, [each["id"] for each in swept.json["left"]]) == (7, [theirs])
    assert swept.json["left"][0]["why"] == "the evidence records no creation of it"
    assert (scene.exists(theirs), scene.exists(mine)) == (True, False)


@pytest.mark.parametrize(("until", "why"), [(FUTURE, "it may stay until"), (PAST, "was not made by drkit")])
def test_what_may_still_be_used_and_what_foreign_things_hang_on_stays(
    scene: Scene, until: datetime, why: str
) -> None:
    disk = scene.make_disk(RUN, until)
    scene.record(disk, RUN, until)
    if until is PAST:
        scene.snapshot(disk)

    with scene.broker():
        swept = scene.drkit("sweep", "--remove", "--yes", "--format", "json")

    assert (swept.status, scene.exists(disk)) == (7, True)
    assert why in swept.json["left"][0]["why"]


def test_an_estate_that_declares_no_scratch_sweeps_nothing(scene: Scene) -> None:
    disk = scene.make_disk(RUN, PAST)
    scene.record(disk, RUN, PAST)
    scene.estate(scratch=None)

    swept = scene.drkit("sweep", "--remove", "--yes")

    assert (swept.status, scene.exists(disk)) == (7, True)
    assert "the estate declares no scratch in" in swept.out


def test_without_a_broker_everything_is_listed_and_nothing_removed(scene: Scene) -> None:
    disk = scene.make_disk(RUN, PAST)
    scene.record(disk, RUN, PAST)
    scene.estate(broker=None)

    swept = scene.drkit("sweep", "--remove", "--yes", "--format", "json")

    assert (swept.status, scene.exists(disk)) == (7, True)
    assert "there is no broker" in swept.json["left"][0]["why"]


def test_the_broker_judges_by_its_own_look_and_not_by_what_the_runner_says(scene: Scene) -> None:
    """The runner's estate declares scratch, and the broker's own does not."""
    disk = scene.make_disk(RUN, PAST)
    scene.record(disk, RUN, PAST)
    scene.estate(scratch=None)
    with scene.broker():
        scene.estate()
        swept = scene.drkit("sweep", "--remove", "--yes", "--format", "json")

    assert (swept.status, scene.exists(disk)) == (7, True)
    assert "declares no scratch" in swept.json["left"][0]["why"]


def test_evidence_that_does_not_hold_records_nothing(scene: Scene) -> None:
    disk = scene.make_disk(RUN, PAST)
    scene.record(disk, RUN, PAST)
    log = state_of(scene.drkit) / "evidence" / "log.jsonl"
    log.write_bytes(log.read_bytes().replace(b"drkit-full-made", b"drkit-full-fake"))

    with scene.broker():
        swept = scene.drkit("sweep", "--remove", "--yes")

    assert swept.status != 0
    assert scene.exists(disk)


def test_evidence_under_another_key_than_the_broker_saw_first_records_nothing_until_the_estate_names_it(
    scene: Scene,
) -> None:
    disk = scene.make_disk(RUN, PAST)
    scene.record(disk, RUN, PAST)
    with scene.broker():
        assert scene.drkit("sweep", "--remove", "--yes").status == 0
    forged = scene.make_disk(RUN, PAST, "drkit-full-forged")
    for part in ("evidence", "keys"):
        rmtree(state_of(scene.drkit) / part)
    (state_of(scene.drkit) / "journal.sqlite3").unlink()
    scene.record(forged, RUN, PAST, "drkit-full-forged")

    with scene.broker():
        refused = scene.drkit("sweep", "--remove", "--yes")
    assert (refused.status, scene.exists(forged)) == (7, True)
    assert "is not the one that was seen first" in refused.out

    key = (state_of(scene.drkit) / "keys" / "verifier-key").read_text().strip()
    listens = {"socket": str(scene.people.socket), "evidence": str(state_of(scene.drkit) / "evidence")}
    scene.estate(broker={**listens, "evidence_key": key})
    with scene.broker():
        assert scene.drkit("sweep", "--remove", "--yes").status == 0
    assert not scene.exists(forged)


def test_a_region_that_was_not_read_is_unknown_and_never_nothing_left(scene: Scene) -> None:
    scene.sandbox.fault("garbage", action="DescribeDisks", times=None)

    swept = scene.drkit("sweep", "--format", "json")

    assert (swept.status, swept.json["verdict"], len(swept.json["unread"])) == (1, "unknown", 2)


def test_nothing_is_removed_without_consent(scene: Scene) -> None:
    disk = scene.make_disk(RUN, PAST)
    scene.record(disk, RUN, PAST)

    swept = scene.drkit("sweep", "--remove")

    assert (swept.status, "no terminal to ask at" in swept.err, scene.exists(disk)) == (2, True, True)


def test_listing_needs_the_credential_that_looks_and_no_other(scene: Scene) -> None:
    del scene.drkit.environment["DRKIT_MAKE_SECRET_ID"]

    assert scene.drkit("sweep").status == 0


def test_what_is_already_gone_when_it_is_to_be_removed_is_no_error(scene: Scene) -> None:
    disk = scene.make_disk(RUN, PAST)
    scene.record(disk, RUN, PAST)
    with scene.broker():
        assert scene.drkit("sweep", "--remove", "--yes").status == 0
        again = scene.drkit("sweep", "--remove", "--yes", "--format", "json")

    assert (again.status, json.dumps(again.json["left"])) == (0, "[]")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"accounts": ["prodution"], "regions": ["ap-beijing"]}, "did you mean 'production'?"),
        ({"accounts": ["production"], "regions": ["ap-tokyo"]}, "none of its accounts lists the region"),
    ],
)
def test_a_scope_that_names_what_the_estate_does_not_have_is_refused(
    scene: Scene, changed: dict[str, list[str]], why: str
) -> None:
    scene.estate(scratch=changed)

    checked = scene.drkit("check")

    assert (checked.status, why in checked.err + checked.out) == (2, True), checked.err
