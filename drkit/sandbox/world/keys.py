"""Key pairs out of the machine's randomness."""

from __future__ import annotations

import secrets
import string

from drkit.sandbox.world.identity import KeyPair

ALPHABET = string.ascii_letters + string.digits
LENGTH = 32


def new_key_pair() -> KeyPair:
    """An id and a key in the form of Tencent Cloud."""
    return KeyPair(f"AKID{random_text()}", random_text())


def random_text() -> str:
    """32 characters for a key."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
