"""Models from files: every error at once, each at its place."""

# ruff: noqa: ISC004 - each message stands as a user reads it

import enum
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol

import pytest
from pydantic import Field, model_validator

from drkit.core.configuration.model import Model
from drkit.core.configuration.reading import Reader, read, validate
from drkit.core.configuration.types import ClockTime, Duration, Name, TimeZone
from drkit.core.errors import ConfigurationError


class Write(Protocol):
    def __call__(self, content: str, name: str = "estate.yaml") -> Path: ...


class Tier(enum.Enum):
    WARM = "warm"
    COLD = "cold"


class Cron(Model):
    kind: Literal["cron"]
    line: str


class Every(Model):
    kind: Literal["every"]
    interval: Duration


class Account(Model):
    cloud: Literal["tencent", "aws"]
    id: str
    """The number that the cloud gave it."""
    regions: tuple[str, ...] = ()
    weight: Annotated[int, Field(gt=0)] = 1
    share: float = 0.5
    tier: Tier = Tier.WARM
    enabled: bool = True

    @model_validator(mode="after")
    def _id_is_no_zero(self) -> "Account":
        if self.id == "0":
            raise ValueError("0 is no account")
        return self


class Estate(Model):
    name: Name
    accounts: dict[Name, Account]
    keep: Duration | None = None
    """How long a snapshot lives."""
    at: ClockTime | None = None
    zone: TimeZone | None = None
    with_: dict[str, Any] = Field(default={}, alias="with")
    people: list[str] | Literal["all"] = "all"
    schedule: Annotated[Cron | Every, Field(discriminator="kind")] | None = None


