"""What the actions of clouds do: ``catalogue.jsonl``, generated from the clouds' own lists by the rules beside it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

CATALOGUE = Path(__file__).parent / "catalogue.jsonl"
# As command lines call a service, where its API is called otherwise.
ALIASES = {
    "aws": {"s3api": "s3", "configservice": "config", "deploy": "codedeploy"},
    "tencent": {"postgresql": "postgres"},
}


class Known(NamedTuple):
    """What is known of one action.

    Args:
        action: as the cloud spells it.
        kind: one of ``drkit.gate.calls.rules``.
        dry: whether it can be asked to try only (``DryRun``).
    """

    action: str
    kind: str
    dry: bool


def known(cloud: str, service: str, action: str) -> Known | None:
    """What is known of an action; upper and lower case, and dashes, are all one; None where nothing is."""
    return _service(cloud, _called(cloud, service)).get(plain(action))


def has_service(cloud: str, service: str) -> bool:
    """Whether the catalogue has any action of a service."""
    return _called(cloud, service) in _head().get(cloud, {})


def _called(cloud: str, service: str) -> str:
    """A service as the catalogue calls it."""
    told = service.lower()
    return told if told in _head().get(cloud, {}) else ALIASES.get(cloud, {}).get(told, told)


def plain(name: str) -> str:
    """A name as it is compared."""
    return name.replace("-", "").replace("_", "").lower()


@cache
def _lines() -> list[bytes]:
    return CATALOGUE.read_bytes().splitlines()


@cache
def _head() -> dict[str, dict[str, int]]:
    read: dict[str, dict[str, int]] = json.loads(_lines()[0])["services"]
    return read


@cache
def _service(cloud: str, service: str) -> dict[str, Known]:
    place = _head().get(cloud, {}).get(service)
    if place is None:
        return {}
    told: dict[str, Any] = json.loads(_lines()[place])
    dry = frozenset(told.pop("dry", "").split())
    return {
        plain(name): Known(name, kind, name in dry) for kind, names in told.items() for name in names.split()
    }
