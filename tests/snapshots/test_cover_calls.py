"""How often the cloud is asked: by the sandbox's own audit trail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import ceil
from typing import Any

import pytest
from helpers import Drkit, bare_environment

from drkit.sandbox.seeds.people import ACCOUNT
from drkit.sandbox.testing import in_thread

STEPS = ("snapshots.take", "snapshots.keep", "snapshots.cover")
REGIONS = ("ap-beijing", "ap-shanghai", "ap-guangzhou", "ap-chengdu")
LISTS = ("DescribeDisks", "DescribeSnapshots", "DescribeInstances", "DescribeAutoSnapshotPolicies")


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The calls by action and region of one look at 1,000 disks, and how many things each region has."""
    with in_thread("thousand") as sandbox:
        directory = tmp_path_factory.mktemp("thousand")
        estate = directory / "estate.yaml"
        estate.write_text(ESTATE)
        environment = {
            **bare_environment(directory),
            "DRKIT_TENCENT_ENDPOINT": sandbox.endpoint,
            "TENCENTCLOUD_SECRET_ID": sandbox.secret_id,
            "TENCENTCLOUD_SECRET_KEY": sandbox.secret_key,
        }
        ran = Drkit(directory, environment)("snapshots", "cover", "--format", "json")
        held = sandbox.world.accounts[ACCOUNT]
        by_cover = counted(held.audit.newest_first())
        plans = {}
        for verb, more in PLANS.items():
            (directory / f"{verb}.yaml").write_text(PLAYBOOK.format(verb=verb, more=more))
            before = counted(held.audit.newest_first())
            planned = Drkit(directory, environment)("plan", f"{verb}.yaml")
            assert planned.status in (0, 3), planned.err
            plans[verb] = counted(held.audit.newest_first()) - before
        yield (
            ran.json["summary"],
            {"snapshots.cover": by_cover, **plans},
            {
                region: {"DescribeDisks": len(each.disks), "DescribeInstances": len(each.instances)}
                for region, each in held.regions.items()
            },
        )


def counted(events: Iterable[Any]) -> Counter[tuple[str, str]]:
    """Calls by action and region."""
    return Counter((event.action, event.region) for event in events)


PLANS = {"snapshots.take": "keep_for: 7d", "snapshots.keep": "grid: 14x1d 8x1w"}
PLAYBOOK = """\
playbook: calls
schedule: {{every: day}}
steps:
  - {{uses: {verb}, with: {{{more}}}}}
"""
ESTATE = """\
estate: thousand
accounts:
  production:
    cloud: tencent
    account: "100000000001"
    environment: production
    regions: [ap-beijing, ap-shanghai, ap-guangzhou, ap-chengdu]
"""


@pytest.mark.parametrize("step", STEPS)
def test_a_region_is_asked_at_most_a_page_more_than_it_has_of_each_kind(asked: Any, step: str) -> None:
    summary, by_step, held = asked
    calls = by_step[step]

    assert summary["volumes"] == 1000
    assert {region for action, region in calls if action == "DescribeDisks"} == set(REGIONS)
    for (action, region), count in calls.items():
        if action in LISTS:
            assert count <= ceil(held[region].get(action, 0) / 100) + 1, (action, region)


@pytest.mark.parametrize("step", STEPS)
def test_no_disk_is_asked_about_by_itself(asked: Any, step: str) -> None:
    calls = asked[1][step]

    others = {action for action, _ in calls} - set(LISTS)
    assert others <= {"GetCallerIdentity", "DescribeRegions"}
    assert calls.total() < 60
