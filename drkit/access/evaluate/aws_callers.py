"""Who asks, in AWS: from an ARN, an account, or ``{"Service": …}`` (reference_policies_elements_principal)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, auto
from functools import lru_cache
from typing import Any

ACCOUNT = re.compile(r"\d{12}")
ARN_PARTS = 6


class Kind(IntEnum):
    """What a caller is."""

    NOBODY_SAID = auto()
    ANONYMOUS = auto()
    ROOT = auto()
    USER = auto()
    ROLE = auto()  # a session of the role, nobody said which
    SESSION = auto()
    FEDERATED_USER = auto()
    SERVICE = auto()
    FEDERATED = auto()
    CANONICAL = auto()


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller.

    Args:
        name: the ARN, the service's name, the provider.
        account: empty where it has none.
        role: for a session its role's name, for a role its path and name.
    """

    kind: Kind
    name: str = ""
    account: str = ""
    role: str = ""

    @property
    def linked(self) -> bool:
        """Whether it is a service-linked role, which no organization's policy binds."""
        return self.role.startswith(("aws-service-role/", "AWSServiceRoleFor"))


ANONYMOUS = Caller(Kind.ANONYMOUS)
UNSAID = Caller(Kind.NOBODY_SAID)
KINDS = {"service": Kind.SERVICE, "federated": Kind.FEDERATED, "canonicaluser": Kind.CANONICAL}
SERVICE_NAME = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?")
ENTITIES = {
    "root": Kind.ROOT,
    "user": Kind.USER,
    "role": Kind.ROLE,
    "assumed-role": Kind.SESSION,
    "federated-user": Kind.FEDERATED_USER,
    "saml-provider": Kind.FEDERATED,
    "oidc-provider": Kind.FEDERATED,
}
VALUES = ("arn", "id", "value", "name", "principal", "account")


def caller(raw: Any) -> Caller:
    """The caller that a request names: text, ``{kind: name}`` or ``{"type": kind, "arn" or "id" or …: name}``.

    Raises:
        ValueError: nobody can tell who that is.
    """
    if raw is None:
        return UNSAID
    if isinstance(raw, str):
        return _named(raw)
    if isinstance(raw, Mapping):
        return _of_mapping({str(key).lower(): value for key, value in raw.items()})
    raise ValueError("the principal is neither a string nor an object")


def _of_mapping(raw: Mapping[str, Any]) -> Caller:
    kind = raw.get("type")
    if isinstance(kind, str):
        names = [raw[key] for key in (kind.lower(), *VALUES) if isinstance(raw.get(key), str)]
        kind = kind.lower().replace("_", "").replace("-", "").removesuffix("principal")
        if kind in {"anonymous", "*", "everyone", "public"}:
            return ANONYMOUS
    else:
        kinds = [key for key in raw if key in KINDS or key in {"aws", "*"}]
        if len(kinds) != 1 or not isinstance(raw[kinds[0]], str):
            raise ValueError("the principal is not one kind with one name")
        kind, names = kinds[0], [raw[kinds[0]]]
    if not names:
        raise ValueError("the principal has no name")
    if kind in KINDS:
        return Caller(KINDS[kind], names[0])
    return _named(names[0])


@lru_cache(maxsize=8192)
def _named(text: str) -> Caller:
    """The caller of one text."""
    if text.lower() in {"*", "anonymous"}:
        return ANONYMOUS
    if ACCOUNT.fullmatch(text):
        return Caller(Kind.ROOT, f"arn:aws:iam::{text}:root", text)
    parts = text.split(":", ARN_PARTS - 1)
    if len(parts) == ARN_PARTS and parts[0] == "arn":
        return _of_arn(text, parts[4], parts[5])
    if SERVICE_NAME.fullmatch(text):
        return Caller(Kind.SERVICE, text)
    raise ValueError("the principal is no ARN, account or service")


def _of_arn(text: str, account: str, resource: str) -> Caller:
    kind, _, rest = resource.partition("/")
    if kind not in ENTITIES:
        raise ValueError("the principal's ARN is none of a caller")
    if kind == "assumed-role":
        rest = rest.partition("/")[0]
    made = ENTITIES[kind]
    return Caller(made, text, account, rest if made in {Kind.ROLE, Kind.SESSION} else "")
