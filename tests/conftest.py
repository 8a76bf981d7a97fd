"""What every test may use: a sandbox in a process of its own, and drkit as a user runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from gating import People
from helpers import Drkit, bare_environment
from matrix import summary

from drkit.sandbox.testing import Running


@pytest.fixture
def drkit(tmp_path: Path) -> Drkit:
    """drkit without any sandbox."""
    environment = bare_environment(tmp_path) | {"DRKIT_STATE": str(tmp_path / "state")}
    return Drkit(tmp_path, environment)


@pytest.fixture
def sandbox(drkit_sandbox: Running) -> Running:
    """A sandbox as it is at its start, by the plugin that other people's tests use too."""
    return drkit_sandbox


@pytest.fixture
def cloud(drkit: Drkit, sandbox: Running) -> Drkit:
    """drkit pointed at the sandbox, as ``eval "$(drkit sandbox env)"`` does."""
    drkit.environment |= {**sandbox.environment(), "DRKIT_STATE": drkit.environment["DRKIT_STATE"]}
    return drkit


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the kill matrix came to, in one line, if any of it ran here."""
    reports = [
        report
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        if "::test_killed_and_recovered[" in report.nodeid and report.when == "call"
    ]
    if reports:
        terminalreporter.write_line(summary(reports))


@pytest.fixture
def people(cloud: Drkit) -> People:
    """People who ask and agree, in an estate that is pointed at the sandbox."""
    people = People(cloud)
    people.estate()
    return people
