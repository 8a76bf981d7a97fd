"""Requests made from the specification, with what exists and what does not: no crash, and answers that fit it.

The same requests each time; with DRKIT_SOAK (`make soak`) other ones, and many more.
"""

from __future__ import annotations

import copy
import functools
import json
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from examples import HOW, examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prepared import REGION, Prepared, prepare
from shapes import SPECIFICATION, misfits
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from drkit.sandbox.services.catalogue import EMULATED
from drkit.sandbox.specification.load import ServiceShapes, Shape
from drkit.sandbox.testing import InThread, in_thread

Calling = Callable[..., Any]
SOAK = bool(os.environ.get("DRKIT_SOAK"))
BOUNDED = settings(
    max_examples=5_000 if SOAK else 100,
    derandomize=not SOAK,
    database=None,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
DEEPEST = 6
WORDS = (
    *(
        "",
        "0",
        "10",
        "ASC",
        "DESC",
        "CREATE_TIME",
        "DEADLINE",
        "zone",
        "disk-id",
        "instance-id",
        "tag:service",
    ),
    *("POSTPAID_BY_HOUR", "PREPAID", "CLOUD_PREMIUM", "CLOUD_BSSD", "CLOUD_HSSD", "DATA_DISK", "SYSTEM_DISK"),
    *("ap-beijing", "ap-shanghai", "ap-beijing-3", "ap-shanghai-2", "SOFT", "HARD", "STOP_CHARGING", "TRUE"),
    *(
        "2026-12-24T00:00:00+00:00",
        "2026-12-24T00:00:00Z",
        "2026-12-24 00:00:00",
        "9999-12-31T23:59:59+00:00",
    ),
    *("100000000001", "100000000101", "administrator", "drkit-look", "drkit-destroy", "1", "Local", "All"),
    "qcs::cam::uin/100000000001:roleName/drkit-destroy",
    "qcs::cvm:ap-beijing:uin/100000000001:volume/*",
    '{"version":"2.0","statement":[{"effect":"allow","action":"cvm:*","resource":"*"}]}',
    (
        '{"version":"2.0","statement":{"effect":"deny","action":["*"],"resource":["*"],'
        '"condition":{"string_equal":{"qcs:resource_tag":"service&orders"}}}}'
    ),
    (
        '{"version":"2.0","statement":[{"action":"name/sts:AssumeRole","effect":"allow",'
        '"principal":{"qcs":["qcs::cam::uin/100000000001:root"]}}]}'
    ),
)
NUMBERS = (0, 1, -1, 2, 7, 20, 50, 100, 101, 1024, 100000000001, 100000000101, 10_000_001, 1_800_000_000)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def shared() -> Iterator[InThread]:
    with in_thread() as running:
        running.save("start")
        yield running


@functools.cache
def ids() -> list[str]:
    """The ids of things that the seed holds."""
    with in_thread() as sandbox:
        held = [of for account in sandbox.world.accounts.values() for of in account.regions.values()]
        found = [id_ for one in held for id_ in (*list(one.instances)[:3], *list(one.disks)[:3])]
        return found + [id_ for one in held for by in list(one.snapshots_by_disk.values())[:3] for id_ in by]


def scalar(kind: str) -> Any:
    """Values of a scalar kind, and some that only look like it."""
    numbers = st.sampled_from(NUMBERS)
    of = {
        "int64": st.integers(-(2**63), 2**63 - 1) | numbers,
        "uint64": st.integers(0, 2**64 - 1) | numbers.map(abs),
        "bool": st.booleans(),
        "float": st.floats(allow_nan=False, allow_infinity=False),
    }
    text = st.sampled_from(WORDS) | st.sampled_from(ids()) | st.text(max_size=70)
    return of.get(kind, text | st.datetimes().map(lambda moment: f"{moment.isoformat()}+00:00"))


def fitting(shape: Shape, known: ServiceShapes, depth: int = 0) -> Any:
    """Requests that the specification allows."""
    required, optional = {}, {}
    for name, member in shape.items():
        nested = member.kind in known.shapes
        if nested and depth >= DEEPEST:
            continue
        one = fitting(known.shapes[member.kind], known, depth + 1) if nested else scalar(member.kind)
        value = st.lists(one, max_size=3) if member.is_list else one
        (required if member.required else optional)[name] = value
    return st.fixed_dictionaries(required, optional=optional)


@functools.cache
def requests_of(action: tuple[str, str, str]) -> Any:
    service, version, name = action
    known = SPECIFICATION.service_shapes(service, version)
    return fitting(known.request(name), known)


@st.composite
def requests(draw: Calling) -> Any:
    """An emulated action with parameters that fit, some of them spoilt."""
    action = draw(st.sampled_from(sorted(EMULATED)))
    parameters = dict(draw(requests_of(action)))
    if draw(st.integers(0, 3)) == 0:
        parameters[draw(st.sampled_from([*parameters, "Other"]))] = draw(JSON)
    return action, draw(st.sampled_from(["ap-beijing", "ap-shanghai"])), parameters


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@BOUNDED
@given(calls=st.lists(requests(), min_size=1, max_size=6))
def test_no_calls_that_can_be_made_from_the_specification_crash_an_action(
    shared: InThread, sign: Calling, raw: Calling, calls: Any
) -> None:
    shared.load("start")
    for (service, version, action), region, parameters in calls:
        hold(shared, sign, raw, (service, version, action), region, parameters)


def hold(
    sandbox: InThread, sign: Calling, raw: Calling, action: tuple[str, str, str], region: str, parameters: Any
) -> None:
    """Call, and see that it neither crashes nor answers what the specification does not know."""
    service, version, name = action
    body = json.dumps(parameters).encode()
    before = {"X-TC-Version": version, "X-TC-Region": region}
    status, _, content = raw(sandbox, sign(sandbox, service, name, body=body, before=before), body=body)
    answer = json.loads(content)["Response"]
    told = (service, name, parameters, answer)
    assert status == 200, told
    assert answer["RequestId"]
    if "Error" in answer:
        assert answer["Error"]["Code"] != "InternalError", told
    else:
        assert misfits(service, name, answer) == [], told


@pytest.fixture(scope="module")
def prepared(shared: InThread) -> Prepared:
    """What the documented examples speak of, in the shared sandbox, saved as "prepared"."""
    key = Credential(shared.secret_id, shared.secret_key)
    http = HttpProfile(protocol="http", endpoint=f"127.0.0.1:{shared.port}")

    def call(service: str, version: str, action: str, parameters: Any) -> Any:
        client = CommonClient(service, version, key, REGION, ClientProfile(httpProfile=http))
        return client.call_json(action, parameters)["Response"]

    shared.load("start")
    made = prepare(call, lambda: shared.advance(timedelta(minutes=1)))
    shared.save("prepared")
    return made


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The ways to everything within parameters."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way for key, one in inner for way in ((*path, key), *leaves(one, (*path, key)))]


def put(value: Any, way: tuple[Any, ...], new: Any) -> None:
    """Replace what lies at the end of a way."""
    for key in way[:-1]:
        value = value[key]
    value[way[-1]] = new


@pytest.mark.skipif(not examples(), reason=HOW)
@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@BOUNDED
@given(data=st.data())
def test_no_example_that_is_spoilt_in_one_place_crashes_its_action(
    shared: InThread, prepared: Prepared, sign: Calling, raw: Calling, data: Any
) -> None:
    shared.load("prepared")
    for example in data.draw(st.lists(st.sampled_from(examples()), min_size=1, max_size=4)):
        parameters = copy.deepcopy(prepared.parameters(example))
        ways = leaves(parameters)
        if ways:
            kind = data.draw(st.sampled_from(["string", "int64", "uint64", "bool", "float"]))
            put(parameters, data.draw(st.sampled_from(ways)), data.draw(scalar(kind) | JSON))
        action = (example.service, example.version, example.action)
        hold(shared, sign, raw, action, REGION, parameters)


@BOUNDED
@given(body=st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_body_crashes_the_sandbox(shared: InThread, sign: Calling, raw: Calling, body: bytes) -> None:
    status, _, content = raw(shared, sign(shared, "cbs", "DescribeDisks", body=body), body=body)
    assert status == 200
    error = json.loads(content)["Response"].get("Error", {"Code": ""})["Code"]
    assert error in {"", "InvalidParameter", "UnknownParameter"}, content


@BOUNDED
@given(
    pairs=st.lists(
        st.tuples(
            st.sampled_from(["Limit", "Filters.0.Name", "Filters.0.Values.1", "DiskIds.0", "A"]),
            st.sampled_from([*"01", "-1", "x", "%ff", "%00", "zone", "1e9", "=&"]),
        ),
        max_size=4,
    )
)
def test_no_query_crashes_the_sandbox(shared: InThread, sign: Calling, raw: Calling, pairs: Any) -> None:
    query = "&".join(f"{name}={value}" for name, value in pairs)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    headers = sign(shared, "cbs", "DescribeDisks", method="GET", query=query, body=b"", before=form)
    status, _, content = raw(shared, headers, method="GET", target=f"/?{query}", body=b"")
    assert status == 200
    assert json.loads(content)["Response"].get("Error", {"Code": ""})["Code"] != "InternalError", content
