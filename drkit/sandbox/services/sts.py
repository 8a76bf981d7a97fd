"""STS 2018-08-13: who is calling, and credentials that run out."""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from drkit.sandbox.enforcement.documents import PolicyError, parse
from drkit.sandbox.services.cam_documents import LONGEST
from drkit.sandbox.services.table import Actions, Call
from drkit.sandbox.services.trust import trusts
from drkit.sandbox.wire import errors
from drkit.sandbox.wire.errors import ApiError
from drkit.sandbox.world.clock import zulu
from drkit.sandbox.world.identity import Caller, Kind, Temporary
from drkit.sandbox.world.keys import new_key_pair

if TYPE_CHECKING:
    from drkit.sandbox.world.identity import Role
    from drkit.sandbox.world.model import Account

ACTIONS = Actions("sts", "2018-08-13")

ROLE_ARN = re.compile(r"qcs::cam::uin/([0-9]+):role(Name)?/([\w+=,.@-]+)")
SESSION = re.compile(r"[\w+=,.@-]{2,128}")
NAME = re.compile(r"[A-Za-z]+")
ROLE_SESSION = 7200  # seconds of a session unless told (1312/48197)
LONGEST_SESSION = 43200
FEDERATION = 1800  # seconds of a federated user's credential unless told (1312/48195)
LONGEST_OF_ROOT = 7200
LONGEST_OF_USER = 129600


@ACTIONS.add("GetCallerIdentity", regional=False)
def get_caller_identity(call: Call) -> dict[str, Any]:
    """The identity behind the key, in the forms of the action's documented examples."""
    caller = call.caller
    owner, user = caller.account, caller.user
    if caller.kind is Kind.ROLE:
        arn = f"qcs::sts:{owner}:assumed-role/{user}"
        return shown_identity("CAMRole", owner, f"{user}:{caller.session}", caller.principal, arn)
    if caller.kind is Kind.FEDERATED:
        arn = f"qcs::sts:{owner}:federated-user/{user}"
        return shown_identity("CAMUser", owner, f"{user}:{caller.session}", user, arn)
    return shown_identity("CAMUser", owner, user, user, f"qcs::cam:{owner}:uin/{user}")


def shown_identity(kind: str, account: str, user: str, principal: str, arn: str) -> dict[str, Any]:
    """The answer of GetCallerIdentity."""
    return {"Type": kind, "AccountId": account, "UserId": user, "PrincipalId": principal, "Arn": arn}


def role_of_call(call: Call) -> list[str]:
    """The role that a call is about, by its name, which is the form that policies use; it need not exist."""
    form = role_form(call)
    role = role_of(call, form)
    return [f"qcs::cam::uin/{form[1]}:roleName/{role.name if role else form[3]}"]


@ACTIONS.add("AssumeRole", regional=False, resources=(role_of_call,))
def assume_role(call: Call) -> dict[str, Any]:
    """A credential of a role, for a caller whom the role trusts; who may call is checked before.

    Source: 1312/48197.
    """
    for unavailable in ("SerialNumber", "TokenCode", "SourceIdentity", "Tags"):
        if call.given(unavailable):
            raise errors.not_emulated(f"the parameter `{unavailable}` of AssumeRole")
    session: str = call.given("RoleSessionName")
    if not SESSION.fullmatch(session):
        raise errors.wrong_value("RoleSessionName", session, "InvalidParameter.ParamError")
    account, role = find_role(call)
    if not trusts(role.trust, call):
        raise ApiError("UnauthorizedOperation", f"The role `{role.name}` does not trust the caller.")
    seconds = duration(call, ROLE_SESSION, min(LONGEST_SESSION, max(ROLE_SESSION, role.duration)))
    caller = Caller(
        Kind.ROLE,
        account.uin,
        role.id,
        role.name,
        secret_id="",
        session=session,
        session_policy=session_policy(call),
        principal=call.caller.principal or call.caller.user,
    )
    return issue(account, caller, call.wall, seconds)


