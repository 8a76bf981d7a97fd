"""A drkit process that the tests fork is what a user starts, but for the price of its start."""

from __future__ import annotations

import pytest
from helpers import SMALL, Drkit

COMMANDS = [
    (),
    ("--version",),
    ("plan", "--help"),
    ("snapshto", "cover"),
    ("check", "small.yaml"),
    ("check", "wrong.yaml"),
    ("plan", "small.yaml", "--format", "json"),
    ("history",),
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_it_says_what_a_process_that_was_started_by_itself_says(drkit: Drkit, words: tuple[str, ...]) -> None:
    drkit.write("small.yaml", SMALL)
    drkit.write("wrong.yaml", SMALL.replace("uses", "use"))

    forked, started = drkit(*words), drkit.start(*words)
    out, err = started.communicate(timeout=60)

    assert (forked.status, forked.out, forked.err) == (started.returncode, out, err)


def test_nothing_of_one_reaches_the_next(drkit: Drkit) -> None:
    first = drkit("plan", "none.yaml", DRKIT_ESTATE="/nowhere/estate.yaml")
    second = drkit("plan", "none.yaml")

    assert ("/nowhere/estate.yaml" in first.err, "/nowhere/estate.yaml" in second.err) == (True, False)
