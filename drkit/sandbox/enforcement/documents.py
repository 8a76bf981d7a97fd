"""Policy documents: JSON text in, statements out.

Source: the grammar of policies (598/10604).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drkit.sandbox.enforcement.conditions import Condition, operator
from drkit.sandbox.enforcement.patterns import EVERYTHING, SEGMENTS

VERSION = "2.0"


class PolicyError(Exception):
    """A document that is no policy; ``part`` is the element that is wrong, such as ``effect``."""

    def __init__(self, part: str, why: str) -> None:
        super().__init__(f"{part}: {why}")
        self.part = part
        self.why = why


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; ``principals`` maps a kind (``qcs``, ``service``, ``federated``) to names."""

    allow: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...]
    principals: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """A parsed document; `parse` gives the same one for the same text, so it is told apart by identity."""

    statements: tuple[Statement, ...]


@functools.lru_cache(maxsize=8192)
def parse(text: str) -> Policy:
    """An identity policy, a boundary or a session policy.

    Raises:
        PolicyError: the text is none.
    """
    return Policy(tuple(statement(one, {}) for one in statements_of(load(text))))


@functools.lru_cache(maxsize=8192)
def parse_trust(text: str) -> Policy:
    """The document that says who may assume a role; it has principals, and no resources.

    Raises:
        PolicyError: the text is none.
    """
    document = load(text)
    above = principals_of(document["principal"]) if "principal" in document else {}
    parsed = tuple(statement(one, above, trust=True) for one in statements_of(document))
    if not all(one.principals for one in parsed):
        raise PolicyError("principal", "a statement says not whom it trusts")
    return Policy(parsed)


def load(text: str) -> dict[str, Any]:
    """The JSON object of a document, with version 2.0."""
    try:
        document = json.loads(text, parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        raise PolicyError("document", "it is not JSON") from None
    if not isinstance(document, dict):
        raise PolicyError("document", "it is not an object")
    if unknown := set(document) - {"version", "statement", "principal"}:
        raise PolicyError("document", f"unknown element {min(unknown)}")
    if document.get("version") != VERSION:
        raise PolicyError("version", "it is not 2.0")
    return document


def refuse_constant(name: str) -> None:
    """Python reads ``NaN`` and ``Infinity``, which JSON does not have.

    Raises:
        ValueError: always.
    """
    raise ValueError(name)


def statements_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The statements, of which one alone may stand without a list."""
    found = document.get("statement")
    found = [found] if isinstance(found, dict) else found
    if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
        raise PolicyError("statement", "it is neither a statement nor a list of some")
    return found


ELEMENTS = frozenset({"effect", "action", "resource", "condition", "principal", "sid"})


def statement(
    content: Mapping[str, Any], above: Mapping[str, tuple[str, ...]], *, trust: bool = False
) -> Statement:
    """One statement; ``above`` are the principals of the whole document."""
    if unknown := set(content) - ELEMENTS:
        raise PolicyError("statement", f"unknown element {min(unknown)}")
    if content.get("effect") not in {"allow", "deny"}:
        raise PolicyError("effect", "it is neither allow nor deny")
    if "principal" in content and not trust:
        raise PolicyError("principal", "only a role's trust has one")
    return Statement(
        allow=content["effect"] == "allow",
        actions=actions_of(content),
        resources=(EVERYTHING,) if trust else resources_of(content),
        conditions=conditions_of(content.get("condition", {})),
        principals=principals_of(content["principal"]) if "principal" in content else above,
    )


def texts(content: Any, part: str) -> tuple[str, ...]:
    """A text, or a list of some, of which none is empty."""
    found = [content] if isinstance(content, str) else content
    if not isinstance(found, list) or not found or not all(isinstance(one, str) and one for one in found):
        raise PolicyError(part, "it is neither a text nor a list of some")
    return tuple(found)


def actions_of(content: Mapping[str, Any]) -> tuple[str, ...]:
    """The patterns of actions, without the prefix ``name/`` of old policies."""
    if "action" not in content:
        raise PolicyError("action missing", "a statement has no action")
    return tuple(action_pattern(one) for one in texts(content["action"], "action"))


def action_pattern(text: str) -> str:
    """One pattern: ``*``, ``service:*``, ``service:Prefix*`` or ``service:Action``."""
    pattern = text.removeprefix("name/")
    if text.startswith("permid/"):
        raise PolicyError("permid", f"nobody knows which actions {text} stands for")
    service, colon, action = pattern.partition(":")
    if (pattern != EVERYTHING and not (colon and service and action)) or ":" in action:
        raise PolicyError("action", f"{text} is no action")
    return pattern


def resources_of(content: Mapping[str, Any]) -> tuple[str, ...]:
    """The patterns of resources."""
    if "resource" not in content:
        raise PolicyError("resource", "a statement has no resource")
    return tuple(resource_pattern(one) for one in texts(content["resource"], "resource"))


def resource_pattern(text: str) -> str:
    """One pattern: ``*`` or ``qcs::service:region:account:resource``."""
    if text == EVERYTHING:
        return text
    parts = text.split(":", SEGMENTS - 1)
    if len(parts) != SEGMENTS or parts[0] != "qcs":
        raise PolicyError("resource qcs", f"{text} does not have six segments that begin with qcs")
    if parts[1]:
        raise PolicyError("resource project", f"{text} names a project")
    if not parts[5]:
        raise PolicyError("resource content", f"{text} names no resource")
    account = parts[4]
    if account not in {"", EVERYTHING} and not account.startswith(("uin/", "uid/")):
        raise PolicyError("resource account", f"{text} names no account by uin/ or uid/")
    return text


def conditions_of(content: Any) -> tuple[Condition, ...]:
    """Every key of every operator."""
    if not isinstance(content, dict):
        raise PolicyError("condition", "it is no object")
    found = []
    for name, keys in content.items():
        known = operator(name)
        if known is None:
            raise PolicyError("condition type", f"{name} is no operator")
        if not isinstance(keys, dict) or not keys:
            raise PolicyError("condition", f"{name} has no keys")
        found += [Condition(*known, key, condition_values(value)) for key, value in keys.items()]
    return tuple(found)


def condition_values(content: Any) -> tuple[str, ...]:
    """The values of a key as texts; numbers and truth values stand for their text."""
    found = content if isinstance(content, list) else [content]
    if not found or not all(isinstance(one, str | int | float) for one in found):
        raise PolicyError("condition content", "a value is neither text nor number")
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in found)


def principals_of(content: Any) -> dict[str, tuple[str, ...]]:
    """The principals by kind."""
    if not isinstance(content, dict) or not content:
        raise PolicyError("principal", "it is no object")
    if unknown := set(content) - {"qcs", "service", "federated"}:
        raise PolicyError("principal", f"unknown kind {min(unknown)}")
    return {kind: texts(names, "principal") for kind, names in content.items()}
