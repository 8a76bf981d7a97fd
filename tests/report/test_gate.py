"""The weekly report counts each person's deeds once, and never forgets glass that nobody has reviewed."""

from __future__ import annotations

from typing import Any

from drkit.core.verdicts import Outcome
from drkit.report.gate import NOBODY, Asked, Week, as_data, as_page, as_text, gather

WEEK = ("2026-03-01T00:00:00Z", "2026-03-08T00:00:00Z")


def entry(kind: str, at: str = "2026-03-02T00:00:00Z", **fields: Any) -> dict[str, Any]:
    return {"kind": kind, "at": at, **fields}


def broken(id_: str, at: str = "2026-03-02T00:00:00Z") -> dict[str, Any]:
    return entry(
        "glass.broken",
        at,
        approval=id_,
        requester="alice",
        approvers=["bob"],
        target="root@db1",
        reason="<b>fire</b>",
    )


def told(
    *entries: dict[str, Any], requests: tuple[Asked, ...] = (), denied: tuple[tuple[str, str], ...] = ()
) -> Week:
    return gather(Week(*WEEK), requests, denied, entries)


def test_what_runner_and_broker_both_wrote_down_counts_once() -> None:
    used = entry("approval.used", approval="a", run="r", requester="alice", approvers=["bob", "carol"])
    week = told(used, used, entry("licence.refused", approval="a"), requests=(Asked("a", "alice", WEEK[0]),))
    assert (week.person("alice").asked, week.person("alice").carried_out) == (1, 1)
    assert (week.person("bob").approved, week.person("carol").approved) == (1, 1)
    assert week.person("alice").refused == 1


def test_a_denial_that_lies_there_and_is_in_the_evidence_counts_once_and_one_of_another_time_not_at_all() -> (
    None
):
    ended = entry("approval.ended", answer={"id": "a", "person": "bob"})
    old = entry("approval.ended", "2026-02-01T00:00:00Z", answer={"id": "b", "person": "bob"})
    assert told(ended, old, denied=(("a", "bob"),)).person("bob").denied == 1


def test_a_refusal_of_a_request_that_is_gone_is_nobodys_and_is_told() -> None:
    assert told(entry("licence.refused", approval="gone")).person(NOBODY).refused == 1


def test_old_glass_stays_a_finding_until_somebody_reviews_it() -> None:
    week = told(broken("a", "2025-01-01T00:00:00Z"))
    assert [each.id for each in week.findings] == ["gate/unreviewed"]
    reviewed = entry("glass.reviewed", approval="a", person="carol", review="it was so")
    week = told(broken("a", "2025-01-01T00:00:00Z"), reviewed)
    assert (week.findings, as_data(week)["broken_glass"]) == ((), [])
    assert week.person("carol").reviewed == 1


def test_text_and_page_show_everything_and_obey_nothing() -> None:
    week = told(broken("a" * 64))
    week.blocked.append(("eve", "db1", "rm -rf /\x1b[2J<script>", "2026-03-02"))
    week.unread.append("the bastion of production")
    for language in ("en", "zh"):
        text, page = as_text(week, language), as_page(week, "weimob", Outcome.FAIL, language)
        assert "\x1b" not in text + page
        assert "<script>" not in page
        assert "<b>fire</b>" not in page
        for shown in ("alice", "bob", "root@db1", "eve", "the bastion of production"):
            assert shown in text + page
            assert shown in page