GOOD = """\
name: shop
accounts:
  main: {cloud: tencent, id: '100000000001', regions: [ap-beijing], tier: cold}
keep: 25h
at: '22:00'
zone: Asia/Shanghai
with: {any: [1, x]}
schedule: {kind: every, interval: 1d}
"""
ACCOUNT = "name: shop\naccounts:\n  main: "
WRONG = {
    "an unknown field": (
        GOOD + "acounts: {}\n",
        ["9:1: unknown field 'acounts', did you mean 'accounts'?"],
    ),
    "a field by its Python name": (
        GOOD + "with_: {}\n",
        ["9:1: unknown field 'with_', did you mean 'with'?"],
    ),
    "an unknown field like no other": (
        ACCOUNT + "{cloud: aws, id: '1', qqq: 1}\n",
        [
            "3:31: unknown field 'qqq', "
            "known here: cloud, enabled, id, regions, share, tier, weight"
        ],
    ),
    "missing fields": ("keep: 1d\n", ["1:1: missing field 'accounts'", "1:1: missing field 'name'"]),
    "a missing field below": (ACCOUNT + "{cloud: aws}\n", ["3:9: missing field 'id'"]),
    "a choice that is none": (
        ACCOUNT + "{cloud: tencnt, id: '1', tier: hot}\n",
        [
            "3:17: expected 'tencent' or 'aws', found the text 'tencnt', did you mean 'tencent'?",
            "3:40: expected 'warm' or 'cold', found the text 'hot'",
        ],
    ),
    "numbers for text and text for numbers": (
        ACCOUNT + "{cloud: aws, id: 5, weight: '5', share: x, enabled: 'true'}\n",
        [
            "3:26: expected text, found the number 5: put it in quotes",
            "3:37: expected a whole number, found the text '5'",
            "3:49: expected a number, found the text 'x'",
            "3:61: expected true or false, found the text 'true'",
        ],
    ),
    "truth for text, fractions for whole numbers": (
        ACCOUNT + "{cloud: aws, id: true, weight: 1.0}\n",
        [
            "3:26: expected text, found true: put it in quotes",
            "3:40: expected a whole number, found the number 1.0",
        ],
    ),
    "true for a number": (
        ACCOUNT + "{cloud: aws, id: x, weight: true}\n",
        ["3:37: expected a whole number, found true"],
    ),
    "one for many and many for one": (
        ACCOUNT + "{cloud: aws, id: [x], regions: ap-beijing}\nwith: [a]\n",
        [
            "3:26: expected text, found a list",
            "3:40: expected a list, found the text 'ap-beijing'",
            "4:7: expected a mapping, found a list",
        ],
    ),
    "nothing": ("name:\naccounts:\n", [
        "1:6: expected text, found nothing",
        "2:10: expected a mapping, found nothing",
    ]),
    "an item of a list": (
        ACCOUNT + "\n    cloud: aws\n    id: x\n    regions:\n      - a\n      - 5\n",
        ["8:9: expected text, found the number 5: put it in quotes"],
    ),
    "a limit": (ACCOUNT + "{cloud: aws, id: x, weight: 0}\n", ["3:37: must be greater than 0, found the number 0"]),
    "a sentence of a validator": (ACCOUNT + "{cloud: aws, id: '0'}\n", ["3:9: 0 is no account"]),
    "a key of a mapping": (
        "name: shop\naccounts:\n  Main: {cloud: aws, id: x}\n",
        ["3:3: 'Main' is no name: begin with a letter a-z, then at most 62 of a-z, 0-9 and '-'"],
    ),
    "a union": ("name: shop\naccounts: {}\npeople: 5\n", ["3:9: expected a list or 'all', found the number 5"]),
    "a member of a union": ("name: shop\naccounts: {}\nschedule: {kind: evry}\n", [
        "3:18: expected 'cron' or 'every', found the text 'evry', did you mean 'every'?",
    ]),
    "a member of a union that is not named": ("name: shop\naccounts: {}\nschedule: {line: x}\n", [
        "3:11: missing field 'kind'",
    ]),
    "a field of a member of a union": (
        "name: shop\naccounts: {}\nschedule: {kind: every, intervall: 1d, interval: 1d}\n",
        ["3:25: unknown field 'intervall', did you mean 'interval'?"],
    ),
    "short text of many kinds": (
        "name: 1shop\naccounts: {}\nkeep: 25 hours\nat: '24:00'\nzone: Asia/Shangai\n",
        [
            "1:7: '1shop' is no name: begin with a letter a-z, then at most 62 of a-z, 0-9 and '-'",
            "3:7: '25 hours' is no duration: "
            "write a whole number and a unit, such as 90s, 30m, 25h, 14d or 8w",
            "4:5: '24:00' is no time of the day: write hours and minutes, such as '02:30' or '22:00'",
            "5:7: 'Asia/Shangai' is no time zone, did you mean 'Asia/Shanghai'?",
        ],
    ),
    "numbers for short text": ("name: 5\naccounts: {}\nkeep: 5\n", [
        "1:7: expected text, found the number 5: put it in quotes",
        "3:7: expected text, found the number 5: put it in quotes",
    ]),
    "no mapping": ("- a\n", ["1:1: expected a mapping, found a list"]),
    "YAML and model together, each once": (
        "name: no\nnmae: x\naccounts:\n  main: {cloud: aws, id: 010, id: x, weigth: 1}\n  main: {}\nat: 22:00\n",
        [
            "1:7: no is false in YAML 1.1 and text in YAML 1.2: write 'no' in quotes, or false",
            "2:1: unknown field 'nmae', did you mean 'name'?",
            "4:26: 010 is the number 8 in YAML 1.1 and the number 10 in YAML 1.2: "
            "write '010' in quotes, or the number without the leading zero",
            "4:31: duplicate key 'id', first on line 4: keep one",
            "4:38: unknown field 'weigth', did you mean 'weight'?",
            "5:3: duplicate key 'main', first on line 4: keep one",
            "6:5: 22:00 is the number 1320 in YAML 1.1 and text in YAML 1.2: write '22:00' in quotes",
        ],
    ),
    "what a refused key may have been": (
        "name: x\naccounts:\n  main: {on: 1}\n",
        ["3:10: on is true in YAML 1.1 and text in YAML 1.2: write 'on' in quotes, or true"],
    ),
    "a validator is not asked about what was refused": (
        ACCOUNT + "{cloud: aws, id: '0', regions: [no]}\n",
        ["3:41: no is false in YAML 1.1 and text in YAML 1.2: write 'no' in quotes, or false"],
    ),
}  # fmt: skip


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    monkeypatch.chdir(tmp_path)

    def write(content: str, name: str = "estate.yaml") -> Path:
        path = tmp_path / name
        path.write_text(content)
        return path.relative_to(tmp_path)

    return write


@pytest.mark.parametrize(("content", "expected"), WRONG.values(), ids=WRONG)
def test_each_error_at_its_place_and_in_order(write: Write, content: str, expected: list[str]) -> None:
    with pytest.raises(ConfigurationError) as raised:
        read(write(content), Estate)
    assert raised.value.problems == [f"estate.yaml:{line}" for line in expected]


