"""What every test may use: a sandbox in a process of its own, and drkit as a user runs it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import Drkit, bare_environment

from drkit.sandbox.testing import Running, running


@pytest.fixture
def drkit(tmp_path: Path) -> Drkit:
    """drkit without any sandbox."""
    environment = bare_environment(tmp_path) | {"DRKIT_STATE": str(tmp_path / "state")}
    return Drkit(tmp_path, environment)


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One sandbox for all tests of this process."""
    with running("weimob", tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(started: Running) -> Running:
    """A sandbox as it is at its start."""
    started.reset()
    return started


@pytest.fixture
def cloud(drkit: Drkit, sandbox: Running) -> Drkit:
    """drkit pointed at the sandbox, as ``eval "$(drkit sandbox env)"`` does."""
    drkit.environment |= {**sandbox.environment(), "DRKIT_STATE": drkit.environment["DRKIT_STATE"]}
    return drkit
