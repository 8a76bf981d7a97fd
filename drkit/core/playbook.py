"""A playbook: a promise as a file, with a schedule and steps."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints

from drkit.core.configuration.model import Model
from drkit.core.configuration.types import ClockTime, Name, TimeZone


class Schedule(Model):
    """When the playbook is due."""

    every: Literal["day"]
    """How often."""

    at: ClockTime = time(0, 0)
    """At what time of the day, in the time zone."""

    time_zone: TimeZone = ZoneInfo("UTC")
    """The zone that ``at`` is meant in, such as Asia/Shanghai."""

    def slot(self, now: datetime) -> datetime:
        """The last moment, at or before now, at which the playbook was due, in UTC.

        What runs twice within a slot finds its own work done and does nothing more.
        """
        today = now.astimezone(self.time_zone).date()
        # Today's moment may be ahead; and where clocks go forward it may not exist and be moved ahead.
        for days in (0, 1, 2):
            due = datetime.combine(today - timedelta(days=days), self.at, self.time_zone).astimezone(UTC)
            if due <= now:
                return due
        raise AssertionError("a day is never longer than two days")


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


def slot_name(slot: datetime) -> str:
    """A slot as it stands in names: ``20261122T0130``, in UTC."""
    return slot.astimezone(UTC).strftime("%Y%m%dT%H%M")
