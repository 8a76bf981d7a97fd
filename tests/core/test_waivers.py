"""Waivers: what counts until when, and what no waiver touches."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drkit.core.configuration.reading import Reader
from drkit.core.errors import ConfigurationError
from drkit.core.estate import Estate
from drkit.core.verdicts import Conclusion, Finding, Outcome, Severity, Verdict
from drkit.core.waivers import Waiver, apply, judge, not_counting
from drkit.notify.changes import change

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FAIL, PASS = Verdict(Outcome.FAIL, "2 of 3 are bad"), Verdict(Outcome.PASS)
UNKNOWN = Verdict(Outcome.UNKNOWN, "a region was not read")


def finding(subject: str = "disk-1") -> Finding:
    return Finding(
        "snapshots.cover/stale", Severity.HIGH, subject, "production/ap-beijing", "old", "take one"
    )


def waiver(of: Finding, until: str = "2026-12-31") -> Waiver:
    return Waiver(finding=of.fingerprint, owner="lin", reason="moved away in December", until=until)


A, B = finding("disk-a"), finding("disk-b")


def concluded(verdict: Verdict = FAIL, otherwise: Verdict | None = PASS) -> Conclusion:
    return Conclusion(verdict, findings=(A, B), otherwise=otherwise)


def test_a_waiver_takes_its_finding_and_no_other() -> None:
    still_open, waived = apply([A, B], [waiver(A)], NOW)

    assert still_open == (B,)
    assert [(each.finding, each.waiver.owner) for each in waived] == [(A, "lin")]


@given(
    st.lists(st.sampled_from("abcdef")),
    st.lists(st.sampled_from("abcdefgh"), unique=True),
    st.integers(-500, 500),
)
def test_every_finding_is_open_or_waived_and_never_both_nor_lost(
    found: list[str], waived_names: list[str], days: int
) -> None:
    findings = [finding(name) for name in found]
    until = f"{NOW + timedelta(days=days):%Y-%m-%d}"

    still_open, waived = apply(findings, [waiver(finding(name), until) for name in waived_names], NOW)

    together = [*still_open, *(each.finding for each in waived)]
    assert sorted(together, key=str) == sorted(findings, key=str)
    assert all(each.finding.subject in waived_names for each in waived)
    assert not waived or 0 <= days <= 365


@pytest.mark.parametrize(
    ("until", "why"),
    [
        ("2026-11-22", None),
        ("2026-11-21", "it expired after 2026-11-21"),
        ("2027-11-22", None),
        ("2027-11-23", "2027-11-23 is more than 365 days ahead"),
    ],
)
def test_a_waiver_counts_through_its_last_day_and_at_most_a_year_ahead(until: str, why: str | None) -> None:
    given_ = waiver(A, until)

    assert [reason for _, reason in not_counting([given_], NOW)] == ([why] if why else [])
    assert bool(apply([A], [given_], NOW)[1]) is (why is None)


def test_the_day_of_a_waiver_is_a_day_in_utc() -> None:
    shanghai = datetime(2026, 11, 23, 7, 59, tzinfo=timezone(timedelta(hours=8)))

    assert apply([A], [waiver(A, "2026-11-22")], shanghai)[0] == ()
    assert apply([A], [waiver(A, "2026-11-22")], shanghai + timedelta(minutes=1))[0] == (A,)


@pytest.mark.parametrize(
    ("conclusion", "waived", "verdict"),
    [
        (concluded(), [], FAIL),
        (concluded(), [A], Verdict(Outcome.FAIL, "2 of 3 are bad (1 waived)")),
        (concluded(), [A, B], Verdict(Outcome.PASS, "2 waived")),
        (concluded(otherwise=UNKNOWN), [A, B], Verdict(Outcome.UNKNOWN, "a region was not read (2 waived)")),
        (concluded(otherwise=None), [A, B], Verdict(Outcome.FAIL, "2 of 3 are bad (2 waived)")),
        (concluded(UNKNOWN), [A, B], UNKNOWN),
        (Conclusion(FAIL, otherwise=PASS), [A, B], FAIL),
    ],
)
def test_a_fail_is_what_it_would_be_otherwise_only_when_every_finding_is_waived(
    conclusion: Conclusion, waived: list[Finding], verdict: Verdict
) -> None:
    assert judge(conclusion, [waiver(each) for each in waived], NOW).verdict == verdict


ESTATE = """\
estate: weimob
accounts:
  production: {cloud: tencent, account: "100000000001", environment: production, regions: [ap-beijing]}
