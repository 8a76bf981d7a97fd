from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from drkit.sandbox.testing import InThread

Calling = Callable[..., Any]


def test_the_official_client_is_let_in_by_post_and_get_and_with_an_unsigned_payload(
    sandbox: InThread, client: Calling
) -> None:
    for profile in ({}, {"method": "GET"}, {"unsigned": True}):
        answer = client(sandbox, "cbs", **profile).call_json("DescribeDisks", {"Limit": 2})
        assert len(answer["Response"]["DiskSet"]) == 2


def test_a_request_signed_by_hand_is_let_in(
    sandbox: InThread, sign: Calling, raw: Calling, error_code: Calling
) -> None:
    status, content_type, body = raw(sandbox, sign(sandbox, "cbs", "DescribeDisks"))
    assert (status, content_type, error_code(body)) == (200, "application/json", "")


@pytest.mark.parametrize(
    "change",
    [
        {"key": "x" * 32},
        {"signature": "0" * 64},
        {"signature": "é"},
        {"date": "2020-01-01"},
        {"signed_headers": "host"},
        {"after": {"Content-Type": "text/plain"}},
        {"after": {"Host": "elsewhere:1"}},
        {"before": {"Host": "cvm.tencentcloudapi.com"}},
        {"body": b'{"Limit":1}'},
        {"method": "GET"},
        {"query": "Limit=1"},
    ],
    ids=str,
)
def test_a_signature_that_is_wrong_in_any_part_is_refused(
    sandbox: InThread, sign: Calling, raw: Calling, error_code: Calling, change: dict[str, Any]
) -> None:
    headers = {
        name: value.encode() for name, value in sign(sandbox, "cbs", "DescribeDisks", **change).items()
    }
    assert error_code(raw(sandbox, headers)[2]) == "AuthFailure.SignatureFailure"


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_timestamp_over_five_minutes_off_is_refused(
    sandbox: InThread, sign: Calling, raw: Calling, error_code: Calling, seconds: int
) -> None:
    now = int(time.time())
    headers = sign(sandbox, "cbs", "DescribeDisks", timestamp=now + seconds + seconds // 60)
    assert error_code(raw(sandbox, headers)[2]) == "AuthFailure.SignatureExpire"
    headers = sign(sandbox, "cbs", "DescribeDisks", timestamp=now + seconds // 2)
    assert error_code(raw(sandbox, headers)[2]) == ""


def test_a_timestamp_that_is_no_number_is_refused(
    sandbox: InThread, sign: Calling, raw: Calling, error_code: Calling
) -> None:
    for timestamp in ("soon", "1e9", "9" * 40, "-5"):
        headers = sign(sandbox, "cbs", "DescribeDisks", after={"X-TC-Timestamp": timestamp})
        assert error_code(raw(sandbox, headers)[2]) == "InvalidParameter"


def test_an_unknown_secret_id_is_refused_in_the_words_of_the_real_cloud(
    sandbox: InThread, client: Calling
) -> None:
    stranger = client(sandbox, "cbs", credential=Credential("AKIDstranger", sandbox.secret_key))
    with pytest.raises(TencentCloudSDKException) as caught:
        stranger.call_json("DescribeDisks", {})
    assert caught.value.code == "AuthFailure.SecretIdNotFound"
    assert caught.value.message == "The SecretId is not found, please ensure that your SecretId is correct."


def test_a_token_with_a_lasting_key_is_refused(sandbox: InThread, client: Calling) -> None:
    credential = Credential(sandbox.secret_id, sandbox.secret_key, "token")
    with pytest.raises(TencentCloudSDKException, match="TokenFailure"):
        client(sandbox, "cbs", credential=credential).call_json("DescribeDisks", {})


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "SKIP",
        "Basic abc",
        "TC3-HMAC-SHA256",
        "TC3-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=x",
        "TC3-HMAC-SHA256 Credential=a/b/c/tc3_request, Signature=x",
        "TC3-HMAC-SHA256 Credential=a/b/c/tc3_request, SignedHeaders=host, Signature=x, Signature=y",
        "TC3-HMAC-SHA256 Credential=a/b/c/aws4_request, SignedHeaders=host, Signature=x",
    ],
)
def test_a_header_of_another_form_is_refused(
    sandbox: InThread, sign: Calling, raw: Calling, error_code: Calling, authorization: str
) -> None:
    headers = sign(sandbox, "cbs", "DescribeDisks", after={"Authorization": authorization})
    assert error_code(raw(sandbox, headers)[2]) == "AuthFailure.InvalidAuthorization"


def test_a_bare_request_is_told_what_it_lacks_first(
    sandbox: InThread, raw: Calling, sign: Calling, error_code: Calling
) -> None:
    assert b"required parameter `Timestamp`" in raw(sandbox, {"Content-Type": "application/json"})[2]
    for name in ("Action", "Version", "Timestamp", "Region"):
        headers = sign(sandbox, "cbs", "DescribeDisks", after={f"X-TC-{name}": None})
        body = raw(sandbox, headers)[2]
        assert error_code(body) == "MissingParameter"
        assert f"required parameter `{name}`".encode() in body


def test_only_get_and_post_are_calls(
    sandbox: InThread, sign: Calling, raw: Calling, error_code: Calling
) -> None:
    headers = sign(sandbox, "cbs", "DescribeDisks", timestamp=int(time.time()))
    assert error_code(raw(sandbox, headers, method="PUT")[2]) == "UnsupportedProtocol"
