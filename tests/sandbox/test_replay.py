"""Requests that were recorded at the real cloud, sent to the sandbox: the same fields of the same types.

The recordings (2022) lie beside this repository. Ids in the requests become ids of the sandbox's own; what is
compared are the names and types of all that all answers of an action hold.
"""

from __future__ import annotations

import functools
import json
import re
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest
from examples import SHARED
from shapes import SPECIFICATION
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from drkit.sandbox.services.catalogue import EMULATED
from drkit.sandbox.testing import InThread

RECORDED = SHARED / "recorded" / "tencent_answers.json"
Call = Callable[..., dict[str, Any]]
Action = tuple[str, str, str]
# Fields that had a place in 2022 and that the specification has no more, or that tell of the recorded account.
OTHERWISE: dict[Action, set[str]] = {}


@functools.cache
def recorded() -> dict[Action, list[dict[str, Any]]]:
    """The recordings of what is emulated."""
    found: defaultdict[Action, list[dict[str, Any]]] = defaultdict(list)
    for one in json.loads(RECORDED.read_bytes()) if RECORDED.exists() else []:
        key = (one.get("service"), one.get("version"), one.get("action"))
        if key in EMULATED:
            found[key].append(one)
    return dict(found)


def typed_paths(value: Any, path: str = "") -> dict[str, set[str]]:
    """Every path of an answer with the types found there; text that is JSON stays text."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    if isinstance(value, dict):
        for name, inner in value.items():
            for key, kinds in typed_paths(inner, f"{path}.{name}").items():
                found[key] |= kinds
        found[path] |= {"object"}
    elif isinstance(value, list):
        for inner in value:
            for key, kinds in typed_paths(inner, f"{path}[]").items():
                found[key] |= kinds
        found[path] |= {"list"}
    else:
        found[path] |= {form(value)}
    return found


STAMPS = {
    "a stamp without a zone": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
    "a stamp of UTC": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "a date": r"\d{4}-\d\d-\d\d",
}


def form(value: Any) -> str:
    """The type of a value; of times, how they are written."""
    if isinstance(value, str):
        return next((name for name, form in STAMPS.items() if re.fullmatch(form, value)), "text")
    return type(value).__name__


def merged(answers: list[dict[str, Any]]) -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for answer in answers:
        for path, kinds in typed_paths(answer).items():
            found[path] |= kinds
    return dict(found)


@pytest.fixture
def ours(call: Call) -> Callable[[str, Any], Any]:
    """The value of ours that takes the place of one in a recorded request."""

    @functools.cache
    def user() -> int:
        users = call("cam", "ListUsers")["Data"]
        with_keys = (
            one["Uin"]
            for one in users
            if call("cam", "ListAccessKeys", {"TargetUin": one["Uin"]})["AccessKeys"]
        )
        return int(next(with_keys))

    @functools.cache
    def policies() -> list[int]:
        return [one["PolicyId"] for one in call("cam", "ListPolicies", {"Scope": "Local"})["List"]]

    @functools.cache
    def instances() -> list[str]:
        return [one["InstanceId"] for one in call("cvm", "DescribeInstances", {"Limit": 100})["InstanceSet"]]

    @functools.cache
    def disks() -> list[str]:
        return [one["DiskId"] for one in call("cbs", "DescribeDisks", {"Limit": 100})["DiskSet"]]

    def keys() -> list[str]:
        listed = call("cam", "ListAccessKeys", {"TargetUin": user()})["AccessKeys"]
        return [one["AccessKeyId"] for one in listed]

    def replace(name: str, value: Any) -> Any:
        known: dict[str, Callable[[], Any]] = {
            "TargetUin": user,
            "SubUin": user,
            "FilterSubAccountUin": lambda: [user()],
            "PolicyId": lambda: policies()[value % len(policies())],
            "SecretIdList": keys,
            "InstanceIds": lambda: instances()[: len(value)],
            "DiskIds": lambda: disks()[: len(value)],
        }
        return known[name]() if name in known else value

    return replace


@pytest.mark.parametrize("action", sorted(recorded()), ids="-".join)
def test_recorded_requests_are_answered_with_the_recorded_fields_and_types(
    sandbox: InThread, call: Call, ours: Callable[[str, Any], Any], action: Action
) -> None:
    service, version, name = action
    answers, codes = [], []
    sandbox.save("start")
    for one in recorded()[action]:
        sandbox.load("start")
        request = {key: ours(key, value) for key, value in one["request"].items()}
        try:
            answers.append(call(service, name, request))
            codes.append("")
        except TencentCloudSDKException as error:
            codes.append(error.code)

    assert codes == [one["response"].get("Error", {}).get("Code", "") for one in recorded()[action]]
    theirs, mine = merged([one["response"] for one in recorded()[action]]), merged(answers)
    # Of what only lies in lists that are empty here, or were empty there, nothing can be said.
    compared = {path for path in theirs if not in_empty_list(path, mine)} - OTHERWISE.get(action, set())
    assert sorted(compared - set(mine)) == []
    assert {path: theirs[path] for path in compared if not alike(theirs[path], mine[path])} == {}
    new = {path for path in set(mine) - set(theirs) if not in_empty_list(path, theirs)}
    assert sorted(path for path in new if not in_specification(path, service, version, name)) == []


def in_empty_list(path: str, found: dict[str, set[str]]) -> bool:
    """Whether a path leads through a list that holds nothing, or an object that is null, in all answers."""
    parts = re.split(r"(?=\.)|(?=\[\])", path)
    for end in range(1, len(parts)):
        above = "".join(parts[:end])
        below = "".join(parts[: end + 1])
        if above in found and below not in found and (below.endswith("[]") or found[above] == {"NoneType"}):
            return True
    return False


def alike(theirs: set[str], mine: set[str]) -> bool:
    """Whether two sets of types have one in common; null goes with everything."""
    return (
        bool(theirs & mine) or "NoneType" in theirs | mine or {theirs.pop(), mine.pop()} <= {"int", "float"}
    )


def in_specification(path: str, service: str, version: str, action: str) -> bool:
    """Whether the specification, which is younger than the recordings, has a field."""
    known = SPECIFICATION.service_shapes(service, version)
    shape = known.answer(action)
    names = path.replace("[]", "").strip(".").split(".")
    for name in names:
        if name not in shape:
            return False
        shape = known.shapes.get(shape[name].kind, {})
    return True


def test_there_are_recordings_of_what_is_emulated() -> None:
    if not RECORDED.exists():
        pytest.skip("no recorded answers beside this repository")
    assert recorded()