waivers:
"""
GOOD = 'finding: 0123456789abcdef, owner: lin, reason: "moved in December", until: "2026-12-31"'


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([GOOD, GOOD], "waives 0123456789abcdef twice"),
        ([GOOD.replace("moved in December", "later")], "at least 10"),
        ([GOOD.replace("2026-12-31", "2026-02-30")], "2026-02-30 is no day of the calendar"),
        ([GOOD.replace('"2026-12-31"', "2026-12-31")], "quotes"),
        ([GOOD.replace(", owner: lin", "")], "missing field 'owner'"),
    ],
)
def test_a_waiver_that_nobody_can_answer_for_is_refused_with_its_place(
    tmp_path: Path, lines: list[str], told: str
) -> None:
    path = tmp_path / "estate.yaml"
    path.write_text(ESTATE + "".join(f"  - {{{line}}}\n" for line in lines), encoding="utf-8")
    reader = Reader()
    reader.read(path, Estate)

    with pytest.raises(ConfigurationError, match=re.escape(told)):
        reader.finish()


def run(name: str, verdict: str, *found: str, unsure: bool = False, **entries: Any) -> list[dict[str, Any]]:
    """The entries of a concluded run of the playbook `daily`."""
    findings = [{"fingerprint": each} for each in found]
    step = {"step": "s", "verdict": verdict, "findings": findings, "waived": [], "unsure": unsure}
    return [
        {"run": name, "kind": "run.started", "playbook": entries.get("playbook", "daily")},
        {"run": name, "kind": "step.concluded", **step},
        *[{"run": name, "kind": kind} for kind in entries.get("kinds", ())],
        {"run": name, "kind": "run.concluded", "verdict": verdict},
    ]


def test_a_first_run_is_a_change_and_the_same_again_is_none() -> None:
    first = run("1", "fail", "a")

    found = change(first[:-1], "daily", "1", "fail")
    assert found is not None
    assert (found.was, found.new) == (None, ({"fingerprint": "a"},))
    assert change([*first, *run("2", "fail", "a")[:-1]], "daily", "2", "fail") is None


def test_only_runs_of_the_same_playbook_are_compared() -> None:
    entries = [*run("1", "fail", "a"), *run("2", "pass", playbook="other"), *run("3", "fail", "a")[:-1]]

    assert change(entries, "daily", "3", "fail") is None


def test_what_nobody_was_told_of_is_told_by_the_next_run() -> None:
    owed, told = {"kinds": ["notify.intended"]}, {"kinds": ["notify.intended", "notify.told"]}
    last = run("3", "fail", "a")[:-1]

    missed = change([*run("1", "pass", **told), *run("2", "fail", "a", **owed), *last], "daily", "3", "fail")
    assert missed is not None
    assert missed.was == "pass"
    assert change([*run("1", "pass"), *run("2", "fail", "a", **told), *last], "daily", "3", "fail") is None


@pytest.mark.parametrize(("unsure", "gone", "not_seen"), [(False, ("a",), ()), (True, (), ("a",))])
def test_a_finding_is_gone_only_where_everything_was_judged(
    *, unsure: bool, gone: tuple[str, ...], not_seen: tuple[str, ...]
) -> None:
    entries = [*run("1", "fail", "a", "b"), *run("2", "fail", "b", unsure=unsure)[:-1]]

    found = change(entries, "daily", "2", "fail")

    assert found is not None
    assert (found.gone, found.not_seen) == (gone, not_seen)
