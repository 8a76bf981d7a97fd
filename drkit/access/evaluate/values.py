"""Values of conditions as what they mean; None where a text is no such value.

Each is cached: the values of policies and requests repeat.
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

LONGEST_NUMBER = 400
SECONDS_IN_REACH = 253_402_300_799  # the last second of the year 9999


def text_of(value: object) -> str:
    """A JSON value as policies compare it: ``true``, ``1``, ``1.5``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


@lru_cache(maxsize=4096)
def number(text: str) -> Decimal | None:
    """A number; not infinite."""
    if len(text) > LONGEST_NUMBER:
        return None
    try:
        made = Decimal(text.strip())
    except InvalidOperation:
        return None
    return made if made.is_finite() else None


@lru_cache(maxsize=4096)
def moment(text: str) -> datetime | None:
    """A time: ISO 8601, UTC where it names no zone (598/10608), or seconds since 1970 (AWS)."""
    text = text.strip()
    try:
        if text.isdecimal():
            return datetime.fromtimestamp(int(text), UTC) if len(text) <= len(str(SECONDS_IN_REACH)) else None
        made = datetime.fromisoformat(text.replace("T ", "T"))
    except (ValueError, OverflowError, OSError):
        return None
    return made if made.tzinfo else made.replace(tzinfo=UTC)


@lru_cache(maxsize=4096)
def address(text: str) -> IPv4Address | IPv6Address | None:
    """One IP address."""
    try:
        return ip_address(text.strip())
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def network(text: str) -> IPv4Network | IPv6Network | None:
    """A range of IP addresses; bits of the host are ignored (598/10608 writes ``10.217.182.3/24``)."""
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def truth(text: str) -> bool | None:
    """``true`` or ``false``, in any case."""
    return {"true": True, "false": False}.get(text.strip().lower())


@lru_cache(maxsize=4096)
def truth_or_figure(text: str) -> bool | None:
    """The same for CAM, whose second factor is 1 or 0 as well (598/10608)."""
    return {"1": True, "0": False}.get(text.strip(), truth(text))


@lru_cache(maxsize=4096)
def binary(text: str) -> bytes | None:
    """Bytes in base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
