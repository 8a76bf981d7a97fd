"""What an estate promises of its datasets is one verdict: copies, clouds, off-site, immutable, and no errors."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from cold import ACCOUNTS, COPIES, PLAYBOOK, Cold, found
from helpers import Drkit

from drkit.copies.objectives.rule import State, judge
from drkit.core.datasets import Dataset
from drkit.core.estate import Estate
from drkit.core.verdicts import Outcome


def promised(**changed: Any) -> tuple[Dataset, Estate]:
    copies = {
        name: {"account": account, "region": region, "inventory": f"/srv/{name}"}
        for name, (account, region) in COPIES.items()
    }
    copies["abroad"]["immutable"] = "offline"
    data = {"copies": copies, "reference": "beijing", **changed}
    estate = {"estate": "e", "accounts": ACCOUNTS, "datasets": {"archive": data}}
    model = Estate.model_validate_json(json.dumps(estate))
    return model.datasets["archive"], model


def states(**changed: State) -> dict[str, State]:
    return {**dict.fromkeys(COPIES, State.WHOLE), **changed}


def test_four_whole_copies_in_two_clouds_one_of_them_offline_keep_the_rule():
    dataset, estate = promised()
    kept = judge(dataset, states(), estate, errors=0)
    assert (kept.outcome, kept.counts) == (Outcome.PASS, (4, 2, 3, 1))


@pytest.mark.parametrize(
    ("rule", "short"),
    [
        ("5-2-1-1-0", "copies"),
        ("3-3-1-1-0", "clouds"),
        ("3-2-4-1-0", "off-site"),
        ("3-2-1-2-0", "immutable"),
    ],
)
def test_each_number_of_the_rule_is_missed_by_its_name(rule: str, short: str):
    dataset, estate = promised(rule=rule)
    kept = judge(dataset, states(), estate, errors=0)
    assert (kept.outcome, kept.short, kept.why) == (Outcome.FAIL, True, f"too few: {short}")


def test_a_copy_that_could_not_be_judged_makes_the_rule_unknown_and_never_kept():
    dataset, estate = promised()
    assert judge(dataset, states(nanjing=State.UNKNOWN), estate, errors=0).outcome is Outcome.UNKNOWN
    kept = judge(dataset, states(abroad=State.UNKNOWN), estate, errors=0)
    assert kept.outcome is Outcome.UNKNOWN
    assert "clouds, immutable" in kept.why


def test_an_error_breaks_the_rule_and_is_no_lack_of_copies():
    dataset, estate = promised()
    kept = judge(dataset, states(shanghai=State.DIFFERS), estate, errors=1)
    assert (kept.outcome, kept.short, kept.counts[0]) == (Outcome.FAIL, False, 3)


@pytest.fixture
def cold(drkit: Drkit) -> Cold:
    return Cold(drkit)


def spoilt(cold: Cold, **changed: Any) -> str:
    """What `drkit check` says of the estate with something changed in its dataset."""
    path = cold.estate()
    estate = yaml.safe_load(path.read_text())
    estate["datasets"]["archive"] |= changed
    path.write_text(yaml.safe_dump(estate))
    ran = cold.drkit("check", path)
    assert ran.status == 2
    return ran.out + ran.err


def copies(cold: Cold, **changed: Any) -> dict[str, Any]:
    made: dict[str, Any] = yaml.safe_load(cold.estate().read_text())["datasets"]["archive"]["copies"]
    return {**made, **changed}


def test_what_is_wrong_with_a_dataset_is_said_of_the_file(cold: Cold):
    there = {"account": "home", "region": "ap-beijing", "inventory": "/srv/x"}
    assert "did you mean 'beijing'?" in spoilt(cold, reference="beijin")
    assert "is no rule" in spoilt(cold, rule="3-2-1")
    assert "no account 'hom', did you mean 'home'?" in spoilt(
        cold, copies=copies(cold, x={**there, "account": "hom"})
    )
    assert "does not list the region 'ap-tokyo'" in spoilt(
        cold, copies=copies(cold, x={**there, "region": "ap-tokyo"})
    )
    assert "either `inventory`" in spoilt(cold, copies=copies(cold, x={**there, "bucket": "abc"}))
    assert "'x' and 'z' are one copy" in spoilt(cold, copies=copies(cold, x=there, z=dict(there)))


def test_a_rule_that_the_promised_copies_cannot_keep_fails_by_its_own_name(cold: Cold):
    estate = yaml.safe_load(cold.estate().read_text())
    del estate["datasets"]["archive"]["copies"]["abroad"]["immutable"]
    cold.estate(datasets=estate["datasets"])
    cold.write_all()
    ran = cold.run()
    assert ran.status == 3
    assert found(ran) == {("copies.reconcile/rule", "archive")}
    rows = ran.json["runs"][0]["steps"][0]["rows"]
    assert {row["rule"]["why"] for row in rows} == {"too few: immutable"}


def test_a_playbook_about_a_dataset_that_the_estate_does_not_have_is_refused(cold: Cold):
    playbook = cold.drkit.write(
        "p.yaml",
        "playbook: p\nschedule: {every: day}\nsteps: [{uses: copies.grow, with: {datasets: [archiv]}}]\n",
    )
    ran = cold.drkit("run", playbook, "--yes")
    assert ran.status == 2
    assert "p.yaml:3:47: the estate has no dataset 'archiv', did you mean 'archive'?" in ran.err


def test_planning_reads_no_copy_and_changes_nothing(cold: Cold):
    ran = cold.drkit("plan", PLAYBOOK, "--detailed-exitcode")
    assert ran.status == 0
    assert not (cold.state / "copies").exists()


def test_an_estate_that_promises_no_copies_is_unknown_and_not_green(cold: Cold):
    cold.estate(datasets={})
    ran = cold.run()
    assert ran.status == 1
    assert "promises no copies" in ran.json["runs"][0]["reason"]
