"""Everyday work is allowed, what endangers is held, and other clothes change nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from gate.obfuscating import WAYS

from drkit.gate.classify.places import Places
from drkit.gate.classify.shell import judge_shell
from drkit.gate.verdict import Verdict

CORPORA = Path(__file__).parent / "corpora"
SOAK = os.environ.get("DRKIT_SOAK") == "1"
EACH = len(WAYS) if SOAK else 6


def lines(kind: str) -> list[str]:
    """A line of a file is a command; `␤` stands for the line ends within it."""
    found = [line for path in sorted(CORPORA.glob(f"{kind}-*.txt")) for line in path.read_text().splitlines()]
    return [line.replace("␤", "\n") for line in found if line]


def test_the_corpora_are_large_and_no_line_is_there_twice():
    assert len(lines("gate")) >= 600
    assert len(lines("allow")) >= 1500
    both = lines("gate") + lines("allow")
    assert len(set(both)) == len(both)


def test_everyday_work_is_allowed_without_any_reason():
    held = [
        (line, judge_shell(line).reasons)
        for line in lines("allow")
        if judge_shell(line).verdict is not Verdict.ALLOW
    ]
    assert held == []


def test_what_endangers_is_held_each_with_a_reason_and_a_place():
    for line in lines("gate"):
        found = judge_shell(line)
        assert found.verdict is not Verdict.ALLOW, line
        assert found.reasons, line
        assert all(reason.rule and reason.why and reason.at for reason in found.reasons), line
        assert all(reason.rule != "defect" for reason in found.reasons), (line, found.reasons)


def test_other_clothes_change_nothing():
    ways = list(WAYS.items())
    allowed = []
    for number, line in enumerate(lines("gate")):
        for turn in range(EACH):
            name, change = ways[(number * EACH + turn) % len(ways)]
            changed = change(line)
            if changed is not None and judge_shell(changed).verdict is Verdict.ALLOW:
                allowed.append((name, changed))
    assert allowed == []


@pytest.mark.parametrize("name", WAYS)
def test_every_way_to_dress_is_held_over_the_worst_line(name):
    changed = WAYS[name]("rm -rf /data")
    assert changed is not None
    assert judge_shell(changed).verdict is not Verdict.ALLOW


def test_the_place_decides():
    places = Places(directory="/data/shop")
    assert judge_shell("rm -rf ./build", places).verdict is Verdict.REVIEW
    assert judge_shell("rm -rf ./build", Places(directory="/tmp/work")).verdict is Verdict.ALLOW
    assert judge_shell("rm -rf ./build").verdict is Verdict.ALLOW
    assert judge_shell("rm -rf *", Places(directory="/tmp/work")).verdict is Verdict.ALLOW
    assert judge_shell("rm -rf *").verdict is Verdict.REVIEW
    assert judge_shell("rm -rf /scratch2/x", Places(scratch=("/scratch2",))).verdict is Verdict.ALLOW
    assert judge_shell("rm -rf /ledger/x", Places(own=("/ledger",))).verdict is Verdict.REVIEW
    assert (
        judge_shell("rm -rf /ledger/tmp/x", Places(own=("/ledger",), scratch=("/ledger/tmp",))).verdict
        is Verdict.ALLOW
    )
    assert (
        judge_shell("rm -rf /ledger", Places(own=("/ledger",), scratch=("/ledger/tmp",))).verdict
        is Verdict.REVIEW
    )
    assert judge_shell("rm -rf /", places).verdict is Verdict.DENY


def test_a_place_in_the_text_is_told():
    (reason,) = judge_shell("ls -la\n  rm -rf /data").reasons
    assert reason.at == "2:3"
    assert "/data" in reason.why


def test_scripts_that_the_caller_has_are_read():
    files = {"clean.sh": b"rm -rf ./build\n", "wipe.sh": b"cd /data\nrm -rf ./x\n"}
    assert judge_shell("bash clean.sh", read=files.get).verdict is Verdict.ALLOW
    (reason, *_) = judge_shell("bash wipe.sh", read=files.get).reasons
    assert reason.rule == "tree"
    assert judge_shell("bash other.sh", read=files.get).verdict is Verdict.REVIEW


def test_build_tools_are_held_where_the_estate_says_so_or_where_the_text_wrote_before():
    assert judge_shell("make test").verdict is Verdict.ALLOW
    assert judge_shell("make test", builds=False).verdict is Verdict.REVIEW
    assert judge_shell("cp x Makefile; make test").verdict is Verdict.REVIEW