def test_a_good_file_is_a_model_that_writes_itself_back(write: Write) -> None:
    estate = read(write(GOOD), Estate)
    assert estate.accounts["main"].tier is Tier.COLD
    assert estate.accounts["main"].regions == ("ap-beijing",)
    assert estate.with_ == {"any": [1, "x"]}
    assert isinstance(estate.schedule, Every)
    saved = estate.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    assert saved["keep"] == "25h"
    assert saved["at"] == "22:00"
    assert saved["zone"] == "Asia/Shanghai"
    assert Estate.model_validate_json(estate.model_dump_json(by_alias=True)) == estate


def test_a_caller_reports_with_the_place_of_any_key_or_value(write: Write) -> None:
    reader = Reader()
    reading = reader.read(write(GOOD), Estate)
    assert reading
    reader.report(
        reading.document.problem("no such region", "accounts", "main", "regions", 0),
        reading.document.key_problem("no such account", "accounts", "main"),
        reading.document.problem("not there, so at the mapping", "accounts", "main", "weight"),
        reading.document.key_problem("not there either", "accounts", "other", "cloud"),
    )
    with pytest.raises(ConfigurationError) as raised:
        reader.finish()
    assert raised.value.problems == [
        "estate.yaml:3:3: no such account",
        "estate.yaml:3:3: not there either",
        "estate.yaml:3:9: not there, so at the mapping",
        "estate.yaml:3:56: no such region",
    ]


def test_a_node_within_a_document_is_validated_at_its_own_place(write: Write) -> None:
    class Arguments(Model):
        any: list[int]

    reader = Reader()
    reading = reader.read(write(GOOD), Estate)
    assert reading
    value, problems = validate(reading.document.node("with"), Arguments, reading.document.file)
    assert value is None
    assert [str(problem) for problem in problems] == [
        "estate.yaml:7:17: expected a whole number, found the text 'x'"
    ]


def test_several_files_are_reported_together_and_each_problem_once(write: Write) -> None:
    reader = Reader()
    bad = write("- a\n", "b.yaml")
    assert reader.read(bad, Estate) is None
    assert reader.read(bad, Estate) is None
    assert reader.read(write(GOOD, "good.yaml"), Estate)
    assert reader.read(write("a: [\n", "a.yaml"), Estate) is None
    with pytest.raises(ConfigurationError) as raised:
        reader.finish()
    assert raised.value.problems == [
        "a.yaml:2:1: a value or a closing bracket is missing",
        "b.yaml:1:1: expected a mapping, found a list",
    ]


def test_the_context_reaches_validators(write: Write) -> None:
    class Known(Model):
        name: str

        @model_validator(mode="after")
        def _known(self, info: Any) -> "Known":
            if self.name not in info.context:
                raise ValueError(f"unknown {self.name}")
            return self

    assert read(write("name: a\n"), Known, context={"a"}).name == "a"
    with pytest.raises(ConfigurationError, match=r"estate\.yaml:1:1: unknown a"):
        read(write("name: a\n"), Known, context={"b"})


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda _: None, "no such file"),
        (lambda path: path.mkdir(), "is a directory, not a file"),
        (lambda path: path.symlink_to(path.name), "cannot be read: Too many levels of symbolic links"),
        (lambda path: path.symlink_to("/dev/zero"), "the file has more than 1,048,576 bytes, "
         "at most 1,048,576 are read: split it"),
        (lambda path: path.write_bytes(b" " * 2_000_000), "the file has 2,000,000 bytes, "
         "at most 1,048,576 are read: split it"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_one_clear_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None], expected: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "estate.yaml"
    make(path)
    with pytest.raises(ConfigurationError) as raised:
        read(path.relative_to(tmp_path), Estate)
    assert raised.value.problems == [f"estate.yaml: {expected}"]
    if expected == "no such file":
        assert "drkit init" in raised.value.hint


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_named(write: Write) -> None:
    path = write(GOOD)
    path.chmod(0)
    with pytest.raises(ConfigurationError, match="cannot be read: Permission denied"):
        read(path, Estate)


def test_very_many_unknown_fields_are_counted_and_quick(write: Write) -> None:
    with pytest.raises(ConfigurationError) as raised:
        read(write("".join(f"k{index}: 1\n" for index in range(3000))), Estate)
    assert len(raised.value.problems) == 101
    assert raised.value.problems[-1].endswith("and 2902 more problems from here on")
