"""Coverage as OpenMetrics: held against the grammar of the text format, and numbers against the rows."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from drkit.report.openmetrics import AGE, VOLUMES, openmetrics

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
STATUSES = ("covered", "none", "unknown")
# Of the ABNF of OpenMetrics 1.0, "Text format".
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^\n"\\]|\\["\\n])*"'
SAMPLE = re.compile(rf"([a-zA-Z_:][a-zA-Z0-9_:]*)(\{{(?:{LABEL}(?:,{LABEL})*)?\}})? (-?[0-9]+(?:\.[0-9]+)?)")
ABOUT = re.compile(r"# (TYPE|UNIT|HELP) ([a-zA-Z_:][a-zA-Z0-9_:]*) ([^\n]*)")


def row(**changes: Any) -> dict[str, Any]:
    usual = {
        "account": "production",
        "region": "ap-beijing",
        "host": "ins-1",
        "disk": "disk-1",
        "name": "web",
    }
    return {**usual, "status": "covered", "seconds": 3600, **changes}


def parse(text: str) -> dict[str, dict[str, float]]:
    """Samples by family and labels; an AssertionError where the text is no exposition."""
    lines = text.split("\n")
    assert lines[-2:] == ["# EOF", ""], "it ends in EOF and a line end"
    families: dict[str, dict[str, float]] = {}
    current = ""
    for line in lines[:-2]:
        if about := ABOUT.fullmatch(line):
            kind, name, rest = about.groups()
            if kind == "TYPE":
                assert name not in families, "a family stands once"
                assert rest == "gauge"
                families[name], current = {}, name
            assert name == current, "what is said of a family stands with it"
            assert kind != "UNIT" or name.endswith(f"_{rest}"), "a unit is the end of the name"
            assert not (kind != "TYPE" and families[name]), "samples come after what is said of them"
            continue
        sample = SAMPLE.fullmatch(line)
        assert sample, line
        name, labels, value = sample.groups()
        assert name == current, "families do not mix"
        assert labels not in families[name], "a sample stands once"
        families[name][labels or ""] = float(value)
    return families


def test_every_status_is_counted_where_there_are_volumes_also_those_of_none() -> None:
    text = openmetrics(
        [row(), row(disk="disk-2"), row(disk="disk-3", status="none", seconds=None)], STATUSES, NOW
    )

    counts = parse(text)[VOLUMES]

    place = 'account="production",region="ap-beijing"'
    assert {
        f'{{{place},status="{status}"}}': count
        for status, count in (("covered", 2), ("none", 1), ("unknown", 0))
    } == counts


def test_a_volume_without_a_good_snapshot_has_no_age() -> None:
    ages = parse(openmetrics([row(), row(disk="disk-2", seconds=None)], STATUSES, NOW))[AGE]

    assert list(ages.values()) == [3600]


def test_what_stands_in_names_cannot_make_lines_or_labels() -> None:
    text = openmetrics([row(name='a"b\\c\nd\u2028e} 1')], STATUSES, NOW)

    (labels,) = parse(text)[AGE]

    assert r'name="a\"b\\c\\nd\\u2028e} 1"' in labels


def test_an_estate_without_volumes_is_an_exposition_too() -> None:
    assert parse(openmetrics([], STATUSES, NOW))[VOLUMES] == {}


def test_the_same_volume_named_twice_is_one_sample() -> None:
    assert len(parse(openmetrics([row(), row()], STATUSES, NOW))[AGE]) == 1
