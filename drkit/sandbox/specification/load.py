"""The specification, read lazily: the index once, the shapes of a service when it is first called."""

from __future__ import annotations

import functools
import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drkit.sandbox.specification import DISABLED, NULLABLE, OUTPUT_REQUIRED, REQUIRED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Member:
    """One field of a request or an answer.

    ``kind`` is a scalar (string, int64, uint64, float, bool, datetime, …) or the name of a shape; of a list,
    the kind of its elements.
    """

    name: str
    kind: str
    is_list: bool
    required: bool
    output_required: bool
    nullable: bool
    disabled: bool


Shape = dict[str, Member]


@dataclass(frozen=True, slots=True)
class ServiceShapes:
    """The shapes of one service and version; ``actions`` maps an action to its request and answer shape."""

    actions: Mapping[str, tuple[str, str]]
    shapes: Mapping[str, Shape]

    def request(self, action: str) -> Shape:
        """The members of the request of an action."""
        return self.shapes[self.actions[action][0]]

    def answer(self, action: str) -> Shape:
        """The members of the answer of an action."""
        return self.shapes[self.actions[action][1]]


@dataclass(frozen=True, slots=True)
class Version:
    """The names of the actions of one version of a service."""

    actions: frozenset[str]
    offline: frozenset[str]


class Specification:
    """All services by name, and the shapes of those that drkit deals with."""

    def __init__(self, data: Path = DATA) -> None:
        self.data = data
        self.service_shapes = functools.cache(self._read_shapes)

    @functools.cached_property
    def index(self) -> Mapping[str, Mapping[str, Version]]:
        """Service, version, names of actions."""
        return {
            service: {
                version: Version(frozenset(names["actions"]), frozenset(names["offline"]))
                for version, names in versions.items()
            }
            for service, versions in read(self.data / "index.json.gz").items()
        }

    def actions(self) -> Iterator[tuple[str, str, str]]:
        """Every action that is not offline as (service, version, action), sorted."""
        for service, versions in sorted(self.index.items()):
            for version, names in sorted(versions.items()):
                yield from ((service, version, action) for action in sorted(names.actions))

    def _read_shapes(self, service: str, version: str) -> ServiceShapes:
        """The shapes of one service.

        Raises:
            FileNotFoundError: only the names of this service are known.
        """
        content = read(self.data / f"{service}.{version}.json.gz")
        return ServiceShapes(
            actions={action: (request, answer) for action, (request, answer) in content["actions"].items()},
            shapes={
                name: {member[0]: expand(*member) for member in members}
                for name, members in content["shapes"].items()
            },
        )


def expand(name: str, kind: str, flags: int) -> Member:
    """The member that ``generate.compact`` wrote."""
    return Member(
        name=name,
        kind=kind.removeprefix("["),
        is_list=kind.startswith("["),
        required=bool(flags & REQUIRED),
        output_required=bool(flags & OUTPUT_REQUIRED),
        nullable=bool(flags & NULLABLE),
        disabled=bool(flags & DISABLED),
    )


def read(path: Path) -> Any:
    """One file of the specification."""
    return json.loads(gzip.decompress(path.read_bytes()))
