"""The estate's datasets: which cold copies of what are promised, where they are, and how they are looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from drkit.core.configuration.model import Model
from drkit.core.configuration.problems import suggest
from drkit.core.configuration.types import Duration, Name

Path = Annotated[str, StringConstraints(pattern=r"^/")]
Bucket = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
CopyRegion = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]{2,4}(-[a-z0-9]+)+$"),
    Field(examples=["ap-beijing", "ap-nanjing", "us-east-1"]),
]
RULE = re.compile(r"([1-9])-([1-9])-([0-9])-([0-9])-0")


class PromisedCopy(Model):
    """One place where a dataset's bytes have to be."""

    account: Name
    """The account of the estate that it belongs to; with it goes the cloud."""

    region: CopyRegion
    """Where the bytes are."""

    inventory: Annotated[Path | None, Field(examples=["/srv/inventories/cold-beijing/daily"])] = None
    """The absolute path of a local mirror of its inventories: a directory of dated ones, of which the newest
    counts; or one inventory, or Parquet or csv.gz files."""

    bucket: Annotated[Bucket | None, Field(examples=["cold-abroad"])] = None
    """The bucket to list, where there is no inventory of it."""

    prefix: Annotated[str, StringConstraints(max_length=1024)] = ""
    """Only keys of the bucket that begin so."""

    storage_class: Annotated[
        str | None, StringConstraints(pattern=r"^[A-Za-z][A-Za-z_-]{1,40}$"), Field(examples=["DEEP_ARCHIVE"])
    ] = None
    """The storage class that every object of it must have, in the cloud's own word; any, unless said."""

    immutable: Literal["no", "locked", "offline"] = "no"
    """Whether nobody can change or remove it: by a compliance lock, or because no network reaches it. This is
    what the estate says; drkit does not look at it yet."""

    @model_validator(mode="after")
    def _one_way_to_look(self) -> PromisedCopy:
        if (self.inventory is None) == (self.bucket is None):
            raise ValueError("needs either `inventory`, where its inventories lie, or `bucket`, to list it")
        if self.prefix and self.bucket is None:
            raise ValueError("a `prefix` is of a `bucket`: an inventory has its own")
        return self

    @property
    def source(self) -> str:
        """What tells of it."""
        return self.inventory or f"{self.bucket}/{self.prefix}"


def _each_source_once(copies: dict[str, PromisedCopy]) -> dict[str, PromisedCopy]:
    seen: dict[tuple[str, str, str], str] = {}
    for name, copy in copies.items():
        place = (copy.account, copy.region, copy.source) if copy.bucket else ("", "", copy.source)
        other = seen.setdefault(place, name)
        if other != name:
            raise ValueError(f"'{other}' and '{name}' are one copy: it would be counted twice")
    return copies


def _readable_rule(rule: str) -> str:
    if not RULE.fullmatch(rule):
        raise ValueError(
            f"'{rule}' is no rule: write copies, clouds, off-site, immutable and 0 errors, such as 3-2-1-1-0"
        )
    return rule


class Dataset(Model):
    """Data whose loss hurts, and the copies of it that are promised."""

    copies: Annotated[dict[Name, PromisedCopy], Field(min_length=1), AfterValidator(_each_source_once)]
    """The copies, by the names that reports use."""

    reference: Annotated[Name, Field(examples=["beijing"])]
    """The copy that the others are held against."""

    younger_than: Duration = timedelta(days=2)
    """How old what tells of a copy may be; an older inventory is refused."""

    rule: Annotated[
        str,
        Field(examples=["3-2-1-1-0"], json_schema_extra={"pattern": f"^{RULE.pattern}$"}),
        AfterValidator(_readable_rule),
    ] = "3-2-1-1-0"
    """How many copies are wanted, in how many clouds, how many of them in another region than the reference, how
    many immutable or offline, and no errors."""

    @field_validator("reference")
    @classmethod
    def _reference_is_a_copy(cls, reference: str, info: ValidationInfo) -> str:
        copies: dict[str, PromisedCopy] = info.data.get("copies", {})
        if copies and reference not in copies:
            raise ValueError(f"there is no copy '{reference}'{suggest(reference, copies)}")
        return reference

    @property
    def reference_first(self) -> dict[str, PromisedCopy]:
        """The copies, the reference first, the others in their names' order."""
        others = sorted(name for name in self.copies if name != self.reference)
        return {name: self.copies[name] for name in (self.reference, *others)}

    @property
    def wanted(self) -> tuple[int, int, int, int]:
        """Copies, clouds, off-site, immutable."""
        found = RULE.fullmatch(self.rule)
        assert found is not None
        copies, clouds, offsite, immutable = map(int, found.groups())
        return copies, clouds, offsite, immutable


def places(datasets: dict[str, Dataset]) -> Iterator[tuple[str, str, PromisedCopy]]:
    """Every promised copy with the names of its dataset and its own."""
    for dataset_name, dataset in datasets.items():
        for name, copy in dataset.copies.items():
            yield dataset_name, name, copy
