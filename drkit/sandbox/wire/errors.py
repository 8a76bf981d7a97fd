"""The errors of API 3.0 that any service can answer.

A message marked "seen" is one that the real cloud was seen to answer (the SDKs' public issues and tests);
the others have the real code, and words of our own.
"""

from __future__ import annotations


class ApiError(Exception):
    """An error answer: a code of Tencent Cloud and a message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def missing_parameter(name: str) -> ApiError:
    """Seen."""
    return ApiError("MissingParameter", f"The request is missing a required parameter `{name}`.")


def unknown_parameter(name: str) -> ApiError:
    """Seen."""
    return ApiError("UnknownParameter", f"The parameter `{name}` is not recognized.")


def wrong_type(name: str) -> ApiError:
    """Seen, with nested names such as ``InstanceIds.0``."""
    return ApiError("InvalidParameter", f"The value type of parameter `{name}` is not valid.")


def wrong_value(name: str, value: object, code: str = "InvalidParameterValue") -> ApiError:
    """Seen, with nested names such as ``SystemDisk.DiskSize``."""
    return ApiError(code, f"The value `{value}` specified in the parameter `{name}` is not valid.")


def bad_signature() -> ApiError:
    """Seen."""
    return ApiError(
        "AuthFailure.SignatureFailure",
        "The provided credentials could not be validated. Please check your signature is correct.",
    )


def unknown_secret_id() -> ApiError:
    """Seen."""
    return ApiError(
        "AuthFailure.SecretIdNotFound",
        "The SecretId is not found, please ensure that your SecretId is correct.",
    )


def expired_signature(now: int) -> ApiError:
    """Seen; ``now`` is the cloud's Unix time."""
    return ApiError(
        "AuthFailure.SignatureExpire",
        "Signature expired. Please use local time and enable NTP service for time synchronization "
        f"to avoid a deviation between `Timestamp` and the server time {now}.",
    )


def invalid_authorization(why: str) -> ApiError:
    """The Authorization header does not have the form of TC3-HMAC-SHA256."""
    return ApiError("AuthFailure.InvalidAuthorization", f"The header `Authorization` is not valid: {why}.")


def bad_token() -> ApiError:
    """Seen; a temporary key came without its token or too late, or a lasting one with any."""
    return ApiError(
        "AuthFailure.TokenFailure", "Token verification failed, please check if your Token is correct."
    )


def invalid_action(service: str, version: str, action: str) -> ApiError:
    """Seen."""
    return ApiError(
        "InvalidAction",
        f"The request action=`{action}` is invalid or not found "
        f"in service=`{service}` and version=`{version}`.",
    )


def no_such_version(service: str, version: str) -> ApiError:
    """Seen."""
    return ApiError(
        "NoSuchVersion", f"The specified api version=`{version}` does not exist in service=`{service}`."
    )


def no_such_product(service: str) -> ApiError:
    """No service of this name."""
    return ApiError("NoSuchProduct", f"The specified product `{service}` does not exist.")


def action_offline(action: str) -> ApiError:
    """The action existed once."""
    return ApiError("ActionOffline", f"The action `{action}` has been taken offline.")


def unsupported_region(region: str) -> ApiError:
    """No such region, or not for this service."""
    return ApiError("UnsupportedRegion", f"The region `{region}` is not supported.")


def too_many_requests(number: int = 21, limit: int = 20) -> ApiError:
    """Seen; the number of the call in its second, and how many there may be."""
    return ApiError(
        "RequestLimitExceeded",
        f"Your current request times equals to `{number}` in a second, which exceeds the frequency limit "
        f"`{limit}` for a second. Please reduce the frequency of calls.",
    )


def too_large() -> ApiError:
    """A body over 10 MiB, or a request target over 32 KiB."""
    return ApiError("RequestSizeLimitExceeded", "The request exceeds the size limit.")


def not_emulated(what: str) -> ApiError:
    """No code of Tencent's: the real cloud has this and the sandbox has not."""
    return ApiError(
        "UnsupportedOperation.NotEmulated",
        f"The sandbox does not emulate {what}. `drkit sandbox coverage` lists what it does.",
    )
