"""`drkit gate check`, as a user and a script call it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drkit.gate.programs import COMPILED
from drkit.gate.programs.generate import WrongRecordError, _record, compiled

ESTATE = """\
estate: shop
accounts:
  production: {cloud: tencent, account: "100000000001", environment: production, regions: [ap-beijing]}
gate:
  protected: [/ledger]
  scratch: [/work/tmp]
  builds: review
"""


@pytest.mark.parametrize(
    ("words", "status", "word"),
    [
        (["--", "ls", "-la"], 0, "allow"),
        (["--", "rm", "-rf", "/data"], 5, "review"),
        (["--", "rm", "-rf", "/"], 5, "deny"),
        (["--cwd", "/data", "--", "rm -rf x | tee y"], 5, "review"),
        (["--", "echo", "a; rm -rf /data"], 0, "allow"),
    ],
)
def test_one_command_is_answered_by_word_and_status(drkit, words, status, word):
    ran = drkit("gate", "check", *words)
    assert (ran.status, ran.out.splitlines()[0]) == (status, word)


def test_the_result_as_json_has_the_reasons(drkit):
    told = drkit("gate", "check", "--format", "json", "--", 'r""m -rf /data').json
    assert (told["verdict"], told["answer"], told["statuses"]) == ("fail", "review", [5])
    assert told["reasons"][0]["rule"] == "tree"
    assert told["reasons"][0]["at"] == "1:1"


@pytest.mark.parametrize(
    "words", [[], ["--cwd", "here", "--", "ls"], ["--jsonl", "a", "b"], ["--jsonl", "missing.jsonl"]]
)
def test_what_makes_no_sense_is_a_usage_error_without_a_traceback(drkit, words):
    ran = drkit("gate", "check", *words)
    assert ran.status == 2
    assert "Traceback" not in ran.err


def test_lines_are_answered_in_order_and_bad_ones_are_held(drkit, tmp_path: Path):
    asked = [
        {"id": "a", "command": "ls"},
        {"id": "b", "command": "rm -rf x", "cwd": "/data", "user": "ann", "host": "web1", "shell": "bash"},
        {"id": "c", "sql": "DROP TABLE x", "dialect": "mysql"},
        {"id": "d", "sql": "SELECT 1"},
        {
            "id": "e",
            "api": {
                "cloud": "tencent",
                "service": "cbs",
                "action": "DeleteSnapshots",
                "params": {"SnapshotIds": ["s"]},
            },
        },
        {"id": "f", "api": {"cloud": "aws", "service": "ec2", "action": "DescribeInstances", "params": {}}},
        {"id": "g", "command": "ls", "sql": "SELECT 1"},
        {"id": "h", "command": 3},
        {"id": "i", "command": "ls", "cwd": "here"},
        {"id": "j", "command": "ls", "shell": "powershell"},
        {"id": "k"},
        {"id": "l", "command": "ls", "strange": 1},
        {"id": "m", "command": "rm \ud800"},
    ]
    lines = [json.dumps(each) for each in asked] + [
        "nonsense",
        "[]",
        '{"id":"n","command":"ls","command":"rm"}',
        '{"id":"o","command":"ls"}',
    ]
    file = tmp_path / "asked.jsonl"
    file.write_text("\n".join(lines))
    ran = drkit("gate", "check", "--jsonl", str(file))
    assert ran.status == 0
    told = [json.loads(line) for line in ran.out.splitlines()]
    assert [(each["id"], each["verdict"]) for each in told] == [
        ("a", "allow"), ("b", "review"), ("c", "review"), ("d", "allow"), ("e", "review"), ("f", "allow"), ("g", "review"),
        ("h", "review"), ("i", "review"), ("j", "review"), ("k", "review"), ("l", "review"), ("m", "review"), (None, "review"),
        (None, "review"), (None, "review"), ("o", "allow"),
    ]  # fmt: skip
    assert all(set(reason) <= {"rule", "why", "at"} for each in told for reason in each["reasons"])


def test_the_estate_says_what_is_protected(drkit, tmp_path: Path):
    (tmp_path / "estate.yaml").write_text(ESTATE)
    estate = ["--estate", str(tmp_path / "estate.yaml")]
    assert drkit("gate", "check", *estate, "--", "rm", "-rf", "/ledger/x").status == 5
    assert drkit("gate", "check", *estate, "--", "rm", "-rf", "/work/tmp/x").status == 0
    assert drkit("gate", "check", *estate, "--", "make", "test").status == 5
    assert drkit("gate", "check", "--", "make", "test").status in (0, 5)


def test_an_estate_that_is_wrong_is_a_usage_error(drkit, tmp_path: Path):
    (tmp_path / "wrong.yaml").write_text(ESTATE.replace("[/ledger]", "[ledger]"))
    ran = drkit("gate", "check", "--estate", str(tmp_path / "wrong.yaml"), "--", "ls")
    assert ran.status == 2
    assert "wrong.yaml:5:15" in ran.err


def test_the_compiled_programs_are_those_of_the_files_for_people():
    assert COMPILED.read_bytes() == compiled(), "python -m drkit.gate.programs.generate"


def test_a_record_that_nobody_understands_is_refused():
    with pytest.raises(WrongRecordError):
        _record("x", {"takez": {}}, {})
    with pytest.raises(WrongRecordError):
        _record("x", 3, {})
