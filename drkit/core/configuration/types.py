"""Types that people write as short text: durations, times of the day, names, time zones.

Each validates text with a sentence that shows how to write it, serialises to text again, and gives
editors a pattern and examples in the JSON Schema.
"""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from functools import cache
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticKnownError

from drkit.core.configuration.problems import quote, suggest

_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_DURATION = "^[0-9]{1,6}[smhdw]$"
_CLOCK_TIME = "^([01][0-9]|2[0-3]):[0-5][0-9]$"
_NAME = "^[a-z][a-z0-9-]{0,62}$"
_TIME_ZONE = "^[A-Za-z][A-Za-z0-9_+/-]{0,62}$"


def parse_duration(value: Any) -> dt.timedelta:
    """A whole number and a unit: s, m (minutes), h, d (24 hours), w (7 days).

    Raises:
        ValueError: it is written otherwise.
    """
    if isinstance(value, dt.timedelta):
        return value
    text = _text(value)
    if not re.fullmatch(_DURATION[1:-1], text):
        raise ValueError(
            f"{quote(text)} is no duration: write a whole number and a unit, such as 90s, 30m, 25h, 14d or 8w"
        )
    return dt.timedelta(seconds=int(text[:-1]) * _SECONDS[text[-1]])


def format_duration(value: dt.timedelta) -> str:
    """The duration in the largest unit that holds it exactly; parses back to the same.

    Raises:
        ValueError: it is negative or has a fraction of a second, which no file can say.
    """
    seconds, fraction = divmod(value, dt.timedelta(seconds=1))
    if seconds < 0 or fraction:
        raise ValueError(f"{value} is no whole, positive number of seconds")
    unit = next(unit for unit in _SECONDS if seconds % _SECONDS[unit] == 0) if seconds else "s"
    return f"{seconds // _SECONDS[unit]}{unit}"


def parse_clock_time(value: Any) -> dt.time:
    """Hours and minutes, ``00:00`` to ``23:59``.

    Raises:
        ValueError: it is written otherwise.
    """
    if isinstance(value, dt.time):
        return value
    text = _text(value)
    if not re.fullmatch(_CLOCK_TIME[1:-1], text):
        raise ValueError(
            f"{quote(text)} is no time of the day: write hours and minutes, such as '02:30' or '22:00'"
        )
    return dt.time(int(text[:2]), int(text[3:]))


def parse_name(value: Any) -> str:
    """A name for use in file names, tags and cloud resources.

    Raises:
        ValueError: it is written otherwise.
    """
    text = _text(value)
    if not re.fullmatch(_NAME[1:-1], text):
        raise ValueError(
            f"{quote(text)} is no name: begin with a letter a-z, then at most 62 of a-z, 0-9 and '-'"
        )
    return text


def parse_time_zone(value: Any) -> zoneinfo.ZoneInfo:
    """A time zone of the IANA database.

    Raises:
        ValueError: there is none of this name.
    """
    if isinstance(value, zoneinfo.ZoneInfo):
        return value
    text = _text(value)
    known = _time_zones()
    if not known:
        raise ValueError("this host has no time zone database: install the package tzdata")
    if text not in known:
        advice = suggest(text, known) or ": write a name such as Asia/Shanghai or UTC"
        raise ValueError(f"{quote(text)} is no time zone{advice}")
    return zoneinfo.ZoneInfo(text)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise PydanticKnownError("string_type")
    return value


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones()) - {"localtime", "posixrules", "Factory"}


def _schema(pattern: str, description: str, *examples: str) -> WithJsonSchema:
    return WithJsonSchema(
        {"type": "string", "pattern": pattern, "description": description, "examples": list(examples)}
    )


Duration = Annotated[
    dt.timedelta,
    PlainValidator(parse_duration),
    PlainSerializer(format_duration, return_type=str),
    _schema(_DURATION, "A whole number and a unit: s, m, h, d or w.", "90s", "30m", "25h", "14d", "8w"),
]
"""A length of time, at least a second exact."""

ClockTime = Annotated[
    dt.time,
    PlainValidator(parse_clock_time),
    PlainSerializer(lambda value: f"{value:%H:%M}", return_type=str),
    _schema(_CLOCK_TIME, "A time of the day in quotes: hours and minutes.", "02:30", "22:00"),
]
"""A time of the day without a zone; the field beside it says the zone."""

Name = Annotated[
    str,
    PlainValidator(parse_name),
    _schema(_NAME, "Lower-case letters, digits and '-', beginning with a letter.", "production", "orders-db"),
]
"""What people call an account, a dataset, a playbook, a step."""

TimeZone = Annotated[
    zoneinfo.ZoneInfo,
    PlainValidator(parse_time_zone),
    PlainSerializer(str, return_type=str),
    _schema(_TIME_ZONE, "A name of the IANA time zone database.", "Asia/Shanghai", "UTC"),
]
"""A time zone by its IANA name."""
