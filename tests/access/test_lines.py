"""Bad lines and bad policies are answered where they stand and stop nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from deciding import ANN, aws, cam, decide, may

from drkit.access.evaluate.bulk import answers
from drkit.access.language.marks import marks, statement_mark
from drkit.access.language.reading import read

GOOD = {
    "id": "good",
    "dialect": "aws",
    "policies": [aws(may())],
    "principal": ANN,
    "action": "s3:GetObject",
    "resource": "arn:aws:s3:::b/k",
}
LINE = json.dumps(GOOD)
BAD = [
    "nonsense",
    "[]",
    "null",
    '{"id":"bad"',
    '{"id":"bad"}',
    LINE.replace("s3:GetObject", "s3:GetObject\\ud800"),
    LINE.replace('"aws"', '"gcp"'),
    LINE.replace('"action"', '"Action"'),
    LINE[:-1] + ', "action": "s3:PutObject"}',
    LINE[:-1] + ', "context": []}',
    LINE[:-1] + ', "context_partial": "no"}',
    LINE[:-1] + ', "context": {"a": 1, "a": 2}}',
    LINE.replace(ANN, "ann"),
    LINE.replace("arn:aws:s3:::b/k", "x" * 20_000),
    "[" * 100_000,
    '{"id":' + "[" * 2_000 + "]" * 2_000 + "}",
    "\x00",
]


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
def test_a_bad_line_is_unknown_on_its_line_and_the_rest_goes_on(bad: str) -> None:
    lines = [LINE.encode(), bad.encode(), LINE.encode()]
    before, between, after = [json.loads(each) for each in answers(lines)]
    assert (before["decision"], after["decision"]) == ("allowed", "allowed")
    assert between["decision"] == "unknown"
    assert between["because"][0]


def test_answers_come_in_the_order_of_the_lines_with_their_ids() -> None:
    ids: list[Any] = ["a", 2, None, {"x": 1}, 2**70]
    lines = [json.dumps(GOOD | {"id": each}).encode() for each in ids]
    found = [json.loads(each)["id"] for each in answers(lines)]
    assert found[:4] == ids[:4]
    assert len(found) == 5


TWICE = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}]}'
)
SPELT = [
    TWICE,
    TWICE.replace('"Effect":', '"Effect" :'),
    TWICE.replace('"Effect":"Deny"', '"\\u0045ffect":"Deny"'),
    TWICE.replace('"Effect":"Deny"', '"Action":"x"'),
    TWICE.replace('"Version":"2012-10-17"', '"Version":"2012-10-17","Version":"2008-10-17"'),
]


@pytest.mark.parametrize("document", SPELT, ids=range(len(SPELT)))
def test_keys_that_stand_there_twice_make_a_policy_unknown(document: str) -> None:
    request = json.dumps(GOOD | {"policies": ["HERE"]}).replace('"HERE"', document)
    [found] = [json.loads(each) for each in answers([request.encode()])]
    assert found["decision"] == "unknown"
    assert "twice" in " ".join(found["because"])


@pytest.mark.parametrize(
    "document",
    [
        None,
        7,
        "",
        "x",
        [],
        {},
        {"Statement": 7},
        {"Statement": [7]},
        {"Version": "2012-10-17"},
        {"Version": [], "Statement": []},
    ],
)
def test_what_is_no_policy_is_unknown(document: Any) -> None:
    assert decide(**GOOD | {"policies": [{"name": "x", "policy": document}]}) == "unknown"


def test_a_mark_of_byte_order_is_skipped() -> None:
    text = b"\xef\xbb\xbf" + LINE.encode()
    assert json.loads(next(iter(answers([text]))))["decision"] == "allowed"
    assert read(b"\xef\xbb\xbf{}") == {}


def test_a_policy_of_ten_thousand_wildcards_is_decided() -> None:
    wide = cam({"effect": "allow", "action": "*", "resource": "qcs::cvm:::instance/" + "*i?" * 10_000})
    request = {"dialect": "cam", "principal": "qcs::cam::uin/1:uin/2", "action": "cvm:TerminateInstances"}
    resource = "qcs::cvm:ap-beijing:uin/1:instance/" + "i" * 5_000
    assert decide(**request, policies=[wide], resource=resource) == "implicit-deny"


def test_marks_are_the_places_of_statements() -> None:
    text = '{\n  "Statement": [\n    {"Sid": "a"},\n    {"Sid": "\\n"}\n  ]\n}'
    found = marks(text)
    assert [(statement_mark(found, i).line, statement_mark(found, i).column) for i in (0, 1)] == [
        (3, 5),
        (4, 5),
    ]
    alone = marks('{"Statement": {"Sid": "a"}}')
    assert statement_mark(alone, 0).column == 15


def run(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "drkit", "access", *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def test_the_command_answers_a_line_for_a_line() -> None:
    done = run("evaluate", "--jsonl", text=f"{LINE}\nnonsense\n\n{LINE}\n")
    assert done.returncode == 0
    assert [json.loads(each)["decision"] for each in done.stdout.splitlines()] == [
        "allowed",
        "unknown",
        "allowed",
    ]


def test_why_names_the_statement_and_its_place(tmp_path: Path) -> None:
    policy = tmp_path / "ops.json"
    policy.write_text(
        '{"version": "2.0", "statement": [\n {"effect": "allow", "action": "cvm:*", "resource": "*"}]}'
    )
    asked = ["--dialect", "cam", "--principal", "qcs::cam::uin/1:uin/2", "--resource", "*"]
    done = run("why", "--policy", str(policy), *asked, "--action", "cvm:RunInstances")
    assert done.returncode == 0
    assert f"{policy}:2:2: policies[0] ({policy}) statement 0 allow" in done.stdout
    other = run("why", "--policy", str(policy), *asked, "--action", "cos:GetObject", "--format", "json")
    assert json.loads(other.stdout)["summary"] == {"decision": "implicit-deny"}


def test_why_says_which_file_is_no_json(tmp_path: Path) -> None:
    policy = tmp_path / "ops.json"
    policy.write_text("{")
    asked = ["--dialect", "cam", "--action", "a:b", "--resource", "*"]
    done = run("why", "--policy", str(policy), *asked)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{policy}: no JSON" in done.stderr


def test_an_answer_comes_before_the_next_question() -> None:
    command = [sys.executable, "-m", "drkit", "access", "evaluate", "--jsonl"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(2):
            process.stdin.write(f"{LINE}\n".encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["decision"] == "allowed"
        process.stdin.write(LINE.encode())
        process.stdin.close()
        assert json.loads(process.stdout.readline())["decision"] == "allowed"


def test_long_inputs_are_answered_line_by_line() -> None:
    requests = [json.dumps(GOOD | {"id": number, "context": {"k": "x" * 5_000}}) for number in range(1_000)]
    done = run("evaluate", "--jsonl", text="\n".join(requests))
    assert [json.loads(each)["id"] for each in done.stdout.splitlines()] == list(range(1_000))