def find_role(call: Call) -> tuple[Account, Role]:
    """The role that is asked for and its account.

    Raises:
        ApiError: there is none.
    """
    form = role_form(call)
    role = role_of(call, form)
    if role is None:
        raise ApiError("ResourceNotFound.RoleNotFound", f"The role `{form[0]}` is not found.")
    return call.world.accounts[form[1]], role


def role_form(call: Call) -> re.Match[str]:
    """The parts of ``RoleArn``: all of it, the account, whether it is a name, and the name or id.

    Raises:
        ApiError: it names no role.
    """
    arn: str = call.given("RoleArn")
    form = ROLE_ARN.fullmatch(arn)
    if form is None:
        raise errors.wrong_value("RoleArn", arn, "InvalidParameter.ParamError")
    return form


def role_of(call: Call, form: re.Match[str]) -> Role | None:
    """The role of these parts, None where there is none."""
    account = call.world.accounts.get(form[1])
    if account is None:
        return None
    identity = account.identity
    return identity.roles.get(form[3]) if form[2] else identity.role_by_id(form[3])


@ACTIONS.add("GetFederationToken", regional=False)
def get_federation_token(call: Call) -> dict[str, Any]:
    """A credential of the caller's own, limited by a policy.

    Source: 1312/48195.
    """
    name: str = call.given("Name")
    if not NAME.fullmatch(name):
        raise errors.wrong_value("Name", name, "InvalidParameter.ParamError")
    if call.caller.kind not in {Kind.ROOT, Kind.USER}:
        raise ApiError("UnsupportedOperation", "A temporary credential cannot ask for another.")
    longest = LONGEST_OF_ROOT if call.caller.kind is Kind.ROOT else LONGEST_OF_USER
    caller = Caller(
        Kind.FEDERATED,
        call.caller.account,
        call.caller.user,
        call.caller.name,
        secret_id="",
        session=name,
        session_policy=session_policy(call),
        principal=call.caller.user,
    )
    return issue(call.account, caller, call.wall, duration(call, FEDERATION, longest))


def duration(call: Call, default: int, longest: int) -> int:
    """How many seconds the credential is good for."""
    seconds: int = call.given("DurationSeconds", default)
    if not 1 <= seconds <= longest:
        raise errors.wrong_value("DurationSeconds", seconds, "InvalidParameter.OverTimeError")
    return seconds


def session_policy(call: Call) -> str | None:
    """The policy that limits the credential; it comes URL-encoded.

    Raises:
        ApiError: it is no policy.
    """
    given = call.given("Policy")
    if given is None:
        return None
    text = unquote(given)
    if len(text) > LONGEST:
        raise ApiError("InvalidParameter.PolicyTooLong", f"The policy has more than {LONGEST} characters.")
    try:
        parse(text)
    except PolicyError as error:
        if error.part == "permid":
            raise errors.not_emulated("actions by `permid`") from None
        code = "StrategyFormatError" if error.part == "document" else "StrategyInvalid"
        raise ApiError(f"InvalidParameter.{code}", f"The policy is not valid: {error}.") from None
    return text


def issue(account: Account, caller: Caller, now: datetime, seconds: int) -> dict[str, Any]:
    """Make a credential that the machine's clock ends, and show it."""
    pair, token = new_key_pair(), secrets.token_urlsafe(48)
    expires = (now + timedelta(seconds=seconds)).replace(microsecond=0)
    held = account.identity.temporary
    for secret_id in [one for one, each in held.items() if each.expires <= now]:
        del held[secret_id]
    found = replace(caller, secret_id=pair.secret_id)
    held[pair.secret_id] = Temporary(pair.secret_key, token, expires, found)
    return {
        "Credentials": {"Token": token, "TmpSecretId": pair.secret_id, "TmpSecretKey": pair.secret_key},
        "ExpiredTime": int(expires.timestamp()),
        "Expiration": zulu(expires),
    }
