"""Who asks, in CAM (598/10603, "principal"; 598/10606)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum, auto
from functools import lru_cache
from typing import Any

SEGMENTS = 6


class Kind(IntEnum):
    """What a caller is."""

    NOBODY_SAID = auto()
    ANONYMOUS = auto()
    ROOT = auto()
    USER = auto()
    ROLE = auto()
    SERVICE = auto()
    FEDERATED = auto()


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller.

    Args:
        name: the UIN of a user, a role's name, a service's name, a provider.
        owner: the UIN of its root account; empty where it has none.
        app_id: the APPID of its root account, where it is known.
    """

    kind: Kind
    name: str = ""
    owner: str = ""
    app_id: str = ""

    @property
    def linked(self) -> bool:
        """Whether it is a service-linked role, which no control policy binds (organization pages)."""
        return self.kind is Kind.ROLE and "QCSLinkedRole" in self.name


UNSAID = Caller(Kind.NOBODY_SAID)
ANONYMOUS = Caller(Kind.ANONYMOUS)
NOBODY_NAMES = {"*", "anonymous", "qcs::cam::anonymous:anonymous", "qcs::cam::anyone:anyone"}
SERVICE_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.(qcloud|tencent|tencentcloud|cloud\.tencent)\.com")
ENTITIES = {
    "uin": Kind.USER,
    "federated-user": Kind.USER,
    "roleName": Kind.ROLE,
    "role": Kind.ROLE,
    "assumed-role": Kind.ROLE,
    "saml-provider": Kind.FEDERATED,
    "oidc-provider": Kind.FEDERATED,
}
KINDS = {
    "root": Kind.ROOT,
    "user": Kind.USER,
    "uin": Kind.USER,
    "subuser": Kind.USER,
    "role": Kind.ROLE,
    "service": Kind.SERVICE,
    "federated": Kind.FEDERATED,
}


def caller(raw: Any) -> Caller:
    """The caller that a request names: text, ``{kind: name}``, or ``{"type": kind, …}``.

    Raises:
        ValueError: nobody can tell who that is.
    """
    if raw is None:
        return UNSAID
    if isinstance(raw, str):
        return named(raw)
    if isinstance(raw, Mapping):
        fields = {str(key).lower(): value for key, value in raw.items()}
        made = _of_fields({key: str(value) for key, value in fields.items() if isinstance(value, str | int)})
        app_id = fields.get("app_id", fields.get("appid"))
        return replace(made, app_id=str(app_id)) if isinstance(app_id, str | int) else made
    raise ValueError("the principal is neither a string nor an object")


def _of_fields(fields: Mapping[str, str]) -> Caller:
    kind = fields.get("type", "").lower().replace("_", "").replace("-", "")
    if kind in {"anonymous", "anyone", "*"}:
        return ANONYMOUS
    for key in ("qcs", "principal", "arn", "id", "value", "name"):
        text = fields.get(key, "")
        if text.startswith("qcs:"):
            return named(text)
    for key, known in (("service", Kind.SERVICE), ("federated", Kind.FEDERATED)):
        if key in fields or kind == key:
            return Caller(known, fields.get(key) or fields.get("name") or fields.get("id", ""))
    owner = fields.get("owner_uin") or fields.get("owner") or fields.get("account") or ""
    name = fields.get("name") or fields.get("uin") or fields.get("id") or ""
    if kind == "root":
        owner = owner or name
        return Caller(Kind.ROOT, owner, owner)
    if kind not in KINDS or not name:
        raise ValueError("the principal is not one kind with one name")
    return Caller(KINDS[kind], name, owner)


@lru_cache(maxsize=8192)
def named(text: str) -> Caller:
    """The caller of one text.

    Raises:
        ValueError: it is none.
    """
    if text in NOBODY_NAMES:
        return ANONYMOUS
    if SERVICE_NAME.fullmatch(text):
        return Caller(Kind.SERVICE, text)
    parts = text.split(":")
    if len(parts) < SEGMENTS - 1 or parts[0] != "qcs":
        raise ValueError("the principal is none of CAM")
    owner = parts[-2].removeprefix("uin/")  # GetCallerIdentity writes qcs::cam:OWNER:uin/USER and sts alike
    kind, _, name = parts[-1].partition("/")
    if not owner.isdecimal():
        raise ValueError("the principal does not say whose it is")
    if kind == "root" or (kind == "uin" and name == owner):
        return Caller(Kind.ROOT, owner, owner)
    if kind not in ENTITIES or not name:
        raise ValueError("the principal is none of CAM")
    made = ENTITIES[kind]
    if made is Kind.FEDERATED:
        return Caller(made, text)
    return Caller(made, name.partition("/")[0] if kind == "assumed-role" else name, owner)
