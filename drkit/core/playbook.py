"""A playbook: a promise as a file, with a schedule and steps."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from drkit.core.configuration.model import Model
from drkit.core.configuration.types import Name
from drkit.core.schedule import Schedule


class StepEntry(Model):
    """One step of a playbook."""

    uses: Annotated[str, StringConstraints(pattern=r"^[a-z]+\.[a-z_]+$"), Field(examples=["snapshots.take"])]
    """The verb."""

    name: Name | None = None
    """What the step is called in plans and reports; the verb, unless said."""

    with_: Annotated[dict[str, Any], Field(alias="with", default_factory=dict)]
    """The verb's arguments."""

    optional: bool = False
    """Whether an UNKNOWN verdict of this step is tolerated by the run."""


class Playbook(Model):
    """A promise as a file."""

    playbook: Name
    """The playbook's id."""

    description: str = ""
    """What it promises, for people."""

    schedule: Schedule
    """When it is due."""

    steps: Annotated[tuple[StepEntry, ...], Field(min_length=1)]
    """What is done, in this order."""
