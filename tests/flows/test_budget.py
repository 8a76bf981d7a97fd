"""A run that may cost more than its playbook's budget does nothing, and every plan says what it costs at most."""

from __future__ import annotations

import json
import signal
from decimal import Decimal
from pathlib import Path

import pytest
from accounting import account
from helpers import SMALL, Drkit, snapshots_named

from drkit.core.evidence.reading import read
from drkit.core.money import parse_money
from drkit.sandbox.testing import Running

PRICES = '    prices: {snapshots: {ap-beijing: "0.12 CNY", ap-shanghai: "0.12 CNY"}}\n'
DISKS = 3
THREE = SMALL.replace("redis", "orders")
TWICE = THREE + THREE.partition("steps:\n")[2].replace("- uses", "- name: again\n    uses").replace(
    "7d", "8d"
)


@pytest.fixture
def priced(cloud: Drkit) -> Drkit:
    """drkit whose estate says what snapshots cost."""
    estate = Path(cloud.environment["DRKIT_ESTATE"]).read_text(encoding="utf-8")
    said = estate.replace("    cloud: tencent\n", f"    cloud: tencent\n{PRICES}", 1)
    assert said != estate
    cloud.environment["DRKIT_ESTATE"] = str(cloud.write("priced.yaml", said))
    return cloud


def budgeted(drkit: Drkit, budget: str, content: str = THREE) -> Path:
    return drkit.write("small.yaml", content.replace("steps:", f"budget: {budget}\nsteps:"))


def planned_cost(drkit: Drkit, playbook: Path) -> Decimal:
    """What the plan says in JSON."""
    (cost,) = drkit("plan", playbook, "--format", "json").json["costs"]
    (told,) = cost["at_most"]
    assert cost["unknown"] == 0
    return parse_money(told).amount


def told_of_budget(drkit: Drkit) -> list[dict[str, object]]:
    entries = [entry for _, entry in read(Path(drkit.environment["DRKIT_STATE"]) / "weimob" / "evidence")]
    return [entry for entry in entries if entry["kind"] == "run.budget"]


def test_a_plan_says_what_it_costs_at_most_and_each_action_what_it_does(priced: Drkit) -> None:
    playbook = priced.write("small.yaml", THREE)
    text = priced("plan", playbook).out
    (plan,) = priced("plan", playbook, "--format", "json").json["plans"]

    each = [parse_money(action["cost"].removeprefix("at most ")).amount for action in plan["actions"]]
    assert len(each) == DISKS
    assert plan["cost"] == {"at_most": [f"{sum(each)} CNY"], "unknown": 0}
    assert f"{len(each)} to create; cost: at most {sum(each)} CNY" in text


def test_without_prices_the_cost_is_unknown_and_never_zero(cloud: Drkit) -> None:
    playbook = cloud.write("small.yaml", THREE)
    planned = cloud("plan", playbook, "--format", "json").json
    actions = planned["summary"]["actions"]

    assert planned["costs"][0]["at_most"] == []
    assert planned["costs"][0]["unknown"] == actions > 0
    assert f"cost: UNKNOWN for {actions}" in cloud("plan", playbook).out


def test_a_run_over_its_budget_does_nothing_fails_and_says_so_in_the_evidence(
    priced: Drkit, sandbox: Running
) -> None:
    cost = planned_cost(priced, priced.write("small.yaml", THREE))
    playbook = budgeted(priced, f'{{each_run: "{cost - Decimal("0.01")} CNY"}}')

    planned = priced("plan", playbook)
    ran = priced("run", "--yes", playbook, "--format", "json")

    assert (planned.status, ran.status) == (3, 3)
    assert "small: refused: cost at most" in planned.out
    (run,) = ran.json["runs"]
    assert (run["verdict"], run["state"], run["created"]) == ("fail", "ended", [])
    assert run["reason"].startswith(f"over budget: at most {cost} CNY")
    assert snapshots_named(sandbox, "drkit-small-") == []
    (told,) = told_of_budget(priced)
    assert (told["verdict"], told["estimate"]) == ("fail", {"at_most": [f"{cost} CNY"], "unknown": 0})


def test_a_run_that_costs_exactly_its_budget_is_carried_out(priced: Drkit, sandbox: Running) -> None:
    sandbox.create_in(0)
    cost = planned_cost(priced, priced.write("small.yaml", THREE))
    playbook = budgeted(priced, f'{{each_run: "{cost} CNY"}}')

    assert "small: within its budget" in priced("plan", playbook).out
    assert priced("run", "--yes", playbook).status == 0
    assert snapshots_named(sandbox, "drkit-small-") != []
    assert {told["verdict"] for told in told_of_budget(priced)} == {"pass"}


def test_a_second_step_that_is_over_the_budget_holds_back_the_first(priced: Drkit, sandbox: Running) -> None:
    once = planned_cost(priced, priced.write("small.yaml", THREE))
    playbook = budgeted(priced, f'{{each_run: "{once + 1} CNY"}}', TWICE)

    assert priced("run", "--yes", playbook).status == 3
    assert snapshots_named(sandbox, "drkit-small-") == []


@pytest.mark.parametrize(("unknown", "status"), [("refuse", 1), ("allow", 0)])
def test_unknown_costs_are_refused_as_unknown_unless_the_budget_allows_them(
    cloud: Drkit, sandbox: Running, unknown: str, status: int
) -> None:
    sandbox.create_in(0)
    playbook = budgeted(cloud, f'{{each_run: "1000 CNY", unknown: {unknown}}}')

    assert cloud("plan", playbook).status == status
    assert cloud("run", "--yes", playbook).status == status
    assert bool(snapshots_named(sandbox, "drkit-small-")) == (unknown == "allow")


def test_a_run_that_is_taken_up_under_higher_prices_ends_what_it_began_and_begins_no_more(
    priced: Drkit, sandbox: Running
) -> None:
    sandbox.create_in(0)
    playbook = budgeted(
        priced, f'{{each_run: "{planned_cost(priced, priced.write("small.yaml", THREE))} CNY"}}'
    )
    assert priced.killed("journal", "after", 6, "run", "--yes", playbook).status == -signal.SIGKILL
    begun = account(priced, sandbox, "drkit-small-").made
    estate = Path(priced.environment["DRKIT_ESTATE"])
    estate.write_text(estate.read_text(encoding="utf-8").replace("0.12 CNY", "0.50 CNY"), encoding="utf-8")

    recovered = priced("recover", "--yes", "--format", "json")

    (run,) = recovered.json["runs"]
    assert (recovered.status, run["state"], run["verdict"]) == (3, "ended", "fail")
    assert "over budget" in run["steps"][0]["reason"]
    accounts = account(priced, sandbox, "drkit-small-")
    assert (accounts.made, accounts.twice, accounts.unaccounted) == (begun, (), ())
    assert 0 < begun < DISKS


def test_a_budget_that_nobody_can_read_is_an_error_with_its_place(cloud: Drkit) -> None:
    ran = cloud("check", budgeted(cloud, "{each_run: 100}"))

    assert ran.status == 2
    assert "small.yaml:3:20" in ran.out + ran.err


def test_the_plan_of_a_playbook_without_a_budget_shows_its_cost_as_data(priced: Drkit) -> None:
    planned = json.loads(priced("plan", priced.write("small.yaml", THREE), "--format", "json").out)

    (cost,) = planned["costs"]
    assert (cost["playbook"], cost["budget"], cost["verdict"]) == ("small", None, "pass")
