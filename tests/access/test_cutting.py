"""A line whose policies are cut out of it is answered as one that is read whole."""

from __future__ import annotations

import json
from typing import Any

import pytest
from deciding import ANN, aws, cam, may, never
from hypothesis import given
from hypothesis import strategies as st

from drkit.access.evaluate import bulk
from drkit.access.evaluate.cutting import Cutter

GOOD: dict[str, Any] = {
    "id": 1,
    "dialect": "aws",
    "policies": [aws(may("s3:*"), never("s3:Put*"))],
    "boundary": [aws(may())],
    "principal": ANN,
    "action": "s3:GetObject",
    "resource": "arn:aws:s3:::b/k",
    "context": {"aws:username": "ann"},
}
LINE = json.dumps(GOOD)


def learnt() -> Cutter:
    """What cuts lines that are like GOOD."""
    made = Cutter()
    made.learn(list(GOOD))
    return made


def both(line: str, monkeypatch: pytest.MonkeyPatch) -> tuple[bytes, bytes]:
    answers = []
    for cutter in (learnt(), Cutter()):
        monkeypatch.setattr(bulk, "CUTTER", cutter)
        answers.append(bulk.answer(line.encode("utf-8", "surrogatepass")))
    return answers[0], answers[1]


TAMPERED = [
    LINE,
    LINE.replace('"id": 1', '"id": "x\\"policies\\""'),
    LINE.replace('"id": 1', '"id": {"policies": [1'),
    LINE.replace('"id": 1', '"id": {"policies": []}'),
    LINE.replace('"id": 1', '"id": 1, "action": "s3:PutObject"'),
    LINE.replace('"id": 1', '"id": 1, "": 2'),
    LINE.replace('"id": 1', '"id": 1, "boundary": []'),
    LINE.replace('"context"', '"action": "s3:PutObject", "context"'),
    LINE.replace('"context"', '"policies": [], "context"'),
    LINE.replace('"context"', '"session": [{}], "context"'),
    LINE.replace('"principal"', '"principal": "x", "principal"'),
    LINE.replace('"Effect"', '"Effect": "Deny", "Effect"', 1),
    LINE.replace('"boundary": [', '"boundary": [], "policies": ['),
    LINE.replace('"Effect"', '"\\u0045ffect"', 1),
    LINE.replace('"aws:username": "ann"', '"principal": "ann"'),
    LINE.replace("arn:aws:s3:::b/k", "arn:aws:s3:::b/\\u006b"),
    LINE.replace('"principal"', ', "principal"'),
    LINE.replace(', "principal"', ' "principal"'),
    LINE + "}",
    LINE[:-1],
    "\ufeff" + LINE,
    LINE.replace("[", "[" * 300, 1),
    json.dumps(dict(reversed(GOOD.items()))),
    json.dumps(GOOD, indent=1).replace("\n", " "),
    json.dumps(GOOD | {"policies": None}),
    json.dumps(GOOD | {"policies": "{}"}),
    json.dumps({**GOOD, "dialect": "cam", "policies": [cam({"effect": "allow"})]}),
]


@pytest.mark.parametrize("line", TAMPERED, ids=range(len(TAMPERED)))
def test_a_cut_line_is_answered_as_a_whole_one(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cut, whole = both(line, monkeypatch)
    assert cut == whole


PIECES = st.sampled_from(
    [
        '"policies"',
        '"principal"',
        ":",
        ",",
        "{",
        "}",
        "[",
        "]",
        '"',
        "\\",
        '"boundary"',
        " ",
        "null",
        '"x": 1,',
    ]
)


@given(data=st.data())
def test_a_line_with_anything_put_into_it_is_answered_alike(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(LINE)))
    line = LINE[:place] + "".join(data.draw(st.lists(PIECES, max_size=4))) + LINE[place:]
    with pytest.MonkeyPatch.context() as monkeypatch:
        cut, whole = both(line, monkeypatch)
    assert cut == whole


def test_a_line_like_the_last_is_cut() -> None:
    cut = learnt().cut(LINE.encode())
    assert cut is not None
    assert [name for name, _text in cut[1]] == ["policies", "boundary"]
    assert cut[0]["action"] == "s3:GetObject"
