"""The fixtures for other people's tests, in a pytest of its own that finds them by itself."""

from __future__ import annotations

import pytest

TESTS = """
import os
import subprocess
import sys
import urllib.error
from datetime import timedelta

import boto3
import pytest


def test_one_spoils(drkit_sandbox):
    drkit_sandbox.fault("throttle", times=None)

    assert len(drkit_sandbox.faults()) == 1


def test_the_next_finds_it_as_it_was(drkit_sandbox):
    assert drkit_sandbox.faults() == []


def test_tools_are_pointed_at_it(drkit_sandbox, drkit_sandbox_environment):
    for name, value in drkit_sandbox_environment.items():
        assert os.environ[name] == value
    assert "AWS_PROFILE" not in os.environ
    assert boto3.client("sts").get_caller_identity()["Account"] == "210000000001"
    done = subprocess.run([sys.executable, "-m", "drkit", "snapshots", "cover"], capture_output=True, text=True)
    assert (done.returncode, done.stdout.split()[0]) == (WANTED)


def test_the_environment_is_as_before():
    assert "DRKIT_TENCENT_ENDPOINT" not in os.environ
    assert os.environ["AWS_PROFILE"] == "mine"


def test_a_world_has_a_clock_that_stands_still(drkit_sandbox_world):
    before = drkit_sandbox_world.clock.now()
    drkit_sandbox_world.clock.advance(timedelta(days=400))
    assert drkit_sandbox_world.clock.now() - before == timedelta(days=400)
    disks = drkit_sandbox_world.world.accounts["100000000001"].regions["ap-beijing"].disks
    assert len(disks) == DISKS
"""


@pytest.mark.parametrize(
    ("seed", "disks", "wanted"),
    [(None, 31, '3, "FAIL"'), ("empty", 0, '1, "UNKNOWN"')],
    ids=["weimob", "empty"],
)
def test_the_fixtures_work_in_a_pytest_that_knows_nothing_of_them(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, seed: str | None, disks: int, wanted: str
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    pytester.makepyfile(TESTS.replace("DISKS", str(disks)).replace("(WANTED)", f"({wanted})"))
    if seed:
        pytester.makeini(f"[pytest]\ndrkit_sandbox_seed = {seed}\n")
    pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:xdist").assert_outcomes(passed=5)


def test_a_seed_that_there_is_not_is_told(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\ndrkit_sandbox_seed = wemob\n")
    pytester.makepyfile("def test_it(drkit_sandbox): pass\ndef test_that(drkit_sandbox_world): pass\n")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["*no seed 'wemob'*"])


def test_loading_the_plugin_imports_nothing_of_the_sandbox(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import sys\n"
        "def test_it():\n"
        "    heavy = {'h11', 'pydantic', 'ministack', 'drkit.sandbox.testing'} & set(sys.modules)\n"
        "    assert not heavy\n"
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:anyio").assert_outcomes(passed=1)
