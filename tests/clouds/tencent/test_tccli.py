"""What is typed for tccli comes to one call, or to none."""

from __future__ import annotations

import pytest

from drkit.clouds.tencent.tccli import read
from drkit.core.errors import UsageError


def test_a_call_has_its_service_version_action_region_and_parameters() -> None:
    words = ("tccli", "cbs", "DeleteSnapshots", "--region", "ap-beijing", "--SnapshotIds", '["snap-1"]')
    typed = read(words)
    assert (typed.service, typed.version, typed.action) == ("cbs", "2017-03-12", "DeleteSnapshots")
    assert (typed.region, typed.parameters) == ("ap-beijing", {"SnapshotIds": ["snap-1"]})


@pytest.mark.parametrize(
    ("words", "parameters"),
    [
        (("--Ids", "a", "b"), {"Ids": ["a", "b"]}),
        (("--N", "12", "--T", '"12"', "--B", "true", "--S", "x y"), {"N": 12, "T": "12", "B": True, "S": "x y"}),
        (("--F.0.Name", "a", "--F.0.Values.0", "b", "--F.1.Name", "c"), {"F": [{"Name": "a", "Values": ["b"]}, {"Name": "c"}]}),
        (("--A.B.C=1",), {"A": {"B": {"C": 1}}}),
        (("--A", "NaN"), {"A": "NaN"}),
        (("--A", "[" * 100_000), {"A": "[" * 100_000}),
        (("--A", "-1"), {"A": -1}),
    ],
)  # fmt: skip
def test_values_are_json_or_text_and_dots_lead_into_them(words: tuple[str, ...], parameters: object) -> None:
    assert read(("tccli", "cbs", "DescribeDisks", *words)).parameters == parameters


@pytest.mark.parametrize(
    "words",
    [
        ("tccli",),
        ("tccli", "cbs"),
        ("aws", "cbs", "X"),
        ("tccli", "--profile", "x", "cbs", "X"),
        ("tccli", "nothing", "X"),
        ("tccli", "cbs", "X", "stray"),
        ("tccli", "cbs", "X", "--"),
        ("tccli", "cbs", "X", "--A"),
        ("tccli", "cbs", "X", "--A", "1", "--A", "2"),
        ("tccli", "cbs", "X", "--A", "1", "--A.0", "2"),
        ("tccli", "cbs", "X", "--A.0", "1", "--A", "2"),
        ("tccli", "cbs", "X", "--A.1", "1"),
        ("tccli", "cbs", "X", "--A.0", "1", "--A.b", "2"),
        ("tccli", "cbs", "X", "--A..B", "1"),
        ("tccli", "cbs", "X", "--A", '{"a": 1, "a": 2}'),
        ("tccli", "cbs", "X", "--secretId", "AKID"),
        ("tccli", "cbs", "X", "--endpoint", "evil.example.org"),
        ("tccli", "cbs", "X", "--cli-input-json", "file://x"),
        ("tccli", "cbs", "X", "--region", "a", "b"),
    ],
)
def test_what_is_no_call_or_one_of_tcclis_own_settings_is_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        read(words)
