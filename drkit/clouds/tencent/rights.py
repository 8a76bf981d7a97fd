"""Cloud Access Management, API 2019-01-16: what the policies of a user could let him destroy.

A small reader that errs on one side: conditions count as met, denies and permission boundaries as absent,
resources as everything. So what it calls dangerous may be harmless, and what it cannot read is said.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.dangers import first_danger, harmless
from drkit.clouds.tencent.fields import items_of, text
from drkit.clouds.tencent.retry import Caller as ApiCaller
from drkit.ports.errors import CloudError, UncertainError
from drkit.ports.identity import Caller, Danger, Rights

VERSION = "2019-01-16"
LIST_POLICIES = Call("cam", VERSION, "ListAttachedUserAllPolicies", powers=(Power.LOOK,))
GET_POLICY = Call("cam", VERSION, "GetPolicy", powers=(Power.LOOK,))
# The two forms in which the documentation writes a user (GetCallerIdentity, and elsewhere).
USER = re.compile(r"qcs::cam:(?::uin/)?(?P<owner>[0-9]*):uin/(?P<user>[0-9]+)")
PAGE, MOST_PAGES = (
    200,
    200,
)  # the greatest Rp and Page of ListAttachedUserAllPolicies (api.json of tccli 3.1.189.1)


def rights_of(api: ApiCaller, caller: Caller) -> Rights:
    """What the policies that are attached to a user, by himself or by his groups, could let him destroy.

    Raises:
        CloudError, AccountError: they cannot be listed.
    """
    match = USER.fullmatch(caller.principal)
    if match is None:
        return Rights((), (f"{caller.principal} is no user, and only policies of users are read",))
    user = match["user"]
    if user == caller.account:
        return Rights((Danger("", "*", "everything: it is the root account"),), ())
    dangers: list[Danger] = []
    unread: list[str] = []
    for id_, name in _attached(api, user):
        try:
            read = read_policy(name, _document(api, id_))
        except CloudError as error:
            unread.append(f"the policy {name}: {error.message}")
            continue
        dangers += read.dangers
        unread += read.unread
    return Rights(tuple(dangers), tuple(unread))


def _attached(api: ApiCaller, user: str) -> list[tuple[str, str]]:
    """The id and the name of every policy that is attached to a user, read whole or not at all."""
    found: dict[str, str] = {}
    for page in range(1, MOST_PAGES + 1):
        wanted = {"TargetUin": int(user), "Rp": PAGE, "Page": page, "AttachType": 0}
        answer = api.call(LIST_POLICIES, wanted)
        total, listed = answer.get("TotalNum"), items_of(answer, "PolicyList")
        if not isinstance(total, int):
            raise UncertainError(f"{LIST_POLICIES}: the answer has no TotalNum", code="Garbled")
        found |= {text(item, "PolicyId"): text(item, "PolicyName") for item in listed}
        if len(found) >= total:
            return sorted(found.items())
        if not listed:
            break
    raise UncertainError(f"{LIST_POLICIES}: the list has not as many policies as it says", code="Garbled")


def _document(api: ApiCaller, id_: str) -> str:
    if not re.fullmatch("[0-9]{1,18}", id_):
        raise UncertainError(f"{GET_POLICY}: a policy has no id that is a number", code="Garbled")
    document = api.call(GET_POLICY, {"PolicyId": int(id_)}).get("PolicyDocument")
    if not isinstance(document, str):
        raise UncertainError(f"{GET_POLICY}: the answer holds no document", code="Garbled")
    return document


def read_policy(name: str, document: str) -> Rights:
    """The dangers of one policy document (grammar: 598/10604), and what of it cannot be read."""
    try:
        whole = _lower(json.loads(document))
        statements = _listed(whole["statement"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return Rights((), (f"the policy {name} is no policy document",))
    dangers: dict[str, Danger] = {}
    unread: dict[str, None] = {}
    for effect, pattern in _patterns(statements):
        if effect == "deny":
            continue
        if effect != "allow" or not isinstance(pattern, str) or pattern.startswith("permid/"):
            told = pattern if isinstance(pattern, str) else "a statement"
            unread[f"the policy {name}: {told} cannot be understood"] = None
        elif action := first_danger(pattern):
            dangers.setdefault(pattern, Danger(name, pattern, action))
        elif not harmless(pattern):
            unread[f"the policy {name}: it is not known whether {pattern} can destroy"] = None
    return Rights(tuple(dangers.values()), tuple(unread))


def _patterns(statements: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """Each statement's effect with each of its action patterns; None for what is not there."""
    for statement in statements:
        if not isinstance(statement, dict):
            yield None, None
            continue
        fields = _lower(statement)
        effect = fields.get("effect")
        effect = effect.lower() if isinstance(effect, str) else None
        for pattern in _listed(fields.get("action")) or [None]:
            yield effect, pattern


def _lower(fields: Any) -> dict[str, Any]:
    """The same fields under names in lower case; policies with capitals occur.

    Raises:
        TypeError: it is no object.
    """
    if not isinstance(fields, dict):
        raise TypeError("not an object")
    return {name.lower(): value for name, value in fields.items()}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
