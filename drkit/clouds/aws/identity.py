"""Security Token Service, API 2011-06-15: who a key pair belongs to."""

from __future__ import annotations

from drkit.clouds.aws.client import garbled
from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.fields import text
from drkit.clouds.tencent.retry import Caller as ApiCaller
from drkit.ports.identity import Caller, Danger, Rights

GET_CALLER_IDENTITY = Call(
    "sts", "2011-06-15", "GetCallerIdentity", powers=(Power.LOOK, Power.MAKE, Power.DESTROY)
)


class AwsIdentity:
    """The identity port.

    Args:
        home: a region of the account's partition; STS has an endpoint in each.
    """

    def __init__(self, caller: ApiCaller, home: str) -> None:
        self._caller = caller
        self._home = home

    def caller(self) -> Caller:
        """GetCallerIdentity."""
        call = GET_CALLER_IDENTITY.at(self._home)
        answer = self._caller.call(call, {})
        caller = Caller(account=text(answer, "Account"), principal=text(answer, "Arn"))
        if not caller.account:
            raise garbled(call, "the answer names no account")
        return caller

    def rights_of(self, caller: Caller) -> Rights:
        """Everything for the root; of anybody else it is not known: drkit does not read policies of IAM yet."""
        if caller.principal.endswith(f"::{caller.account}:root"):
            return Rights((Danger("", "*", "everything: it is the root of the account"),), ())
        return Rights((), (f"drkit does not read the policies of {caller.principal}: IAM is not read yet",))
