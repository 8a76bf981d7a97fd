"""Which datasets a step is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import Field, StringConstraints

from drkit.copies.objectives.sources import Place
from drkit.core.configuration.model import Model
from drkit.core.configuration.problems import suggest
from drkit.core.configuration.types import Name
from drkit.core.datasets import Dataset
from drkit.core.estate import Estate
from drkit.ports.facts import Query, Scope
from drkit.ports.rooms import Room
from drkit.ports.steps import Setting

NOTHING_PROMISED = "the estate promises no copies: say under `datasets` which there have to be"


class Chosen(Model):
    """Datasets of the estate, and how much memory their comparison may take."""

    datasets: Annotated[tuple[Name, ...], Field(examples=[["archive"]])] = ()
    """Only these; all of the estate, unless said."""

    memory: Annotated[
        str | None, StringConstraints(pattern=r"^[0-9]+(\.[0-9]+)?(MB|GB|MiB|GiB)$"), Field(examples=["1GB"])
    ] = None
    """How much memory DuckDB may use; the rest goes to the disk. Four fifths of the machine's, unless said."""


def problems(arguments: Chosen, estate: Estate) -> Iterable[tuple[tuple[str | int, ...], str]]:
    """What names something that the estate does not have."""
    for index, name in enumerate(arguments.datasets):
        if name not in estate.datasets:
            yield ("datasets", index), f"the estate has no dataset '{name}'{suggest(name, estate.datasets)}"


def chosen(arguments: Chosen, estate: Estate) -> dict[str, Dataset]:
    """The datasets that are meant, by name."""
    names = arguments.datasets or tuple(estate.datasets)
    return {name: estate.datasets[name] for name in dict.fromkeys(names)}


def needs(arguments: Chosen, setting: Setting) -> Query:
    """Nothing of any region; but the accounts whose buckets are listed have to be opened and confirmed."""
    scopes = [
        Scope(copy.account, copy.region)
        for dataset in chosen(arguments, setting.estate).values()
        for copy in dataset.copies.values()
        if copy.bucket is not None
    ]
    return Query(tuple(dict.fromkeys(scopes)), frozenset())


def places(name: str, dataset: Dataset, room: Room) -> Iterator[Place]:
    """Every copy of a dataset, ready to be read."""
    return (Place(name, copy, promised, dataset, room) for copy, promised in dataset.reference_first.items())


def where(place: Place, estate: Estate) -> dict[str, str]:
    """What a row says of where a copy is."""
    copy = place.copy
    return {
        "dataset": place.dataset,
        "copy": place.name,
        "account": copy.account,
        "cloud": estate.accounts[copy.account].cloud,
        "region": copy.region,
    }
