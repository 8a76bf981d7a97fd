"""The words of a proof: what is done to the disk that is made of a snapshot, and what its host told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from drkit.core.text import harmless

ATTACH = "disks.attach_scratch"
PROVE = "disks.prove"
DETACH = "disks.detach_scratch"
MOVES = frozenset({ATTACH, DETACH})
VERBS = frozenset({ATTACH, PROVE, DETACH})
SNAPSHOT_TAG = "drkit:snapshot"
"""On a disk that is made of a snapshot for a while: the snapshot's id."""


def attachment(source: str, name: str, host: str) -> dict[str, Any]:
    """The arguments of an action that attaches."""
    return {"source": source, "name": name, "host": host, "scratch": True}


def detachment(source: str, name: str, host: str) -> dict[str, Any]:
    """The arguments of an action that detaches."""
    return {**attachment(source, name, host), "frees": True}


PASS, FAIL, UNKNOWN = "pass", "fail", "unknown"
# What a host may tell, and of which type; it is a guest in what it says, and nothing else is believed.
FIELDS: Mapping[str, type] = {
    "result": str,
    "kind": str,
    "why": str,
    "filesystem": str,
    "recovered": bool,
    "files": int,
    "bytes": int,
    "manifest": str,
}
KINDS = frozenset(
    {
        "",
        "no-device",
        "no-serial",
        "unreadable",
        "filesystem",
        "not-understood",
        "no-manifest",
        "content-differs",
        "given-up",
    }
)
LONGEST = 1000  # characters of a text
DIGEST = re.compile("[0-9a-f]{64}")


def read_answer(answer: object) -> dict[str, Any] | None:
    """What a host told of a disk, if it is what the program there says; None where it is anything else."""
    if not isinstance(answer, dict) or set(answer) != set(FIELDS):
        return None
    # A bool is an int to Python, and a number is none to JSON's readers where it is huge.
    sound = all(type(answer[name]) is kind for name, kind in FIELDS.items())
    if not sound or any(len(each) > LONGEST for each in answer.values() if isinstance(each, str)):
        return None
    if answer["result"] not in (PASS, FAIL, UNKNOWN) or answer["kind"] not in KINDS:
        return None
    if not (0 <= answer["files"] < 2**53 and 0 <= answer["bytes"] < 2**53):
        return None
    # A pass rests on files that were compared with a manifest whose hash is told.
    passed = answer["result"] == PASS
    whole = answer["files"] > 0 and DIGEST.fullmatch(answer["manifest"]) and not answer["kind"]
    if passed and not whole:
        return None
    return {name: harmless(each) if isinstance(each, str) else each for name, each in answer.items()}
