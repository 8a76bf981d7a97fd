"""A run is killed before and after every write of its journal, and recovered; the count is told at the end."""

from __future__ import annotations

import re
import shutil
import signal
from collections.abc import Callable

import pytest
from accounting import PROPERTY, account
from helpers import Drkit
from matrix import CASES, DISKS, PLAYBOOK, WRITES

from drkit.sandbox.testing import Running


def test_a_run_that_is_not_killed_writes_as_often_as_the_matrix_says(cloud: Drkit, sandbox: Running) -> None:
    for what, expected in WRITES.items():
        sandbox.reset()
        sandbox.create_in(0)
        shutil.rmtree(cloud.environment["DRKIT_STATE"], ignore_errors=True)
        ran = cloud.killed(what, "never", 0, "run", "--yes", cloud.write("three.yaml", PLAYBOOK))
        assert (ran.status, re.findall(r"writes: (\d+)", ran.err)) == (0, [str(expected)]), what


@pytest.mark.parametrize(("what", "when", "point"), CASES)
def test_killed_and_recovered(
    cloud: Drkit,
    sandbox: Running,
    record_property: Callable[[str, object], None],
    what: str,
    when: str,
    point: int,
) -> None:
    """Nothing is done twice, and nothing is left unaccounted for."""
    sandbox.create_in(0)
    killed = cloud.killed(what, when, point, "run", "--yes", cloud.write("three.yaml", PLAYBOOK))
    assert killed.status == -signal.SIGKILL

    recovered = cloud("recover", "--yes")

    accounts = account(cloud, sandbox, "drkit-three-")
    record_property(PROPERTY, accounts.as_property())
    assert recovered.status == 0, recovered.out + recovered.err
    assert (accounts.twice, accounts.unaccounted) == ((), ())
    began = (what, when, point) != ("journal", "before", 1)
    assert accounts.made == (DISKS if began else 0)
