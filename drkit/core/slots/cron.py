"""Cron text: five fields, read as Debian's cron reads them.

cronsim reads the fields and says which days they mean. The times on those days become moments here, by the
same rule for clocks that move as every other schedule (`drkit.core.slots.instants`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticKnownError

from drkit.core.configuration.problems import quote
from drkit.core.slots import days
from drkit.core.slots.instants import moment, steady_offset

FIELDS = 5
LONGEST = 200  # characters; nobody reads a longer one
SOME_DAY = datetime(2024, 1, 1)  # noqa: DTZ001 - the wall's; whether it ever comes is asked from here
MINUTE = timedelta(minutes=1)
LONGEST_DAY = 27 * 60  # minutes, on which clocks go back
HOW = "write minute, hour, day, month and weekday, such as '30 1 * * *' or '0 3 * * sun'"


@dataclass(frozen=True, slots=True)
class Cron:
    """What cron text means.

    Args:
        times: the times of a day, ascending.
        since_midnight: the same on a day of 24 hours.
        is_on: whether it falls on a day.
        every_hour: an hour that the clock shows twice is two hours of it, and one that is skipped is none.
    """

    times: tuple[time, ...]
    since_midnight: tuple[timedelta, ...]
    is_on: Callable[[date], bool]
    every_hour: bool

    def walls_back(self, day: date) -> Iterator[datetime]:
        """The times on the wall, from the end of a day backwards."""
        for each in filter(self.is_on, days.days_back(day)):
            yield from (datetime.combine(each, at) for at in reversed(self.times))

    def walls_on(self, day: date) -> Iterator[datetime]:
        """The times on the wall, from the beginning of a day onwards."""
        for each in filter(self.is_on, days.days_on(day)):
            yield from (datetime.combine(each, at) for at in self.times)

    def moments_back(self, day: date, zone: ZoneInfo) -> Iterator[datetime]:
        """The moments in real hours, from the end of a day backwards."""
        for each in filter(self.is_on, days.days_back(day)):
            yield from reversed(self._moments_of(each, zone))

    def moments_on(self, day: date, zone: ZoneInfo) -> Iterator[datetime]:
        """The moments in real hours, from the beginning of a day onwards."""
        for each in filter(self.is_on, days.days_on(day)):
            yield from self._moments_of(each, zone)

    def _moments_of(self, day: date, zone: ZoneInfo) -> list[datetime]:
        begin = moment(datetime.combine(day, time()), zone)
        if steady_offset(day, zone) is not None:
            return [begin + each for each in self.since_midnight]
        shown = [(each, each.astimezone(zone)) for each in (begin + n * MINUTE for n in range(LONGEST_DAY))]
        return [each for each, local in shown if local.date() == day and local.time() in self.times]


@lru_cache(maxsize=10_000)
def understand(text: str) -> Cron:
    """The meaning of cron text that `parse_cron` has let through."""
    sim = CronSim(text, SOME_DAY)
    times = tuple(time(hour, minute) for hour in sorted(sim.hours) for minute in sorted(sim.minutes))
    since_midnight = tuple(timedelta(hours=each.hour, minutes=each.minute) for each in times)
    months, every_day = sim.months, text.split()[2:] == ["*", "*", "*"]

    def is_on(day: date) -> bool:
        return every_day or (day.month in months and sim.match_day(day))

    return Cron(times, since_midnight, is_on, every_hour=text.split()[1] == "*")


def parse_cron(value: Any) -> str:
    """Five fields of cron.

    Raises:
        ValueError: it has another number of fields, one of them cannot be read, or it never comes.
    """
    if not isinstance(value, str):
        raise PydanticKnownError("string_type")
    if len(value) > LONGEST or len(value.split()) != FIELDS:
        raise ValueError(f"{quote(value)} is no cron schedule of five fields: {HOW}")
    try:
        next(CronSim(value, SOME_DAY))
    except CronSimError as error:
        where = str(error).removeprefix("Bad ")
        raise ValueError(f"{quote(value)} is no cron schedule, see its {where}: {HOW}") from None
    except StopIteration:
        raise ValueError(f"{quote(value)} never comes: no day is like that") from None
    except (AssertionError, TypeError):  # what it does with steps of the n-th weekday
        raise ValueError(f"{quote(value)} is no cron schedule: {HOW}") from None
    return value


CronText = Annotated[
    str,
    PlainValidator(parse_cron),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^\S+( +\S+){4}$",
            "maxLength": LONGEST,
            "description": "Minute, hour, day of the month, month and weekday, as in a crontab.",
            "examples": ["30 1 * * *", "0 3 * * sun"],
        }
    ),
]
"""A schedule as crontab writes it."""
