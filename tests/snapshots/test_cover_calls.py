"""How often the cloud is asked: by the sandbox's own audit trail."""

from __future__ import annotations

from collections import Counter
from math import ceil
from typing import Any

import pytest
from helpers import Drkit, bare_environment

from drkit.sandbox.seeds.people import ACCOUNT
from drkit.sandbox.testing import in_thread

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
        events = list(held.audit.newest_first())
        yield (
            ran.json["summary"],
            Counter((event.action, event.region) for event in events),
            {
                region: {"DescribeDisks": len(each.disks), "DescribeInstances": len(each.instances)}
                for region, each in held.regions.items()
            },
        )


ESTATE = """\
estate: thousand
accounts:
  production:
    cloud: tencent
    account: "100000000001"
    environment: production
    regions: [ap-beijing, ap-shanghai, ap-guangzhou, ap-chengdu]
"""


def test_a_region_is_asked_at_most_a_page_more_than_it_has_of_each_kind(asked: Any) -> None:
    summary, calls, held = asked

    assert summary["volumes"] == 1000
    for (action, region), count in calls.items():
        if action in LISTS:
            assert count <= ceil(held[region].get(action, 0) / 100) + 1, (action, region)


def test_no_disk_is_asked_about_by_itself(asked: Any) -> None:
    _, calls, _ = asked

    others = {action for action, _ in calls} - set(LISTS)
    assert others <= {"GetCallerIdentity", "DescribeRegions"}
    assert calls.total() < 60
