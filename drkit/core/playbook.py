"""A playbook: a promise as a file, with a schedule and steps."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from drkit.core.budget import Budget
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


class AfterCrash(StrEnum):
    """What `drkit recover` does with a run that was broken off; one that is suspended goes on in any case."""

    RESUME = "resume"
    UNDO = "undo"


class Playbook(Model):
    """A promise as a file."""

    playbook: Name
    """The playbook's id."""

    description: str = ""
    """What it promises, for people."""

    schedule: Schedule
    """When it is due."""

    budget: Budget | None = None
    """What one run may cost at most; without it a run may cost anything, and its plan says what."""

    after_crash: AfterCrash = AfterCrash.RESUME
    """What `drkit recover` does with a run that was broken off: go on with it, or tear down what it made."""

    steps: Annotated[tuple[StepEntry, ...], Field(min_length=1)]
    """What is done, in this order."""
