"""What evidence knows of approvals, and what of an estate an approval binds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from office import removal

from drkit.core.actions import Effect, Plan
from drkit.core.estate import Estate
from drkit.core.playbook import StepEntry
from drkit.core.times import Reading
from drkit.flows.approving.intention import dangerous, estate_digest
from drkit.flows.approving.past import BEGINNING, read_past
from drkit.flows.loading import LoadedStep
from drkit.flows.planning import Foreseen
from drkit.ports.disks import Snapshot, SnapshotState
from drkit.ports.facts import Facts, RegionFacts, Scope, Unread
from drkit.snapshots.steps.remove import STEP, Remove

RUN, OTHER = "20260101T000000Z-aaaaaa", "20260101T000000Z-bbbbbb"


def used(at: str, run: str, *keys: str, approval: str = "a" * 64) -> dict[str, Any]:
    return {
        "at": f"2026-01-01T{at}:00Z", "kind": "approval.used", "run": run, "nonce": "n" * 32,
        "approval": approval, "keys": list(keys),
    }  # fmt: skip


def test_the_past_of_no_evidence_is_empty() -> None:
    past = read_past([])
    assert (past.latest, dict(past.seen), dict(past.spent)) == (BEGINNING, {}, {})


def test_a_nonce_stays_with_the_run_that_spent_it_first() -> None:
    assert read_past([used("01:00", RUN), used("02:00", OTHER)]).spent == {"n" * 32: RUN}


def test_each_action_of_each_run_counts_once_and_when_it_was_last_begun() -> None:
    past = read_past([used("01:00", RUN, "x", "y"), used("02:00", RUN, "y"), used("03:00", OTHER, "y")])
    moment = {hour: datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in (1, 2, 3)}
    assert past.used["a" * 64] == {(RUN, "x"): moment[1], (RUN, "y"): moment[2], (OTHER, "y"): moment[3]}


def test_the_latest_entry_is_that_of_the_latest_time_whatever_its_place() -> None:
    assert read_past([used("05:00", RUN), used("03:00", RUN)]).latest == datetime(2026, 1, 1, 5, tzinfo=UTC)


def test_a_version_of_the_roster_counts_from_when_it_was_first_accepted() -> None:
    entries = [
        {"at": f"2026-01-0{day}T00:00:00Z", "kind": "roster.accepted", "digest": "d"} for day in (2, 5)
    ]
    assert read_past(entries).seen == {"d": datetime(2026, 1, 2, tzinfo=UTC)}


def test_only_what_destroys_or_weakens_needs_an_approval_and_scratch_has_a_rule_of_its_own() -> None:
    kinds = [removal(effect=effect) for effect in Effect]
    scratch = removal(arguments={"scratch": True})
    assert [each.effect for each in dangerous([*kinds, scratch])] == [Effect.CHANGE, Effect.DESTROY]


def estate(**changed: Any) -> Estate:
    account = {
        "cloud": "tencent", "account": "100000000001", "environment": "production", "regions": ["ap-beijing"],
    } | changed.pop("account", {})  # fmt: skip
    approvals = {"roster": "/r", "pin": "0" * 64} | changed.pop("approvals", {})
    data = {"estate": "e", "accounts": {"production": account}, "approvals": approvals, **changed}
    return Estate.model_validate(data, strict=False)


def test_an_approval_binds_what_matters_of_an_estate_and_nothing_else() -> None:
    base = estate_digest(estate())
    for changed in (
        {"account": {"account": "100000000002"}},
        {"account": {"environment": "test"}},
        {"account": {"regions": ["ap-beijing", "ap-shanghai"]}},
        {"account": {"destroy_role": "qcs::cam::uin/100000000001:roleName/x"}},
        {"approvals": {"pin": "1" * 64}},
        {"approvals": {"destroy": 3}},
        {"scratch": {"accounts": ["production"], "regions": ["ap-beijing"]}},
        {"estate": "other"},
    ):
        assert estate_digest(estate(**changed)) != base, changed
    for changed in (
        {"account": {"credentials": {"look": "A"}}},
        {"approvals": {"requests": "/q"}},
        {"approvals": {"roster": "/other"}},
        {"broker": {"socket": "/s"}},
        {"heartbeat": {"file": "/run/alive"}},
        {"runner": "backup-1"},
    ):
        assert estate_digest(estate(**changed)) == base, changed


NOW = datetime(2026, 3, 1, tzinfo=UTC)


def step(
    name: str, region: str, *created: Reading | None, read: bool = True
) -> tuple[LoadedStep, Facts, Plan]:
    """A step that removes a snapshot of a region in which there are others."""
    arguments = Remove(account="production", region=region, snapshots=("snap-00000000",), reason="old")
    entry = StepEntry.model_validate({"uses": "snapshots.remove", "with": arguments.model_dump(mode="json")})
    there = tuple(
        Snapshot(f"snap-{n:08}", "", "disk-1", SnapshotState.GOOD, at, None) for n, at in enumerate(created)
    )
    unread = Unread("not asked for")
    facts = Facts(NOW, (RegionFacts(Scope("production", region), unread, (), there if read else unread),))
    return LoadedStep(name, entry, STEP, arguments), facts, Plan((removal(region=region),))


def at(days: int, width: int = 0) -> Reading:
    """When a snapshot was created, in days before now; ``width`` hours later at the latest."""
    moment = NOW - timedelta(days=days)
    return Reading(moment, moment + timedelta(hours=width))


def test_what_existed_is_what_is_still_there_and_surely_was_there() -> None:
    since = NOW - timedelta(days=2)
    found = step("a", "ap-beijing", at(3), at(2), at(2, 8), at(1), None)
    assert Foreseen((found,)).existed(since) == 2
    assert Foreseen((step("a", "ap-beijing", read=False),)).existed(since) is None


def test_what_two_steps_look_at_is_counted_once_for_a_percentage() -> None:
    one, same, other = (
        step("one", "ap-beijing", at(3), at(4)),
        step("same", "ap-beijing", at(3), at(4)),
        step("other", "ap-shanghai", at(5)),
    )
    assert Foreseen((one, same)).existed(NOW) == 2
    assert Foreseen((one, other)).existed(NOW) == 3
    assert Foreseen((one, step("x", "ap-shanghai", read=False))).existed(NOW) is None
