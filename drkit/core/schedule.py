"""When a playbook is due: every day, week, month or quarter, or by cron text, in a time zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, ValidationInfo, field_validator, model_validator

from drkit.core.configuration.model import Model
from drkit.core.configuration.types import ClockTime, Duration, TimeZone
from drkit.core.slots import cron, walls
from drkit.core.slots.cron import CronText
from drkit.core.slots.days import MONTHDAY_SCHEMA, WEEKDAY_SCHEMA, WEEKDAYS, Day, DayText
from drkit.core.slots.instants import latest_day, moment

A_MOMENT = timedelta.resolution
QUARTERS = (1, 4, 7, 10)
LONGEST_JITTER = timedelta(hours=12)
SHORTEST_WITHIN = timedelta(minutes=1)
# What belongs to which `every`, and to cron text; written for editors in the JSON Schema, and checked below.
FIELDS_OF = {
    "day": {"at"},
    "week": {"at", "day"},
    "month": {"at", "day"},
    "quarter": {"at", "day", "months"},
    "cron": set[str](),
}
SCHEMA_OF_DAY = {"week": WEEKDAY_SCHEMA, "month": MONTHDAY_SCHEMA, "quarter": MONTHDAY_SCHEMA}

Month = Annotated[int, Field(ge=1, le=12)]


def _rules(schema: dict[str, Any]) -> None:
    """What the fields demand of each other, as JSON Schema."""
    schema["oneOf"] = [{"required": ["every"]}, {"required": ["cron"]}]
    schema["allOf"] = [
        {
            "if": (
                {"required": ["cron"]}
                if kind == "cron"
                else {"properties": {"every": {"const": kind}}, "required": ["every"]}
            ),
            "then": {
                "properties": {
                    **dict.fromkeys(sorted({"at", "day", "months"} - fields), False),
                    **({"day": SCHEMA_OF_DAY[kind]} if "day" in fields else {}),
                },
                **({"required": ["day"]} if "day" in fields else {}),
            },
        }
        for kind, fields in FIELDS_OF.items()
    ]


class Schedule(Model):
    """When the playbook is due."""

    model_config = ConfigDict(json_schema_extra=_rules)

    every: Literal["day", "week", "month", "quarter"] | None = None
    """How often, unless ``cron`` says it."""

    cron: CronText | None = None
    """Minute, hour, day, month and weekday, as in a crontab, in the time zone."""

    at: ClockTime = time(0, 0)
    """At what time of the day, in the time zone."""

    day: DayText | None = None
    """Which day of the week, such as monday; or of the month, such as first sunday, last friday or 15."""

    months: Annotated[tuple[Month, ...], Field(examples=[[2, 5, 8, 11]])] = QUARTERS
    """One month of each quarter."""

    time_zone: TimeZone = ZoneInfo("UTC")
    """The zone that ``at`` and ``cron`` are meant in, such as Asia/Shanghai."""

    catch_up: Literal["skip", "once", "all"] = "once"
    """What becomes of slots that passed undone: nothing, the last of them is carried out, or each of them."""

    within: Duration | None = None
    """How late a slot may begin: 1h unless said for ``skip``, 3d for ``all``, until the next for ``once``."""

    jitter: Duration = timedelta(0)
    """Each host begins up to this much later, always by the same amount for the same playbook."""

    @field_validator("cron")
    @classmethod
    def _one_of_both(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and info.data.get("every") is not None:
            raise ValueError("a schedule has `every` or `cron`, not both")
        return value

    @field_validator("at", "day", "months")
    @classmethod
    def _belongs(cls, value: Any, info: ValidationInfo) -> Any:
        kind = _kind(info.data)
        if kind and value is not None and info.field_name not in FIELDS_OF[kind]:
            said = "cron text" if kind == "cron" else f"every {kind}"
            owners = [f"every {name}" for name, fields in FIELDS_OF.items() if info.field_name in fields]
            raise ValueError(
                f"`{info.field_name}` says nothing with {said}: it belongs to {', '.join(owners)}"
            )
        return value

    @field_validator("day")
    @classmethod
    def _fits(cls, value: Day | None, info: ValidationInfo) -> Day | None:
        kind = _kind(info.data)
        if value is None or kind in {None, "day", "cron"}:
            return value
        if kind == "week" and not value.of_week:
            weekday = WEEKDAYS[value.weekday] if value.weekday is not None else "monday"
            raise ValueError(f"a week has each weekday once: write it alone, such as {weekday}")
        if kind != "week" and value.of_week:
            raise ValueError(f"a month has several: write first {value.written()} or last {value.written()}")
        return value

    @field_validator("months")
    @classmethod
    def _one_a_quarter(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if sorted((month - 1) // 3 for month in value) != [0, 1, 2, 3]:
            raise ValueError("name one month of each quarter, such as [2, 5, 8, 11]")
        return value

    @field_validator("within")
    @classmethod
    def _long_enough(cls, value: timedelta | None) -> timedelta | None:
        if value is not None and value < SHORTEST_WITHIN:
            raise ValueError("nothing begins so soon: write at least 1m")
        return value

    @field_validator("jitter")
    @classmethod
    def _short_enough(cls, value: timedelta) -> timedelta:
        if value > LONGEST_JITTER:
            raise ValueError("this is no jitter any more: write at most 12h")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.every is None and self.cron is None:
            raise ValueError("missing field 'every' or 'cron'")
        if self.every in SCHEMA_OF_DAY and self.day is None:
            example = "monday" if self.every == "week" else "first sunday, last friday or 15"
            raise ValueError(f"missing field 'day': every {self.every} needs one, such as {example}")
        return self

    def slot(self, now: datetime) -> datetime:
        """The last moment, at or before now, at which the playbook was due, in UTC.

        What runs twice within a slot finds its own work done and does nothing more.
        """
        return next(self.slots_back(now))

    def next_slot(self, now: datetime) -> datetime:
        """The first moment after now at which the playbook is due, in UTC."""
        day = now.astimezone(self.time_zone).date()
        return next(slot for slot in self._moments_on(day) if slot > now)

    def slots_between(self, after: datetime, until: datetime) -> list[datetime]:
        """The slots later than one moment, and not later than another; oldest first, in UTC."""
        return list(takewhile(lambda slot: slot > after, self.slots_back(until)))[::-1]

    def slots_back(self, now: datetime) -> Iterator[datetime]:
        """The slots from now backwards, none of them twice, in UTC."""
        bound = now
        for slot in self._moments_back(latest_day(now, self.time_zone)):
            # What the clock shows today may be ahead of now, and two times of one gap are one moment.
            if slot <= bound:
                yield slot
                bound = slot - A_MOMENT

    def _moments_back(self, day: date) -> Iterator[datetime]:
        if self.cron and (meant := cron.understand(self.cron)).every_hour:
            return meant.moments_back(day, self.time_zone)
        zone = self.time_zone
        return (moment(wall, zone) for wall in walls.back(self, day))

    def _moments_on(self, day: date) -> Iterator[datetime]:
        if self.cron and (meant := cron.understand(self.cron)).every_hour:
            return meant.moments_on(day, self.time_zone)
        zone = self.time_zone
        return (moment(wall, zone) for wall in walls.on(self, day))


def _kind(data: dict[str, Any]) -> str | None:
    """What is said of ``every`` and ``cron``, as far as it could be read."""
    return data.get("every") or ("cron" if data.get("cron") else None)


def slot_name(slot: datetime) -> str:
    """A slot as it stands in names: ``20261122T0130``, in UTC."""
    return slot.astimezone(UTC).strftime("%Y%m%dT%H%M")
