"""What a person sees while something takes long: a bar on a terminal, and nothing where there is none."""

from __future__ import annotations

import os
import pty
import subprocess

import pytest
from helpers import SMALL, Drkit

from drkit.flows.talking import bar
from drkit.sandbox.testing import Running


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("take: 0 of 60, disk-1", "[....................] "),
        ("take: 30 of 60, disk-1", "[##########..........] "),
        ("take: 60 of 60 done, waiting", "[####################] "),
        ("take: 61 of 60", "[####################] "),
        ("looking: 1 of 2, production/ap-beijing", "[##########..........] "),
        ("judging", ""),
        ("1 of 0", ""),
    ],
)
def test_a_message_that_says_how_far_it_is_gets_a_bar(message: str, shown: str) -> None:
    assert bar(message) == shown


def on_a_terminal(cloud: Drkit, *words: str) -> str:
    """What a terminal gets on stderr."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        cloud.command(*words),
        cwd=cloud.directory,
        env=cloud.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""
    try:
        while chunk := os.read(ours, 65536):
            seen += chunk
    except OSError:
        pass  # Linux tells the end of a terminal so
    os.close(ours)
    process.wait(timeout=60)
    return seen.decode()


def test_a_run_shows_how_far_it_is_on_a_terminal_and_leaves_the_line_empty(
    cloud: Drkit, sandbox: Running
) -> None:
    sandbox.create_in(0)
    cloud.write("small.yaml", SMALL)

    seen = on_a_terminal(cloud, "run", "--yes", "small.yaml")

    assert "looking: 1 of 1, production/ap-beijing" in seen
    assert "] snapshots.take: 1 of " in seen
    assert "[####################] " in seen
    assert seen.rindex("\r\x1b[K") > seen.rindex("snapshots.take: ")


def test_without_a_terminal_nothing_is_shown_of_it(cloud: Drkit) -> None:
    ran = cloud("snapshots", "cover")

    assert (ran.status, "[#" in ran.err, "looking" in ran.err) == (3, False, False)
