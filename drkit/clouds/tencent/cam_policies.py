"""Cloud Access Management, API 2019-01-16: the policies of an account with all their texts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from drkit.clouds.tencent.cam_lists import clean, identifier, read_pages, unless_refused
from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.fields import items_of, text
from drkit.clouds.tencent.retry import Caller
from drkit.clouds.tencent.rights import GET_POLICY
from drkit.clouds.tencent.times import moment
from drkit.ports.errors import CloudError, UncertainError
from drkit.ports.identities import Attachment, Origin, Policy, Version
from drkit.ports.unread import Unread

VERSION = "2019-01-16"
LIST_POLICIES = Call("cam", VERSION, "ListPolicies", powers=(Power.LOOK,))
LIST_POLICY_VERSIONS = Call("cam", VERSION, "ListPolicyVersions", powers=(Power.LOOK,))
GET_POLICY_VERSION = Call("cam", VERSION, "GetPolicyVersion", powers=(Power.LOOK,))
PRESET = 2  # of GetPolicy's Type
LONGEST = 65_536  # characters; a policy has 6,144 (598/10609), a preset more


def read_policies(api: Caller, attached: Iterable[str]) -> tuple[Policy, ...]:
    """Every policy that somebody of the account wrote, and every other one that is attached or limits.

    Args:
        api: makes the calls.
        attached: the ids of policies that somebody has.

    Raises:
        CloudError: they cannot be listed. One that cannot be read alone is Unread in itself.
    """
    names: dict[str, str] = {}
    for item in read_pages(api, LIST_POLICIES, "List", "PolicyId", {"Scope": "Local"}):
        names[identifier(item, "PolicyId")] = text(item, "PolicyName")
    wanted = {**dict.fromkeys(each for each in attached if each not in names), **names}
    return tuple(
        _policy(api, id_, names.get(id_)) for id_ in sorted(wanted, key=lambda each: (len(each), each))
    )


def _policy(api: Caller, id_: str, listed: str | None) -> Policy:
    """One policy; ``listed`` is its name where it is of the account's own."""
    origin = Origin.PRESET if listed is None else Origin.CUSTOM
    if not (id_.isascii() and id_.isdecimal()):
        unread = Unread(f"{GET_POLICY}: a policy has no id that is a number")
        return Policy(id_, listed or id_, origin, "", unread, unread)
    try:
        answer = api.call(GET_POLICY, {"PolicyId": int(id_)})
    except CloudError as error:
        unread = Unread(error.message)
        return Policy(id_, listed or id_, origin, "", unread, unread)
    if answer.get("Type") == PRESET:
        origin = Origin.PRESET
    number, others = _versions(api, id_) if origin is Origin.CUSTOM else ("", ())
    return Policy(
        id_,
        text(answer, "PolicyName") or listed or id_,
        origin,
        number,
        _document(answer, "PolicyDocument"),
        others,
        moment("cam", "Policy", "AddTime", answer),
        moment("cam", "Policy", "UpdateTime", answer),
    )


def _document(answer: dict[str, Any], field: str) -> str | Unread:
    value = answer.get(field)
    if not isinstance(value, str):
        return Unread("the answer holds no document")
    return (
        clean(value) if len(value) <= LONGEST else Unread(f"the document is longer than {LONGEST} characters")
    )


def _versions(api: Caller, id_: str) -> tuple[str, tuple[Version, ...] | Unread]:
    """The version in force, and the texts of the others."""
    listed = unless_refused(lambda: _listed(api, id_))
    if isinstance(listed, Unread):
        return "", listed
    numbers = [(identifier(item, "VersionId"), item.get("IsDefaultVersion")) for item in listed]
    force = next((number for number, default in numbers if default == 1), "")
    return force, tuple(_version(api, id_, number) for number, default in numbers if default != 1)


def _listed(api: Caller, id_: str) -> list[dict[str, Any]]:
    answer = api.call(LIST_POLICY_VERSIONS, {"PolicyId": int(id_)})
    listed = items_of(answer, "Versions")
    if not listed or not all(identifier(item, "VersionId").isdecimal() for item in listed):
        raise UncertainError(f"{LIST_POLICY_VERSIONS}: the answer has no versions", code="Garbled")
    return listed


def _version(api: Caller, id_: str, number: str) -> Version:
    def read() -> str | Unread:
        answer = api.call(GET_POLICY_VERSION, {"PolicyId": int(id_), "VersionId": int(number)})
        inner = answer.get("PolicyVersion")
        return _document(inner if isinstance(inner, dict) else {}, "Document")

    return Version(number, unless_refused(read))


def attachments(items: Iterable[dict[str, Any]]) -> tuple[Attachment, ...]:
    """What a list of attached policies says."""
    return tuple(
        Attachment(identifier(item, "PolicyId"), moment("cam", "Attachment", "AddTime", item))
        for item in items
    )
