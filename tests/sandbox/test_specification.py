from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drkit.sandbox.services.catalogue import EMULATED
from drkit.sandbox.specification import generate
from drkit.sandbox.specification.load import DATA, Member, ServiceShapes, Specification

Calling = Callable[..., Any]

WHEEL = os.environ.get("DRKIT_TCCLI_WHEEL")
RECORDED = Path(__file__).parents[3] / "shared" / "recorded" / "tencent_answers.json"
KINDS = {
    "string": str,
    "datetime": str,
    "datetime_iso": str,
    "date": str,
    "int64": int,
    "uint64": int,
    "bool": bool,
}


def test_the_committed_specification_is_what_the_generator_makes(tmp_path: Path) -> None:
    if not WHEEL:
        pytest.skip("DRKIT_TCCLI_WHEEL names no wheel of tccli 3.1.189.1")
    generate.generate(Path(WHEEL), tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    committed = {path.name: path.read_bytes() for path in DATA.iterdir()}
    assert set(made) == set(committed)
    for name, content in made.items():
        # What is compressed is compared: another build of zlib packs the same text otherwise.
        assert gzip.decompress(content) == gzip.decompress(committed[name]), name


def document(service: str = "cbs", version: str = "2017-03-12") -> Any:
    member = {"name": "B", "type": "list", "member": "string", "required": True, "document": "prose"}
    return {
        "metadata": {"serviceShortName": service, "apiVersion": version},
        "actions": {
            "Old": {"input": "R", "output": "R", "status": "offline"},
            "Do": {"input": "R", "output": "R", "status": "online", "document": "prose"},
        },
        "objects": {"R": {"members": [member, {"name": "A", "type": "int", "member": "int64"}]}},
    }


def test_generating_twice_gives_the_same_bytes_without_prose_or_time(tmp_path: Path) -> None:
    source = tmp_path / "tccli/services/cbs/v20170312"
    source.mkdir(parents=True)
    (source / "api.json").write_text(json.dumps(document()))
    for target in ("one", "two"):
        generate.generate(tmp_path, tmp_path / target)
    one, two = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two")
    )
    assert one == two
    assert sorted(one) == ["cbs.2017-03-12.json.gz", "index.json.gz"]
    assert one["index.json.gz"][4:8] == b"\0\0\0\0"
    assert b"prose" not in gzip.decompress(one["cbs.2017-03-12.json.gz"])

    loaded = Specification(tmp_path / "one")
    assert list(loaded.actions()) == [("cbs", "2017-03-12", "Do")]
    assert loaded.index["cbs"]["2017-03-12"].offline == {"Old"}
    member = loaded.service_shapes("cbs", "2017-03-12").request("Do")["B"]
    assert (member.kind, member.is_list, member.required, member.nullable) == ("string", True, True, False)


def test_the_specification_is_small_and_knows_every_service() -> None:
    assert sum(path.stat().st_size for path in DATA.iterdir()) < 250 * 1024
    index = Specification().index
    assert len(index) == 262
    assert "StartInstances" in index["cvm"]["2017-03-12"].actions


def test_every_emulated_action_exists_in_the_specification() -> None:
    assert set(EMULATED) <= set(Specification().actions())


def complaints(value: Any, member: Member, known: ServiceShapes, path: str) -> Any:
    """What in an answer is not as the specification says."""
    if value is None:
        return []
    if member.is_list:
        one = next(iter(value), None)
        return [] if one is None else element_complaints(one, member.kind, known, f"{path}[]")
    return element_complaints(value, member.kind, known, path)


def element_complaints(value: Any, kind: str, known: ServiceShapes, path: str) -> Any:
    if kind not in known.shapes:
        return [] if type(value) is KINDS.get(kind, type(value)) else [f"{path}: {value!r} is no {kind}"]
    shape = known.shapes[kind]
    found = [
        f"{path}: no field {name}" for name, of in shape.items() if of.output_required and name not in value
    ]
    for name, inner in value.items():
        if name in shape:
            found += complaints(inner, shape[name], known, f"{path}.{name}")
    return found


def undemanding() -> list[tuple[str, str]]:
    """The actions that can be called without parameters; `shapes` holds every other answer of every test."""
    specification = Specification()
    return [
        (service, action)
        for service, version, action in sorted(EMULATED)
        if action == "CreateSnapshot"
        or (
            service in {"cbs", "cvm", "sts", "tag"}
            and action.startswith(("Describe", "Get"))
            and not any(
                one.required
                for one in specification.service_shapes(service, version).request(action).values()
            )
        )
    ]


@pytest.mark.parametrize(("service", "action"), undemanding(), ids=lambda name: name)
def test_our_answers_have_the_types_of_the_specification(call: Calling, service: str, action: str) -> None:
    version = next(version for one, version, name in EMULATED if (one, name) == (service, action))
    known = Specification().service_shapes(service, version)
    disk = call("cbs", "DescribeDisks", {"Limit": 1})["DiskSet"][0]["DiskId"]
    answer = call(service, action, {"DiskId": disk} if action == "CreateSnapshot" else {})
    shape = known.answer(action)
    assert {name for name, of in shape.items() if of.output_required} <= set(answer)
    assert set(answer) <= set(shape)
    wrong = [line for name, value in answer.items() for line in complaints(value, shape[name], known, name)]
    assert [line for line in wrong if "no field" not in line] == []


def typed_paths(value: Any, path: str = "") -> Any:
    """Every path of an answer with the types found there."""
    if isinstance(value, dict):
        return {
            key: kinds
            for name, inner in value.items()
            for key, kinds in typed_paths(inner, f"{path}.{name}").items()
        }
    if isinstance(value, list):
        merged: dict[str, set[str]] = {path: {"list"}}
        for inner in value:
            for key, kinds in typed_paths(inner, f"{path}[]").items():
                merged.setdefault(key, set()).update(kinds)
        return merged
    return {path: {type(value).__name__}}


@pytest.mark.parametrize(("service", "action"), [("cbs", "DescribeDisks"), ("cvm", "DescribeInstances")])
def test_our_answers_have_the_fields_and_types_of_recorded_ones(
    call: Calling, service: str, action: str
) -> None:
    if not RECORDED.exists():
        pytest.skip("no recorded answers beside this repository")
    recorded: dict[str, set[str]] = {}
    for one in json.loads(RECORDED.read_text()):
        if (one.get("service"), one.get("action")) == (service, action):
            for key, kinds in typed_paths(one["response"]).items():
                recorded.setdefault(key, set()).update(kinds)
    ours = typed_paths(call(service, action, {"Limit": 100}))
    assert recorded
    # Lists that are empty in every recorded answer tell nothing about what is in them.
    elements = {
        path for path in set(ours) - set(recorded) if recorded.get(path.rpartition("[]")[0]) == {"list"}
    }
    assert set(ours) - elements == set(recorded) - {
        path for path in recorded if path not in ours and "[]" in path[-2:]
    }
    for path in set(ours) - elements:
        assert ours[path] & (recorded[path] | {"NoneType"}), path
