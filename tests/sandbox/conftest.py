"""A sandbox in a thread with a clock to turn, official clients for it, and requests signed by hand."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from shapes import misfits
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.common.sign import Sign

from drkit.sandbox.testing import InThread, Sandbox

VERSIONS = {
    "cbs": "2017-03-12",
    "cvm": "2017-03-12",
    "sts": "2018-08-13",
    "cam": "2019-01-16",
    "tag": "2018-08-13",
    "bh": "2023-04-18",
}


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.upper().endswith("_PROXY") or name.startswith(("TENCENTCLOUD_", "DRKIT_")):
            monkeypatch.delenv(name)


@pytest.fixture
def sandbox(drkit_sandbox_world: InThread) -> InThread:
    return drkit_sandbox_world


def new_client(sandbox: Sandbox, service: str, region: str = "ap-beijing", **profile: Any) -> CommonClient:
    """The official client; ``profile`` overrides what it is told."""
    http = HttpProfile(
        protocol="http",
        endpoint=profile.pop("endpoint", f"127.0.0.1:{sandbox.port}"),
        reqTimeout=5,
        reqMethod=profile.pop("method", "POST"),
    )
    credential = profile.pop("credential", Credential(sandbox.secret_id, sandbox.secret_key))
    client_profile = ClientProfile(httpProfile=http, language=profile.pop("language", "en-US"))
    client_profile.unsignedPayload = profile.pop("unsigned", False)
    return CommonClient(service, VERSIONS[service], credential, region, client_profile)


@pytest.fixture
def client() -> Callable[..., CommonClient]:
    return new_client


@pytest.fixture
def call(sandbox: InThread) -> Callable[..., dict[str, Any]]:
    """Call an action of the sandbox with the official client."""
    clients: dict[tuple[str, str], CommonClient] = {}

    def calling(
        service: str, action: str, parameters: dict[str, Any] | None = None, region: str = "ap-beijing"
    ) -> dict[str, Any]:
        # The client stamps its requests with the machine's time.
        if (service, region) not in clients:
            clients[service, region] = new_client(sandbox, service, region)
        answer: dict[str, Any] = clients[service, region].call_json(action, parameters or {})["Response"]
        assert misfits(service, action, answer) == []
        return answer

    return calling


@pytest.fixture
def refused(call: Callable[..., Any]) -> Callable[[str, dict[str, Any]], Any]:
    """The code with which a call of CBS is refused."""

    def refusing(action: str, parameters: dict[str, Any]) -> Any:
        with pytest.raises(TencentCloudSDKException) as caught:
            call("cbs", action, parameters)
        return caught.value.code

    return refusing


def signed(sandbox: Sandbox, service: str, action: str, **change: Any) -> dict[str, str]:
    """The headers of a call, signed by the SDK's own function; ``change`` replaces parts before or after."""
    timestamp = str(change.get("timestamp", int(time.time())))
    date = change.get("date", datetime.fromtimestamp(int(timestamp), UTC).date().isoformat())
    headers = {
        "Content-Type": "application/json",
        "Host": f"127.0.0.1:{sandbox.port}",
        "X-TC-Action": action,
        "X-TC-Version": VERSIONS.get(service, "2017-03-12"),
        "X-TC-Timestamp": timestamp,
        "X-TC-Region": "ap-beijing",
    }
    headers.update(change.get("before", {}))
    names = change.get("signed_headers", "content-type;host")
    lowered = {name.lower(): value for name, value in headers.items()}
    canonical = "".join(f"{name}:{lowered.get(name, '')}\n" for name in names.split(";"))
    payload = hashlib.sha256(change.get("body", b"{}")).hexdigest()
    request = "\n".join(
        (change.get("method", "POST"), "/", change.get("query", ""), canonical, names, payload)
    )
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = f"TC3-HMAC-SHA256\n{timestamp}\n{date}/{service}/tc3_request\n{digest}"
    secret_id, secret_key = change.get("secret_id", sandbox.secret_id), change.get("key", sandbox.secret_key)
    signature = Sign.sign_tc3(secret_key, date, service, text)
    headers["Authorization"] = (
        f"TC3-HMAC-SHA256 Credential={secret_id}/{date}/{service}/tc3_request, "
        f"SignedHeaders={names}, Signature={change.get('signature', signature)}"
    )
    return {
        name: value for name, value in {**headers, **change.get("after", {})}.items() if value is not None
    }


def send(sandbox: Sandbox, headers: dict[str, str], **request: Any) -> tuple[int, str, bytes]:
    """One request by hand: status, content type and body of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=10)
    try:
        target = request.get("target", "/")
        connection.request(request.get("method", "POST"), target, request.get("body", b"{}"), headers)
        answer = connection.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read()
    finally:
        connection.close()


@pytest.fixture
def sign() -> Callable[..., dict[str, str]]:
    return signed


@pytest.fixture
def raw() -> Callable[..., tuple[int, str, bytes]]:
    return send


@pytest.fixture
def error_code() -> Callable[[bytes], str]:
    """The code of an error answer, empty when all went well."""

    def read(body: bytes) -> str:
        response = json.loads(body)["Response"]
        assert response["RequestId"]
        code: str = response.get("Error", {}).get("Code", "")
        return code

    return read
