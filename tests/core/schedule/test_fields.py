"""What a schedule may say: sentences at their places, and a schema that agrees with the reader."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drkit.core.configuration.reading import read
from drkit.core.errors import ConfigurationError
from drkit.core.playbook import Playbook
from drkit.core.schedule import Schedule
from drkit.core.slots.cron import parse_cron
from drkit.flows.schema import playbook_schema

HEAD = "playbook: p\nsteps: [{uses: snapshots.cover}]\nschedule: "
SCHEMA = playbook_schema()
ONLY_SCHEDULES = jsonschema.Draft202012Validator(SCHEMA["$defs"]["Schedule"])


def problems(path: Path, schedule: str) -> list[str]:
    """What is wrong with a schedule, without the file's name."""
    file = path / "p.yaml"
    file.write_text(HEAD + schedule)
    try:
        read(file, Playbook)
    except ConfigurationError as error:
        return [problem.removeprefix(f"{file}:") for problem in error.problems]
    return []


@pytest.mark.parametrize(
    "schedule",
    [
        "{every: day}",
        "{every: day, at: '01:30', time_zone: Asia/Shanghai}",
        "{every: week, day: monday, at: '03:00'}",
        "{every: month, day: first sunday}",
        "{every: month, day: last friday, at: '22:00'}",
        "{every: month, day: 28}",
        "{every: quarter, day: 1}",
        "{every: quarter, day: second tuesday, months: [2, 5, 8, 11]}",
        "{cron: '30 1 * * *', time_zone: Asia/Shanghai}",
        "{every: day, catch_up: all, within: 3d, jitter: 10m}",
    ],
)
def test_what_may_be_said_is_read_and_fits_the_schema(tmp_path: Path, schedule: str) -> None:
    assert problems(tmp_path, schedule) == []
    model = read(tmp_path / "p.yaml", Playbook)
    said = json.loads(model.schedule.model_dump_json(exclude_unset=True))
    assert Schedule.model_validate_json(json.dumps(said)) == model.schedule
    jsonschema.validate({"playbook": "p", "steps": [{"uses": "snapshots.cover"}], "schedule": said}, SCHEMA)


@pytest.mark.parametrize(
    ("schedule", "at", "said"),
    [
        ("{}", "{", "missing field 'every' or 'cron'"),
        ("{every: hour}", "hour", "expected 'day', 'week', 'month' or 'quarter', found the text 'hour'"),
        (
            "{every: day, day: monday}",
            "monday",
            "`day` says nothing with every day: it belongs to every week",
        ),
        ("{every: week}", "{", "missing field 'day': every week needs one, such as monday"),
        (
            "{every: week, day: first sunday}",
            "first",
            "a week has each weekday once: write it alone, such as sunday",
        ),
        ("{every: month, day: monday}", "monday", "a month has several: write first monday or last monday"),
        ("{every: month, day: 31}", "31", "not every month has a day 31: write 1 to 28"),
        ("{every: month, day: frist sunday}", "frist", "'frist sunday' is no day, did you mean 'first'?"),
        ("{every: quarter, day: 1, months: [1, 2, 3, 4]}", "[", "name one month of each quarter"),
        ("{every: month, day: 1, months: [1, 4, 7, 10]}", "[", "`months` says nothing with every month"),
        ("{every: day, cron: '0 1 * * *'}", "'0", "a schedule has `every` or `cron`, not both"),
        ("{cron: '0 1 * *'}", "'", "'0 1 * *' is no cron schedule of five fields: write minute, hour, day"),
        ("{cron: '61 1 * * *'}", "'", "'61 1 * * *' is no cron schedule, see its minute"),
        ("{cron: '@daily'}", "'", "'@daily' is no cron schedule of five fields"),
        ("{cron: '0 0 30 2 *'}", "'", "'0 0 30 2 *' is no cron schedule, see its day-of-month"),
        ("{cron: '0 0 */31 * mon#2'}", "'", "'0 0 */31 * mon#2' never comes"),
        ("{cron: '0 1 * * *', at: '02:00'}", "'02", "`at` says nothing with cron text"),
        (
            "{every: day, catch_up: twice}",
            "twice",
            "expected 'skip', 'once' or 'all', found the text 'twice'",
        ),
        ("{every: day, within: 5s}", "5s", "nothing begins so soon: write at least 1m"),
        ("{every: day, jitter: 1d}", "1d", "this is no jitter any more: write at most 12h"),
        ("{every: day, on: monday}", "on:", "on is true in YAML 1.1 and text in YAML 1.2"),
    ],
)
def test_what_may_not_be_said_is_told_at_its_place(tmp_path: Path, schedule: str, at: str, said: str) -> None:
    found = problems(tmp_path, schedule)

    column = len("schedule: ") + schedule.index(at) + 1
    assert len(found) == 1
    assert found[0].startswith(f"3:{column}: {said}"), found[0]


parts = st.fixed_dictionaries(
    {},
    optional={
        "every": st.sampled_from(["day", "week", "month", "quarter", "hour"]),
        "cron": st.sampled_from(["30 1 * * *", "0 3 * * sun", "1 2 3"]),
        "at": st.sampled_from(["01:30", "25:00"]),
        "day": st.sampled_from(["monday", "first sunday", "last friday", "Monday", 1, 28, 29, 0, True]),
        "time_zone": st.sampled_from(["Asia/Shanghai", "UTC"]),
        "catch_up": st.sampled_from(["skip", "once", "all", "never"]),
        "jitter": st.sampled_from(["10m", "1 hour"]),
    },
)


@settings(max_examples=600, deadline=None)
@given(parts)
def test_editors_and_the_reader_agree(said: dict[str, Any]) -> None:
    fits = ONLY_SCHEDULES.is_valid(said)
    try:
        Schedule.model_validate_json(json.dumps(said))
        is_read = True
    except ValueError:
        is_read = False

    assert fits == is_read


@settings(max_examples=500, deadline=None)
@given(st.text(alphabet="0123456789*/,-#LW lmonsu", max_size=24) | st.text(max_size=12))
def test_any_text_is_a_cron_schedule_or_one_clear_sentence(text: str) -> None:
    try:
        parse_cron(text)
    except ValueError:
        return
    assert Schedule(cron=text).slot(datetime(2026, 11, 22, tzinfo=UTC))
