"""Whether the caller may make a call: the world's policies put before the pure rules of `enforcement`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from drkit.sandbox.circumstances import circumstances
from drkit.sandbox.enforcement import known
from drkit.sandbox.enforcement.documents import PolicyError, parse
from drkit.sandbox.enforcement.evaluate import Asked, Rights, permitted
from drkit.sandbox.enforcement.patterns import EVERYTHING, Owner
from drkit.sandbox.wire.errors import ApiError, not_emulated
from drkit.sandbox.world.identity import Kind

if TYPE_CHECKING:
    from drkit.sandbox.enforcement.documents import Policy
    from drkit.sandbox.services.table import Call, Touch
    from drkit.sandbox.world.identity import Caller, Holder, Identity
    from drkit.sandbox.world.model import Account

ROOT = parse('{"version":"2.0","statement":{"effect":"allow","action":"*","resource":"*"}}')


def concerned(call: Call, touches: Sequence[Touch]) -> list[str]:
    """What a call is about, in six segments each."""
    return [whole(call, one) for touch in touches for one in touch(call)]


def authorise(call: Call, named: Sequence[str]) -> None:
    """Raise unless the policies of the caller let it make this call.

    Args:
        call: the call.
        named: what it is about, in six segments each.

    Raises:
        ApiError: UnauthorizedOperation or AuthFailure.UnauthorizedOperation.
    """
    rights = rights_of(call.account, call.caller)
    owner = owner_of(call.account, call.caller)
    names = known.names(call.service, call.action)
    denied: list[str] = []
    for resources in readings(call, named):
        denied = [
            one
            for one in resources
            if not permitted(rights, Asked(names, one, owner, circumstances(call, one)))
        ]
        if not denied:
            return
    raise refusal(call, names[0], denied)


def may(call: Call, service: str, action: str, resource: str = EVERYTHING) -> bool:
    """Whether the caller of a call has a further right that the call needs."""
    asked = replace(call, service=service, action=action)
    rights, owner = rights_of(call.account, call.caller), owner_of(call.account, call.caller)
    return permitted(
        rights, Asked(known.names(service, action), resource, owner, circumstances(asked, resource))
    )


def readings(call: Call, named: Sequence[str]) -> Iterable[Sequence[str]]:
    """What CAM is passed for this call; several lists where the level of the action is unknown or disputed.

    An operation-level action is passed ``*`` (213/77373), a resource-level one each thing it names, or everything
    of its region where nobody knows what it names.
    """
    level = known.level(call.service, call.action)
    if "o" in level:
        yield [EVERYTHING]
    if "r" in level:
        yield named or [whole(call, EVERYTHING)]


def whole(call: Call, resource: str) -> str:
    """A resource in six segments; ``type/id`` is one of the caller's, in the region of the call."""
    if resource.startswith("qcs:"):
        return resource
    service = known.PREFIXES.get(call.service, call.service)
    region = call.region if call.regional else ""
    return f"qcs::{service}:{region}:uin/{call.caller.account}:{resource}"


def rights_of(account: Account, caller: Caller) -> Rights:
    """What a caller has; a boundary and a session policy limit it."""
    identity = account.identity
    session = () if caller.session_policy is None else (parse(caller.session_policy),)
    if caller.user == account.uin:
        return Rights((ROOT,), session)
    holder: Holder | None
    if caller.kind is Kind.ROLE:
        holder = identity.role_by_id(caller.user)
        attached = list(holder.policies) if holder else []
    else:
        holder = identity.users.get(caller.user)
        groups = identity.groups_of(caller.user)
        attached = [one for each in (holder, *groups) if each for one in each.policies]
    boundary = [] if holder is None or holder.boundary is None else [holder.boundary]
    return Rights(tuple(policies(identity, attached)), (*policies(identity, boundary), *session))


def policies(identity: Identity, ids: Iterable[int]) -> list[Policy]:
    """The policies of these ids, parsed; the texts are the keys of a cache.

    Raises:
        ApiError: what one of them grants or forbids cannot be told. No client puts such a policy here, but a
            state that was loaded may hold one.
    """
    texts = ((one, identity.document(one)) for one in ids)
    return [legible(number, text) for number, text in texts if text is not None]


def legible(number: int, text: str) -> Policy:
    """A policy, parsed.

    Raises:
        ApiError: it is none that the sandbox understands.
    """
    try:
        return parse(text)
    except PolicyError as error:
        raise not_emulated(f"the policy {number} of the caller: {error}") from None


def owner_of(account: Account, caller: Caller) -> Owner:
    """Whose policies they are, and what their variables stand for (598/10606)."""
    variables = {"uin": caller.user, "owner_uin": account.uin, "app_id": str(account.app_id)}
    return Owner(account.uin, str(account.app_id), variables)


def refusal(call: Call, action: str, denied: Sequence[str]) -> ApiError:
    """The error; its words were seen with several services, the code where an action documents one."""
    lines = "".join(f"resource ({one}) has no permission\n" for one in denied)
    message = f"[request id:{call.request_id}]you are not authorized to perform operation ({action})\n{lines}"
    return ApiError(known.denied_code(call.service, call.action), message)
