"""Durations, times, names and zones: what editors are told holds for what drkit accepts."""

import datetime as dt
import re
import zoneinfo
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from drkit.core.configuration.model import Model
from drkit.core.configuration.problems import Problem, suggest
from drkit.core.configuration.types import (
    ClockTime,
    Duration,
    Name,
    TimeZone,
    format_duration,
    parse_duration,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("30m", 1800), ("25h", 90_000), ("14d", 1_209_600), ("8w", 4_838_400), ("0s", 0)],
)
def test_a_duration_is_a_number_and_a_unit(text: str, seconds: int) -> None:
    assert parse_duration(text) == dt.timedelta(seconds=seconds)


@given(seconds=st.integers(0, 999_999 * 86_400 // 10))
def test_a_duration_reads_back_what_it_wrote(seconds: int) -> None:
    duration = dt.timedelta(seconds=seconds)
    written = format_duration(duration)
    if len(written) <= 7:
        assert parse_duration(written) == duration


@pytest.mark.parametrize("value", [dt.timedelta(seconds=-1), dt.timedelta(milliseconds=1500)])
def test_a_duration_that_no_file_can_say_is_not_written(value: dt.timedelta) -> None:
    with pytest.raises(ValueError, match="no whole, positive number of seconds"):
        format_duration(value)


CASES = [
    (Duration, ["90s", "999999w"], ["", "1", "h", "1.5h", "-1h", "1H", "1 h", "1h\n", "1234567s", "\u0661h"]),
    (ClockTime, ["00:00", "23:59"], ["24:00", "9:30", "12:60", "12:00:00", "12:00\n", ""]),
    (Name, ["a", "orders-db", "a" * 63], ["", "A", "1a", "-a", "a_b", "a" * 64, "a\n", "é"]),
    (
        TimeZone,
        ["UTC", "Asia/Shanghai", "Etc/GMT+8"],
        ["", "Asia", "../etc/passwd", "/etc/localtime", "UTC\n"],
    ),
]


@pytest.mark.parametrize(("kind", "good", "bad"), CASES)
def test_the_schema_and_the_validator_agree(kind: Any, good: list[str], bad: list[str]) -> None:
    adapter = TypeAdapter(kind)
    schema = adapter.json_schema()
    assert schema["type"] == "string"
    for text in [*good, *schema["examples"]]:
        value = adapter.validate_python(text)
        assert re.search(schema["pattern"], text)
        assert adapter.validate_python(value) == value
    for text in bad:
        with pytest.raises(ValidationError):
            adapter.validate_python(text)


def test_a_zone_is_a_zone() -> None:
    assert TypeAdapter(TimeZone).validate_python("Asia/Shanghai") == zoneinfo.ZoneInfo("Asia/Shanghai")


def test_the_docstring_of_a_field_is_its_description_for_editors() -> None:
    class Kept(Model):
        keep: Duration
        """How long it lives."""

    schema = Kept.model_json_schema()
    assert schema["additionalProperties"] is False
    assert schema["properties"]["keep"]["description"] == "How long it lives."
    assert schema["properties"]["keep"]["pattern"] == "^[0-9]{1,6}[smhdw]$"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("snapshto", ", did you mean 'snapshot'?"),
        ("Snapshot", ", did you mean 'snapshot'?"),
        ("snapshot", ""),
        ("copies", ""),
        ("s" * 1000, ""),
    ],
)
def test_a_suggestion_is_the_closest_word_if_any_is_close(word: str, expected: str) -> None:
    assert suggest(word, ["snapshot", "account", "with"]) == expected


def test_problems_sort_by_place_and_show_no_control_characters() -> None:
    problems = [Problem("b", 1, 1, "x"), Problem("a", 10, 1, "x"), Problem("a", 9, 2, "x\x1b[2J\n")]
    assert [str(problem) for problem in sorted(problems)] == ["a:9:2: x\\x1b[2J\\n", "a:10:1: x", "b:1:1: x"]
