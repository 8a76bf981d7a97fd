"""Every documented example of an emulated action: accepted, or refused with a code that is documented."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from examples import ERRORS, HOW, Example, examples, is_documented
from people import People, allow, deny
from prepared import REGION, Prepared, prepare
from shapes import misfits
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from drkit.sandbox.services.catalogue import EMULATED
from drkit.sandbox.testing import InThread, in_thread

Calling = Callable[..., Any]
# The one whose example nobody can have accepted here, and why.
NEVER = {("cam", "2019-01-16", "SetMfaFlag"): "it asks for a WeChat that the user would have to bind"}
NOT_HERE = "UnsupportedOperation.NotEmulated"


@pytest.fixture(scope="module")
def filled() -> Iterator[tuple[InThread, Prepared]]:
    """A sandbox with what the examples speak of, saved under the name "filled"."""
    with in_thread() as sandbox:

        def call(service: str, version: str, action: str, parameters: Any) -> Any:
            http = HttpProfile(protocol="http", endpoint=f"127.0.0.1:{sandbox.port}")
            key = Credential(sandbox.secret_id, sandbox.secret_key)
            client = CommonClient(service, version, key, REGION, ClientProfile(httpProfile=http))
            return client.call_json(action, parameters)["Response"]

        prepared = prepare(call, lambda: sandbox.advance(timedelta(minutes=1)))
        sandbox.save("filled")
        yield sandbox, prepared


def ask(
    sandbox: InThread, sign: Calling, raw: Calling, example: Example, parameters: Any, query: str
) -> dict[str, Any]:
    """The answer to an example, sent as it is written: by GET or by POST."""
    before = {"X-TC-Version": example.version, "X-TC-Region": REGION}
    if query:
        before["Content-Type"] = "application/x-www-form-urlencoded"
        asked = {"method": "GET", "query": query, "body": b""}
        headers = sign(sandbox, example.service, example.action, **asked, before=before)
        status, _, body = raw(sandbox, headers, method="GET", target=f"/?{query}", body=b"")
    else:
        sent = json.dumps(parameters).encode()
        headers = sign(sandbox, example.service, example.action, body=sent, before=before)
        status, _, body = raw(sandbox, headers, body=sent)
    assert status == 200
    answer: dict[str, Any] = json.loads(body)["Response"]
    return answer


def judge(example: Example, answer: dict[str, Any]) -> None:
    """Accepted as the specification says, or refused for a documented reason."""
    error = answer.get("Error")
    if error is None:
        assert misfits(example.service, example.action, answer) == []
        return
    assert error["Code"] != "InternalError", error
    assert (
        error["Code"] == NOT_HERE
        or not ERRORS.exists()
        or is_documented(example.service, example.action, error["Code"])
    ), f"{error['Code']} is not documented: {error['Message']}"


@pytest.mark.parametrize("example", examples(), ids=str)
def test_an_example_is_accepted_or_refused_for_a_documented_reason(
    filled: Any, sign: Calling, raw: Calling, example: Example
) -> None:
    sandbox, prepared = filled
    sandbox.load("filled")
    judge(example, ask(sandbox, sign, raw, example, example.parameters, example.query))
    sandbox.load("filled")
    judge(example, ask(sandbox, sign, raw, example, prepared.parameters(example), ""))


def test_with_things_that_exist_every_action_accepts_one_of_its_examples(
    filled: Any, sign: Calling, raw: Calling
) -> None:
    if not examples():
        pytest.skip(HOW)
    sandbox, prepared = filled
    accepted = set()
    for example in examples():
        sandbox.load("filled")
        answer = ask(sandbox, sign, raw, example, prepared.parameters(example), "")
        if "Error" not in answer:
            accepted.add((example.service, example.version, example.action))
    assert set(EMULATED) - accepted == set(NEVER)


@pytest.mark.parametrize("bound", [False, True], ids=["by a policy", "by a boundary"])
def test_whoever_is_denied_everything_has_no_action_carried_out(
    filled: Any, sign: Calling, raw: Calling, *, bound: bool
) -> None:
    """All actions with things that exist: nothing is between a good request and an action but the policies."""
    if not examples():
        pytest.skip(HOW)
    sandbox, prepared = filled
    sandbox.load("filled")
    people = People(sandbox)
    user = people.new_user("nobody", allow("*"), *([] if bound else [deny("*")]))
    if bound:
        number = people.new_policy("nothing", allow("nothing:*"))
        put = {"TargetUin": user["Uin"], "PolicyId": number}
        people("administrator", "cam", "PutUserPermissionsBoundary", **put)
    own = {"secret_id": user["SecretId"], "key": user["SecretKey"]}
    codes = {}
    for example in examples():
        answer = ask(sandbox, partial(sign, **own), raw, example, prepared.parameters(example), "")
        codes[str(example)] = answer.get("Error", {}).get("Code", "carried out")
    denials = {"UnauthorizedOperation", "AuthFailure.UnauthorizedOperation"}
    others = {name: code for name, code in codes.items() if code not in denials}
    assert all(code.startswith(("InvalidParameter", "MissingParameter")) for code in others.values()), others
    assert len(others) < len(codes) / 10


def test_every_emulated_action_has_an_example() -> None:
    if not examples():
        pytest.skip(HOW)
    assert {(one.service, one.version, one.action) for one in examples()} == set(EMULATED)
