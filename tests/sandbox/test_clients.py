"""Every emulated action by the three official clients: CommonClient, the typed client and the command line.

What is sent is the action's first documented example, with ids that exist; what has to come out is the same by
all three ways.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from examples import HOW, SERVICES, examples
from helpers import ROOT, bare_environment
from prepared import REGION, Prepared, prepare
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from drkit.sandbox.services.catalogue import EMULATED
from drkit.sandbox.testing import Running, running

PEER = ROOT / "tests" / "peers" / "clients.py"
PYTHON = ROOT / ".venv-tccli" / "bin" / "python"
STATE = "filled"


def common(sandbox: Running, service: str, version: str, action: str, parameters: Any) -> dict[str, Any]:
    """One call by CommonClient."""
    http = HttpProfile(protocol="http", endpoint=f"127.0.0.1:{sandbox.port}", reqTimeout=20)
    key = Credential(sandbox.secret_id, sandbox.secret_key)
    client = CommonClient(service, version, key, REGION, ClientProfile(httpProfile=http, language="en-US"))
    answer: dict[str, Any] = client.call_json(action, parameters)["Response"]
    return answer


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Prepared]]:
    """A sandbox with what the examples speak of."""
    with running(home=tmp_path_factory.mktemp("clients")) as sandbox:
        prepared = prepare(
            lambda *words: common(sandbox, *words), lambda: sandbox.advance(timedelta(minutes=1))
        )
        sandbox.save(STATE)
        yield sandbox, prepared


def by_peers(sandbox: Running, calls: list[dict[str, Any]], home: Path) -> list[dict[str, Any]]:
    """What came of each call by the typed client and by the command line, all in one process."""
    order = {
        "endpoint": sandbox.endpoint,
        "token": sandbox.token,
        "secret_id": sandbox.secret_id,
        "secret_key": sandbox.secret_key,
        "state": STATE,
        "calls": calls,
    }
    environment = bare_environment(home) | {
        "TENCENTCLOUD_SECRET_ID": sandbox.secret_id,
        "TENCENTCLOUD_SECRET_KEY": sandbox.secret_key,
        "PYTHONWARNINGS": "ignore",
    }
    done = subprocess.run(
        [PYTHON, PEER],
        input=json.dumps(order),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    results: list[dict[str, Any]] = json.loads(done.stdout)
    return results


def by_common_client(sandbox: Running, call: dict[str, Any]) -> Any:
    """The names of the answer's fields that are not null, or the code of the error."""
    sandbox.load(STATE)
    try:
        answer = common(sandbox, call["service"], call["version"], call["action"], call["parameters"])
    except TencentCloudSDKException as error:
        return error.code
    return sorted(name for name, value in answer.items() if value is not None)


@pytest.mark.parametrize("service", sorted({service for service, _, _ in EMULATED}))
def test_the_three_official_clients_get_the_same_for_every_action_of_a_service(
    filled: Any, tmp_path: Path, service: str
) -> None:
    if not SERVICES.exists():
        pytest.skip(HOW)
    sandbox, prepared = filled
    chosen = [one for one in examples() if one.number == 0 and one.service == service]
    calls = [
        {
            "service": one.service,
            "version": one.version,
            "action": one.action,
            "region": REGION,
            "parameters": prepared.parameters(one),
        }
        for one in chosen
    ]
    peers = by_peers(sandbox, calls, tmp_path)
    came = {call["action"]: by_common_client(sandbox, call) for call in calls}

    assert set(came) == {action for of, _, action in EMULATED if of == service}
    assert "InternalError" not in came.values()
    differing = {
        call["action"]: (came[call["action"]], peer)
        for call, peer in zip(calls, peers, strict=True)
        if peer != {"typed": came[call["action"]], "tccli": came[call["action"]]}
    }
    assert differing == {}
