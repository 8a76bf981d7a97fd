"""Where a request wants to go: the sandbox is a proxy for Tencent's own host names and for nothing else."""

from __future__ import annotations

from urllib.parse import urlsplit

from drkit.sandbox.regions import REGIONS
from drkit.sandbox.wire.message import Answer, plain

DOMAIN = ".tencentcloudapi.com"
LOOPBACK = frozenset({"127.0.0.1", "localhost"})
# What may stand between a service and the domain, besides a region.
INFIXES = frozenset({"internal", "intl"})


class RefusedError(Exception):
    """A request that is not read any further, with the answer to it."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.code)
        self.answer = answer


def split(target: str) -> tuple[str, str, str]:
    """A request target as (authority, path, query); origin form has no authority (RFC 9112, section 3.2).

    Raises:
        RefusedError: it is neither in origin form nor an ``http`` URL.
    """
    if target.startswith("/"):
        path, _, query = target.partition("?")
        return "", path, query
    try:
        parts = urlsplit(target)
        authority = parts.netloc if parts.hostname else ""
    except ValueError:
        authority = ""
    if not authority or parts.scheme != "http":
        raise RefusedError(plain(400, "the request target has to be a path or an http URL"))
    return authority, parts.path or "/", parts.query


def service_of(host: str) -> str | None:
    """The service whose host this is (``cbs.ap-beijing.tencentcloudapi.com`` is one of cbs), or None."""
    name = host.lower().partition(":")[0]
    if not name.endswith(DOMAIN):
        return None
    service, *infixes = name.removesuffix(DOMAIN).split(".")
    known = all(infix in INFIXES or infix in REGIONS for infix in infixes)
    return service if service and known else None


def region_of(host: str) -> str:
    """The region in a host's name, empty where it names none: then the nearest one is asked."""
    parts = host.lower().partition(":")[0].removesuffix(DOMAIN).split(".")
    return next((part for part in parts[1:] if part in REGIONS), "")


def refuse_foreign(authority: str, port: int) -> None:
    """Raise unless a request in absolute form is for Tencent Cloud or for the sandbox itself.

    Raises:
        RefusedError: it is for somebody else.
    """
    name, _, number = authority.lower().partition(":")
    if name in LOOPBACK and number == str(port):
        return
    if service_of(authority) is None or number not in {"", "80"}:
        raise RefusedError(plain(403, "the sandbox is no open proxy: it answers for *.tencentcloudapi.com"))
