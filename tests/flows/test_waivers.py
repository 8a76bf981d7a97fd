"""Waivers, notify on change and the heartbeat, as a user meets them: real processes against the sandbox."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from helpers import SMALL, Drkit

from drkit.core.evidence.reading import read
from drkit.sandbox.testing import Running

COVER = """\
playbook: coverage
schedule: {every: day}
steps: [{uses: snapshots.cover, with: {regions: [ap-beijing]}}]
"""
# A program that keeps each message as a line, and the names of the variables that it sees.
TELL = """\
import json, os, sys
with open(sys.argv[1], "a") as stream:
    stream.write(json.dumps({**json.load(sys.stdin), "saw": sorted(os.environ)}) + "\\n")
"""


def with_estate(cloud: Drkit, **fields: Any) -> Path:
    """The sandbox's estate with more fields, in use; the playbook's path."""
    original = Path(cloud.environment.setdefault("ORIGINAL_ESTATE", cloud.environment["DRKIT_ESTATE"]))
    lines = [f"{name}: {json.dumps(value)}\n" for name, value in fields.items()]
    estate = cloud.write("with/estate.yaml", original.read_text(encoding="utf-8") + "".join(lines))
    cloud.environment["DRKIT_ESTATE"] = str(estate)
    return cloud.write("coverage.yaml", COVER)


def waived(findings: list[dict[str, Any]], until: str = "2026-12-31") -> list[dict[str, str]]:
    return [
        {
            "finding": each["fingerprint"],
            "owner": "lin",
            "reason": "moved <b>away</b> in December",
            "until": until,
        }
        for each in findings
    ]


def telling(cloud: Drkit) -> list[dict[str, list[str]]]:
    program = cloud.write("tell.py", TELL)
    return [{"command": [sys.executable, str(program), str(cloud.directory / "told")]}]


def told(cloud: Drkit) -> list[dict[str, Any]]:
    path = cloud.directory / "told"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def kinds(cloud: Drkit) -> list[str]:
    return [entry["kind"] for _, entry in read(cloud.directory / "state" / "weimob" / "evidence")]


def found(cloud: Drkit) -> list[dict[str, Any]]:
    findings: list[dict[str, Any]] = cloud("run", "--yes", with_estate(cloud), "--format", "json").json[
        "findings"
    ]
    return findings


def test_one_waived_finding_is_shown_apart_and_the_verdict_stays_fail(cloud: Drkit) -> None:
    first, *others = found(cloud)

    ran = cloud("run", "--yes", with_estate(cloud, waivers=waived([first])), "--format", "json")

    assert (ran.status, ran.json["verdict"]) == (3, "fail")
    assert [each["fingerprint"] for each in ran.json["findings"]] == [each["fingerprint"] for each in others]
    (one,) = ran.json["waived"]
    assert (one["fingerprint"], one["first_seen"]) == (first["fingerprint"], first["first_seen"])
    assert one["waived"] == {"owner": "lin", "reason": "moved <b>away</b> in December", "until": "2026-12-31"}
    assert ran.json["runs"][0]["steps"][0]["waived"] == 1


def test_when_all_are_waived_the_run_passes_and_every_form_says_by_whom_why_and_until_when(
    cloud: Drkit,
) -> None:
    findings = found(cloud)
    playbook = with_estate(cloud, waivers=waived(findings))

    ran = cloud("run", "--yes", playbook)

    assert (ran.status, ran.out[:4]) == (0, "PASS")
    assert f"{len(findings)} waived" in ran.out
    assert "waived by lin until 2026-12-31: moved <b>away</b> in December" in ran.out
    page = cloud("report", "--format", "html").out
    assert all(each["subject"] in page for each in findings)
    assert "<td>lin</td><td>2026-12-31</td>" in page
    assert "moved &lt;b&gt;away&lt;/b&gt; in December" in page


def test_waiving_every_finding_does_not_turn_an_unread_region_green(cloud: Drkit, sandbox: Running) -> None:
    playbook = with_estate(cloud, waivers=waived(found(cloud)))
    cloud.write("coverage.yaml", COVER.replace("[ap-beijing]", "[ap-beijing, ap-shanghai]"))
    sandbox.fault(
        "error", action="DescribeDisks", code="UnauthorizedOperation", region="ap-shanghai", times=None
    )

    ran = cloud("run", "--yes", playbook, "--format", "json")

    assert (ran.status, ran.json["verdict"], ran.json["findings"]) == (1, "unknown", [])
    assert ran.json["waived"]


def test_a_waiver_that_expired_or_reaches_too_far_does_not_count_and_is_said(cloud: Drkit) -> None:
    old, far, *_ = found(cloud)
    waivers = [*waived([old], "2020-01-31"), *waived([far], "2999-01-31")]

    ran = cloud("run", "--yes", with_estate(cloud, waivers=waivers), "--format", "json")

    assert (ran.status, ran.json["waived"]) == (3, [])
    assert f"the waiver of {old['fingerprint']} by lin does NOT count: it expired after 2020-01-31" in ran.err
    assert f"{far['fingerprint']} by lin does NOT count: 2999-01-31 is more than 365 days ahead" in ran.err


def test_the_report_of_a_run_stays_the_same_when_its_waivers_are_taken_away(cloud: Drkit) -> None:
    cloud("run", "--yes", with_estate(cloud, waivers=waived(found(cloud))))
    before = cloud("report", "--format", "html")

    with_estate(cloud)

    assert cloud("report", "--format", "html").out == before.out


def test_snapshots_cover_applies_waivers_too(cloud: Drkit) -> None:
    with_estate(cloud)
    findings = cloud("snapshots", "cover", "--format", "json").json["findings"]
    with_estate(cloud, waivers=waived(findings))

    covered = cloud("snapshots", "cover")

    assert (covered.status, covered.out.splitlines()[0]) == (0, f"PASS  {len(findings)} waived")
    assert "by lin until 2026-12-31: moved" in covered.out


def test_people_are_told_when_something_changed_and_only_then(cloud: Drkit) -> None:
    playbook = with_estate(cloud, notify=telling(cloud))
    first = cloud("run", "--yes", playbook, "--format", "json").json
    cloud("run", "--yes", playbook)
    assert len(told(cloud)) == 1

    with_estate(cloud, notify=telling(cloud), waivers=waived(first["findings"][:1]))
    cloud("run", "--yes", playbook)
    cloud("run", "--yes", playbook)

    at_first, then = told(cloud)
    assert (at_first["estate"], at_first["playbook"], at_first["verdict"]) == ("weimob", "coverage", "fail")
    assert (at_first["run"], at_first["was"], at_first["gone"]) == (first["runs"][0]["id"], None, [])
    assert at_first["new"] == first["findings"]
    assert (then["was"], then["new"], then["gone"]) == ("fail", [], [first["findings"][0]["fingerprint"]])
    assert then["waived"][0]["waived"]["owner"] == "lin"


def test_whoever_is_told_does_not_get_the_keys_of_the_clouds(cloud: Drkit) -> None:
    assert cloud.environment["TENCENTCLOUD_SECRET_KEY"]
    assert cloud.environment["DRKIT_MAKE_SECRET_KEY"]

    cloud("run", "--yes", with_estate(cloud, notify=telling(cloud)))

    assert not [name for name in told(cloud)[0]["saw"] if "_SECRET_" in name and not name.startswith("AWS")]


def test_a_message_that_did_not_get_through_is_said_recorded_and_told_by_the_next_run(cloud: Drkit) -> None:
    broken = [{"command": [sys.executable, "-c", "raise SystemExit(9)", "token-of-a-webhook"]}]
    ran = cloud("run", "--yes", with_estate(cloud, notify=broken))

    assert ran.status == 3
    assert "it ended with status 9; the next run tries again" in ran.err
    assert "token-of-a-webhook" not in ran.err
    (failed,) = (
        entry
        for _, entry in read(cloud.directory / "state" / "weimob" / "evidence")
        if entry["kind"] == "notify.failed"
    )
    assert (failed["command"], failed["reason"]) == (sys.executable, "it ended with status 9")
    assert cloud("evidence", "verify").status != 3
    assert cloud("report").status == 3

    cloud("run", "--yes", with_estate(cloud, notify=telling(cloud)))
    assert [each["was"] for each in told(cloud)] == [None]


def test_a_program_that_is_not_there_changes_no_verdict(cloud: Drkit) -> None:
    ran = cloud("run", "--yes", with_estate(cloud, notify=[{"command": ["/nowhere/tell"]}]))

    assert ran.status == 3
    assert "nobody was told by /nowhere/tell: it cannot be started: No such file or directory" in ran.err


def test_each_concluded_run_leaves_a_sign_of_life(cloud: Drkit) -> None:
    alive = cloud.directory / "alive"
    alive.write_text("old")

    ran = cloud("run", "--yes", with_estate(cloud, heartbeat={"file": str(alive)}), "--format", "json").json

    (run,) = ran["runs"]
    sign = json.loads(alive.read_text())
    assert sign == {
        "estate": "weimob", "playbook": "coverage", "run": run["id"], "verdict": "fail", "at": sign["at"],
    }  # fmt: skip
    assert sign["at"] >= run["ended"]


def test_a_suspended_run_leaves_no_sign_of_life_and_tells_nobody(cloud: Drkit, sandbox: Running) -> None:
    alive = cloud.directory / "alive"
    with_estate(cloud, heartbeat={"file": str(alive)}, notify=telling(cloud))
    sandbox.create_in(3600)

    ran = cloud("run", "--yes", "--wait", "0s", cloud.write("small.yaml", SMALL), "--format", "json")

    assert ran.json["runs"][0]["state"] == "suspended"
    assert not alive.exists()
    assert told(cloud) == []


def test_a_sign_of_life_that_cannot_be_left_is_said_and_recorded_and_changes_no_verdict(cloud: Drkit) -> None:
    ran = cloud("run", "--yes", with_estate(cloud, heartbeat={"file": "/nowhere/alive"}))

    assert ran.status == 3
    assert "the heartbeat /nowhere/alive was NOT written: No such file or directory" in ran.err
    assert "heartbeat.failed" in kinds(cloud)
    assert cloud("report").status == 3
