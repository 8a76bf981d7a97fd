"""All actions that the ways ask for, numbered, so that a set of them is an integer."""

from __future__ import annotations

from functools import cache

from drkit.access.escalate import aws_ways, cam_ways
from drkit.access.escalate.ways import Way
from drkit.access.language.form import Dialect

WAYS = {Dialect.AWS: aws_ways.WAYS, Dialect.CAM: cam_ways.WAYS}
PASSING = {Dialect.AWS: aws_ways.PASSING, Dialect.CAM: cam_ways.PASSING}
RUNS = {Dialect.AWS: aws_ways.RUNS, Dialect.CAM: cam_ways.RUNS}
ASSUME = "sts:AssumeRole"
ANYTHING = "drkit:ModifyEverything"  # an action that no service has: only who may do everything may do it
PROBES = {  # what an administrator may do besides: grant it
    Dialect.AWS: ("iam:AttachUserPolicy", "iam:AttachRolePolicy", "iam:PutUserPolicy", "iam:PutRolePolicy"),
    Dialect.CAM: ("cam:AttachUserPolicy", "cam:AttachRolePolicy", "cam:AttachGroupPolicy"),
}


@cache
def asked_of(dialect: Dialect) -> dict[str, int]:
    """Each action that is asked for, with its number."""
    calls = {call for way in WAYS[dialect] for call in (way.action, *way.further)}
    calls |= {ASSUME, ANYTHING, PASSING[dialect], *PROBES[dialect]}
    return {call: number for number, call in enumerate(sorted(calls))}


@cache
def further(dialect: Dialect) -> dict[str, int]:
    """The further calls of all ways, numbered."""
    calls = sorted({call for way in WAYS[dialect] for call in way.further})
    return {call: number for number, call in enumerate(calls)}


@cache
def ways_by_action(dialect: Dialect) -> dict[str, tuple[tuple[int, Way], ...]]:
    """The ways that begin with each action, with their numbers."""
    made: dict[str, tuple[tuple[int, Way], ...]] = {}
    for number, way in enumerate(WAYS[dialect]):
        made[way.action] = (*made.get(way.action, ()), (number, way))
    return made
