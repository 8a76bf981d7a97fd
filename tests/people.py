"""The seed's people, calling the sandbox by the official client."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from drkit.sandbox.testing import Sandbox

ACCOUNT, VAULT = "100000000001", "100000000002"
VERSIONS = {
    "cam": "2019-01-16",
    "cbs": "2017-03-12",
    "cloudaudit": "2019-03-19",
    "cvm": "2017-03-12",
    "kms": "2019-01-18",
    "sts": "2018-08-13",
    "tag": "2018-08-13",
}


@dataclass(slots=True)
class People:
    """Whoever has a key of a sandbox."""

    sandbox: Sandbox

    def __call__(
        self, who: Any, service: str, action: str, region: str = "ap-beijing", **parameters: Any
    ) -> Any:
        """Call as somebody: a name of the seed, an answer that gave a credential, or a key pair."""
        http = HttpProfile(protocol="http", endpoint=f"127.0.0.1:{self.sandbox.port}", reqTimeout=10)
        profile = ClientProfile(httpProfile=http)
        client = CommonClient(service, VERSIONS[service], self.credential(who), region, profile)
        return client.call_json(action, parameters)["Response"]

    def credential(self, who: Any) -> Credential:
        """The key of somebody."""
        if isinstance(who, str):
            return Credential(*self.sandbox.key(who))
        if "Credentials" in who:
            given = who["Credentials"]
            return Credential(given["TmpSecretId"], given["TmpSecretKey"], given["Token"])
        return Credential(who["SecretId"], who["SecretKey"])

    def new_user(self, name: str, *statements: dict[str, Any]) -> Any:
        """A user with a key and with one policy of these statements; made by the administrator."""
        user = self("administrator", "cam", "AddUser", Name=name, UseApi=1)
        if statements:
            self.attach(user, self.new_policy(f"of-{name}", *statements))
        return user

    def new_policy(self, name: str, *statements: dict[str, Any]) -> int:
        """A custom policy; its id."""
        document = policy(*statements)
        made = self("administrator", "cam", "CreatePolicy", PolicyName=name, PolicyDocument=document)
        return int(made["PolicyId"])

    def attach(self, user: Any, number: int) -> None:
        """Attach a policy to a user."""
        self("administrator", "cam", "AttachUserPolicy", AttachUin=user["Uin"], PolicyId=number)


def policy(*statements: dict[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"version": "2.0", "statement": statements})


def allow(action: str | list[str], resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    """A statement that allows."""
    return {"effect": "allow", "action": action, "resource": resource, **more}


def deny(action: str | list[str], resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    """A statement that denies."""
    return {"effect": "deny", "action": action, "resource": resource, **more}


def refused(calling: Callable[[], Any]) -> str:
    """The code of the error that a call ends with."""
    with pytest.raises(TencentCloudSDKException) as caught:
        calling()
    return str(caught.value.code)
