"""Where the API is and with which key pair, from the environment; the rules are those of every cloud."""

from __future__ import annotations

from drkit.clouds.tencent import settings
from drkit.clouds.tencent.settings import Endpoint, KeyPair

# The names that AWS's own tools give them.
ENDINGS = ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN")
VARIABLE = "AWS_ENDPOINT_URL"


def key_pair(prefix: str) -> KeyPair:
    """The key pair in ``<prefix>_ACCESS_KEY_ID``, ``<prefix>_SECRET_ACCESS_KEY`` and ``<prefix>_SESSION_TOKEN``.

    Raises:
        UsageError: the id or the key is not there.
    """
    return settings.key_pair(prefix, ENDINGS)


def endpoint() -> Endpoint | None:
    """AWS_ENDPOINT_URL, where it is set; the variables of single services are not read.

    Raises:
        UsageError: it is no URL, or plain http to another machine.
    """
    return settings.endpoint(VARIABLE)


def is_on_this_machine() -> bool:
    """Whether the API that is asked is one on this machine: a sandbox. Raises as `endpoint`."""
    return settings.is_on_this_machine(VARIABLE)
