"""From the key that signed a request to the one who calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drkit.sandbox.world.identity import Caller, Kind

if TYPE_CHECKING:
    from datetime import datetime

    from drkit.sandbox.world.identity import Key
    from drkit.sandbox.world.model import Account, World


@dataclass(frozen=True, slots=True)
class Found:
    """A key that exists.

    A temporary one has a token, and a time of the machine's clock when it runs out; a lasting one is ``key``.
    """

    caller: Caller
    secret_key: str
    token: str = ""
    expires: datetime | None = None
    key: Key | None = None

    def admits(self, token: str, now: datetime) -> bool:
        """Whether the token that came with a request is the right one, and the key still good."""
        return token == self.token and (self.expires is None or now < self.expires)


def find(world: World, secret_id: str) -> Found | None:
    """The key of this id; one that is switched off is not found (the API's common error codes)."""
    for account in world.accounts.values():
        identity = account.identity
        if (key := identity.keys.get(secret_id)) and key.active:
            caller = holder(account, key)
            return Found(caller, key.secret_key, key=key) if caller else None
        if temporary := identity.temporary.get(secret_id):
            return Found(temporary.caller, temporary.secret_key, temporary.token, temporary.expires)
    return None


def holder(account: Account, key: Key) -> Caller | None:
    """Whose a lasting key is: the root's, or a user's."""
    if key.user == account.uin:
        return Caller(Kind.ROOT, account.uin, account.uin, "root", key.secret_id)
    user = account.identity.users.get(key.user)
    if user is None:
        return None
    return Caller(
        Kind.USER, account.uin, user.uin, user.name, key.secret_id, mfa=any(user.login_flag.values())
    )
