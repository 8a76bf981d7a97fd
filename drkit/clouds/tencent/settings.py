"""Where the API is and with which key pair, from the environment."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from drkit.core.errors import UsageError

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
DEFAULT_TIMEOUT = 20
PRINTABLE = re.compile(r"[!-~]*")
ENDINGS = ("SECRET_ID", "SECRET_KEY", "TOKEN")
VARIABLE = "DRKIT_TENCENT_ENDPOINT"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """One credential; the key and token never show in a representation."""

    id: str
    key: str = field(repr=False)
    token: str | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Another place for the API than Tencent's own.

    Args:
        scheme: http or https.
        host: the host with its port.
    """

    scheme: str
    host: str


def key_pair(prefix: str, endings: tuple[str, str, str] = ENDINGS) -> KeyPair:
    """The key pair in ``<prefix>_SECRET_ID``, ``<prefix>_SECRET_KEY`` and ``<prefix>_TOKEN``.

    Args:
        prefix: of the variables.
        endings: of the variables of the id, the key and the token; those of Tencent Cloud, unless said.

    Raises:
        UsageError: the id or the key is not there.
    """
    names = tuple(f"{prefix}_{ending}" for ending in endings)
    id_, key, token = (os.environ.get(name, "") for name in names)
    missing = [name for name, value in zip(names, (id_, key), strict=False) if not value]
    if missing:
        raise UsageError(
            f"no credential: {' and '.join(missing)} not set",
            hint='export them, or try the sandbox: drkit sandbox up --detach; eval "$(drkit sandbox env)"',
        )
    for name, value in zip(names, (id_, key, token), strict=True):
        # Never quoted: what stands there is a secret. A line end from a file is the usual case.
        if not PRINTABLE.fullmatch(value):
            raise UsageError(
                f"{name} holds something that no key has: a space, a line end or a character beyond ASCII",
                hint="export it again without that",
            )
    return KeyPair(id_, key, token or None)


def endpoint(variable: str = VARIABLE) -> Endpoint | None:
    """What the variable holds, where it is set.

    Raises:
        UsageError: it is no URL, or plain http to another machine.
    """
    text = os.environ.get(variable, "")
    if not text:
        return None
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - asked for, because only asking tells that it is no number
    except ValueError:
        raise UsageError(f"{variable} is not a URL", hint="write http://127.0.0.1:PORT") from None
    if "@" in parts.netloc:
        raise UsageError(f"{variable} has a user or a password in it", hint="leave it out")
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"}:
        raise UsageError(f"{variable} is not a URL of a host: {text!r}", hint="write http://127.0.0.1:PORT")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise UsageError(
            f"{variable} would speak plain http to {parts.hostname}",
            hint="plain http is for this machine alone; use https",
        )
    return Endpoint(parts.scheme, parts.netloc)


def is_on_this_machine(variable: str = VARIABLE) -> bool:
    """Whether the API that is asked is one on this machine: a sandbox. Raises as `endpoint`."""
    found = endpoint(variable)
    return found is not None and urlsplit(f"//{found.host}").hostname in LOOPBACK


def timeout() -> int:
    """Seconds to wait for an answer: DRKIT_TIMEOUT, or 20.

    Raises:
        UsageError: it is no whole number of seconds between 1 and 600.
    """
    text = os.environ.get("DRKIT_TIMEOUT", str(DEFAULT_TIMEOUT))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 600:  # noqa: PLR2004 - ten minutes
        raise UsageError(f"DRKIT_TIMEOUT is not a number of seconds from 1 to 600: {text!r}")
    return int(text)
