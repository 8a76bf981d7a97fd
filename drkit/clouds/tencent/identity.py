"""Security Token Service, API 2018-08-13: who a key pair belongs to; and what that user could destroy."""

from __future__ import annotations

from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.fields import text
from drkit.clouds.tencent.retry import Caller as ApiCaller
from drkit.clouds.tencent.rights import rights_of
from drkit.ports.errors import UncertainError
from drkit.ports.identity import Caller, Rights

GET_CALLER_IDENTITY = Call(
    "sts", "2018-08-13", "GetCallerIdentity", powers=(Power.LOOK, Power.MAKE, Power.DESTROY)
)


class TencentIdentity:
    """The identity port."""

    def __init__(self, caller: ApiCaller) -> None:
        self._caller = caller

    def caller(self) -> Caller:
        """GetCallerIdentity."""
        answer = self._caller.call(GET_CALLER_IDENTITY, {})
        caller = Caller(account=text(answer, "AccountId"), principal=text(answer, "Arn"))
        if not caller.account:
            raise UncertainError("sts:GetCallerIdentity: the answer names no account", code="Garbled")
        return caller

    def rights_of(self, caller: Caller) -> Rights:
        """By the policies attached to a user; see `drkit.clouds.tencent.rights`."""
        return rights_of(self._caller, caller)
