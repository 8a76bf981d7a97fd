"""One way to write data down, so that the same data has the same hash everywhere."""

from __future__ import annotations

import hashlib
from typing import Any


def canonical(data: Any) -> bytes:
    """RFC 8785 canonical JSON.

    Raises:
        rfc8785.CanonicalizationError: the data is not JSON (a float NaN, an integer beyond 2^53).
    """
    import rfc8785  # only what hashes pays for it

    return rfc8785.dumps(data)


def digest(data: Any) -> str:
    """sha256 over canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(data)).hexdigest()
