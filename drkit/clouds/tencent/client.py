"""One call to the API 3.0: the SDK's CommonClient, with our own reading of its answers.

The SDK raises an error only when the answer's Content-Type is exactly right, and its own retries repeat
what has succeeded; so what came back is judged here, and retries are `drkit.clouds.tencent.retry`'s.
"""

from __future__ import annotations

import re
import threading
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from drkit.clouds.tencent import bounded
from drkit.clouds.tencent.settings import Endpoint, KeyPair
from drkit.core.errors import AccountError
from drkit.core.text import harmless
from drkit.ports.errors import CloudError, RefusedError, ThrottledError, UncertainError

# What a credential can have wrong, so that every further call would end the same way.
BAD_CREDENTIAL = (
    "AuthFailure.SecretIdNotFound",
    "AuthFailure.SignatureFailure",
    "AuthFailure.TokenFailure",
    "AuthFailure.InvalidSecretId",
    "AuthFailure.InvalidAuthorization",
    "AuthFailure.MFAFailure",
)
BUSY = ("RequestLimitExceeded", "ResourceBusy", "ResourceInUse")
PATIENCE = 3  # times the timeout, for a whole answer
LONGEST_MESSAGE = 300  # characters
USER_INFO = re.compile(r"//[^/@\s]*@")  # a proxy's password, in a URL that an error quotes
# The SDK's own words for "no HTTP answer" and "an HTTP answer other than 200".
NO_ANSWER = ("ClientNetworkError", "ServerNetworkError")


class Power(StrEnum):
    """A credential of an account, by what it may do; the broker's may only assume the role that destroys."""

    LOOK = "look"
    MAKE = "make"
    DESTROY = "destroy"
    BROKER = "broker"


@dataclass(frozen=True, slots=True)
class Call:
    """One request.

    Args:
        region: empty for services that have no regions, and in a declaration.
        writes: whether it changes anything, so that it is never repeated unless it surely did nothing.
        powers: the credentials that make it; `drkit.clouds.tencent.policies` allows it to them.
    """

    service: str
    version: str
    action: str
    region: str = ""
    writes: bool = False
    powers: tuple[Power, ...] = ()

    def at(self, region: str) -> Call:
        """The same call in a region."""
        return replace(self, region=region)

    def __str__(self) -> str:
        return f"{self.service}:{self.action}" + (f" in {self.region}" if self.region else "")


class TencentClient:
    """Calls with one key pair; makes one SDK client a service and region, and keeps it. For any thread."""

    def __init__(self, key_pair: KeyPair, endpoint: Endpoint | None, timeout: int) -> None:
        self._key_pair = key_pair
        self._endpoint = endpoint
        self._timeout = timeout
        self._clients: dict[tuple[str, str], Any] = {}
        self._session: Any = None
        self._lock = threading.Lock()

    def call(self, call: Call, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """The content of ``Response`` of a successful answer.

        Raises:
            AccountError: the credential is no good.
            RefusedError: the cloud said no; ThrottledError: it was too busy.
            UncertainError: no answer, or none that can be read.
        """
        from requests import RequestException
        from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

        try:
            client = self._client(call)
            with bounded.within(PATIENCE * self._timeout):
                answer = client.ask(call.action, dict(parameters))
        except TencentCloudSDKException as error:
            raise _explain(call, str(error.code), str(error.message), error.requestId) from None
        except RequestException as error:
            raise UncertainError(
                f"{call}: the connection broke while the answer came in ({type(error).__name__})", code="Cut"
            ) from None
        except (ValueError, KeyError, TypeError, RecursionError):
            raise _garbled(call) from None
        except bounded.TooMuchError as error:
            raise UncertainError(f"{call}: {error}", code="TooMuch") from None
        return _content(call, answer)

    def _client(self, call: Call) -> Any:
        key = (call.service, call.region)
        with self._lock:
            if key not in self._clients:
                with (
                    warnings.catch_warnings()
                ):  # the SDK changes those of the whole process when it is imported
                    self._clients[key] = self._connect(call)
            return self._clients[key]

    def _connect(self, call: Call) -> Any:
        from tencentcloud.common.credential import Credential
        from tencentcloud.common.profile.client_profile import ClientProfile
        from tencentcloud.common.profile.http_profile import HttpProfile

        http = HttpProfile(reqTimeout=self._timeout, keepAlive=True)
        if self._endpoint:
            http = HttpProfile(
                protocol=self._endpoint.scheme,
                endpoint=self._endpoint.host,
                reqTimeout=self._timeout,
                keepAlive=True,
            )
        pair = self._key_pair
        if self._session is None:
            self._session = bounded.session()
        client = bounded.client(
            self._session,
            call.service,
            call.version,
            Credential(pair.id, pair.key, pair.token),
            call.region,
            ClientProfile(httpProfile=http, language="en-US", request_client="drkit"),
        )
        if self._endpoint:
            # The SDK looks for HOST:PORT in no_proxy, which names hosts, and would send every call through
            # the proxy. Without its own choice `requests` makes the right one from the same variables.
            client.request.conn.proxy = None
        return client


def _content(call: Call, answer: Any) -> dict[str, Any]:
    """What stands in ``Response``, under whatever Content-Type it came."""
    content = answer.get("Response") if isinstance(answer, dict) else None
    if not isinstance(content, dict):
        raise _garbled(call)
    error = content.get("Error")
    if error is None:
        return content
    if not isinstance(error, dict):
        raise _garbled(call)
    raise _explain(
        call, str(error.get("Code")), str(error.get("Message")), str(content.get("RequestId") or "")
    )


def _garbled(call: Call) -> UncertainError:
    return UncertainError(
        f"{call}: the answer is not what the API sends",
        code="Garbled",
        hint="see whether a proxy or another server answers in its place",
    )


def _explain(call: Call, code: str, message: str, request: str | None) -> CloudError | AccountError:
    """The error that a code means, with all that a support ticket needs."""
    if code in NO_ANSWER:
        return UncertainError(
            f"{call}: no answer ({_short(message)})", code=code, hint="see whether the API can be reached"
        )
    told = f"{call}: {_short(code)}: {_short(message)}" + (f" (request {_short(request)})" if request else "")
    if code in BAD_CREDENTIAL:
        return AccountError(told, hint="see that the key pair is right, current and not disabled")
    if code == "AuthFailure.SignatureExpire":
        return AccountError(told, hint="this machine's clock is more than five minutes off: set it")
    if code.startswith(BUSY):
        return ThrottledError(told, code=code)
    if code.startswith("InternalError"):
        return UncertainError(told, code=code)
    return RefusedError(told, code=code)


def _short(message: str) -> str:
    """One harmless line of at most 300 characters; an HTML error page says no more in 30,000."""
    line = harmless(" ".join(USER_INFO.sub("//…@", message).split()))
    return line if len(line) <= LONGEST_MESSAGE else line[: LONGEST_MESSAGE - 1] + "…"
