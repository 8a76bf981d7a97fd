"""One call to AWS: botocore's client, with our own reading of what its errors mean.

Codes: EC2's (Developer Guide, "Error codes for the Amazon EC2 API") and those common to all services (API
reference of STS, "Common error types").
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import Any

from drkit.clouds.aws import bounded
from drkit.clouds.tencent.bounded import TooMuchError, within
from drkit.clouds.tencent.client import PATIENCE, Call
from drkit.clouds.tencent.settings import Endpoint, KeyPair
from drkit.core.errors import AccountError
from drkit.core.text import harmless
from drkit.ports.errors import CloudError, RefusedError, ThrottledError, UncertainError

# What a credential can have wrong, so that every further call would end the same way.
BAD_CREDENTIAL = frozenset(
    [
        "AuthFailure",
        "Blocked",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "MissingAuthenticationToken",
        "PendingVerification",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    ]
)
CLOCK = frozenset({"RequestExpired", "RequestTimeTooSkewed"})
CLOCK_SAID = ("Signature expired", "Signature not yet current")  # what STS says under SignatureDoesNotMatch
# Nothing was done, and later it may be. The rate of snapshots of one volume is among them: one in 15 seconds.
BUSY = frozenset(
    [
        "EC2ThrottledException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SnapshotCreationPerVolumeRateExceeded",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    ]
)
LEAST_OF_SERVER = 500  # HTTP statuses from here on are the server's trouble
LONGEST_MESSAGE = 300  # characters
USER_INFO = re.compile(r"//[^/@\s]*@")  # a proxy's password, in a URL that an error quotes


class AwsClient:
    """Calls with one key pair; makes one botocore client a service and region, and keeps it. For any thread.

    Args:
        timeout: seconds, for each wait for bytes; a whole answer has three times as long.
    """

    def __init__(self, key_pair: KeyPair, endpoint: Endpoint | None, timeout: int) -> None:
        self._key_pair = key_pair
        self._endpoint = endpoint
        self._timeout = timeout
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()

    def call(self, call: Call, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """The content of a successful answer.

        Raises:
            AccountError: the credential is no good.
            RefusedError: the cloud said no; ThrottledError: it was too busy.
            UncertainError: no answer, or none that can be read.
        """
        from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
        from botocore.parsers import ResponseParserError
        from urllib3.exceptions import HTTPError

        try:
            client = self._client(call)
            with within(PATIENCE * self._timeout):
                answer = client._make_api_call(call.action, dict(parameters))  # noqa: SLF001
        except ClientError as error:
            raise _explain(call, error.response) from None
        except ParamValidationError as error:
            raise RefusedError(f"{call}: {_short(str(error))}", code="ParamValidation") from None
        except ResponseParserError:
            raise garbled(call) from None
        except (BotoCoreError, HTTPError, TooMuchError) as error:
            raise _silent(call, error) from None
        except (ValueError, KeyError, TypeError, RecursionError):
            raise garbled(call) from None
        if not isinstance(answer, dict):
            raise garbled(call)
        return answer

    def _client(self, call: Call) -> Any:
        key = (call.service, call.region)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = bounded.client(
                    call.service, call.version, call.region, self._key_pair, self._endpoint, self._timeout
                )
            return self._clients[key]


def garbled(call: Call, what: str = "the answer is not what the API sends") -> UncertainError:
    """The error of an answer that nobody can rely on.

    Args:
        call: what was asked.
        what: is wrong with the answer.
    """
    return UncertainError(
        f"{call}: {what}",
        code="Garbled",
        hint="see whether a proxy or another server answers in its place",
    )


def _silent(call: Call, error: Exception) -> UncertainError:
    """No answer: its cause may be wrapped by botocore."""
    inner = getattr(error, "kwargs", {}).get("error")
    if isinstance(error, TooMuchError) or isinstance(inner, TooMuchError):
        told = error if isinstance(error, TooMuchError) else inner
        return UncertainError(f"{call}: {told}", code="TooMuch")
    return UncertainError(
        f"{call}: no answer ({_short(str(error))})",
        code=type(error).__name__,
        hint="see whether the API can be reached",
    )


def _explain(call: Call, response: Mapping[str, Any]) -> CloudError | AccountError:
    """The error that a code means, with all that a support ticket needs."""
    error, metadata = response.get("Error") or {}, response.get("ResponseMetadata") or {}
    code, status = str(error.get("Code") or ""), metadata.get("HTTPStatusCode") or 0
    if not code or code.isdigit():
        return garbled(call, f"HTTP {status} without an error of the API's")  # botocore puts the status there
    request = metadata.get("RequestId")
    told = f"{call}: {_short(code)}: {_short(str(error.get('Message')))}"
    told += f" (request {_short(str(request))})" if request else ""
    if code in CLOCK or any(words in told for words in CLOCK_SAID):
        return AccountError(told, hint="this machine's clock is more than five minutes off: set it")
    if code in BAD_CREDENTIAL:
        return AccountError(told, hint="see that the key pair is right, current and not disabled")
    if code in BUSY:
        return ThrottledError(told, code=code)
    if status >= LEAST_OF_SERVER:
        return UncertainError(told, code=code)
    return RefusedError(told, code=code)


def _short(message: str) -> str:
    """One harmless line of at most 300 characters."""
    line = harmless(" ".join(USER_INFO.sub("//…@", message).split()))
    return line if len(line) <= LONGEST_MESSAGE else line[: LONGEST_MESSAGE - 1] + "…"
