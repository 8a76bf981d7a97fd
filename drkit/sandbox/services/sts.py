"""STS 2018-08-13: who is calling."""

from __future__ import annotations

from typing import Any

from drkit.sandbox.services.table import Actions, Call

ACTIONS = Actions("sts", "2018-08-13")


@ACTIONS.add("GetCallerIdentity", regional=False)
def get_caller_identity(call: Call) -> dict[str, Any]:
    """The identity behind a lasting key of a CAM user, in the form of the action's documented example."""
    owner, user = call.caller.account, call.caller.user
    return {
        "Type": "CAMUser",
        "AccountId": owner,
        "UserId": user,
        "PrincipalId": user,
        "Arn": f"qcs::cam:{owner}:uin/{user}",
    }
