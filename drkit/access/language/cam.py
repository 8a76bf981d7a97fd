"""Documents of CAM: elements (598/10603) and grammar (598/10604).

Keywords are lower case; with a capital they occur in COS bucket policies, whose pages allow it (436/31923), so
any spelling is taken. There is no NotAction, NotResource or NotPrincipal.
"""

from __future__ import annotations

from typing import Any

from drkit.access.language.elements import Elements
from drkit.access.language.form import Dialect, Document, Effect, Principal, Statement

VERSION = "2.0"
DOCUMENT = ("version", "id", "principal", "statement")
STATEMENT = ("sid", "effect", "action", "resource", "principal", "condition")
EFFECTS = {each.value: each for each in Effect}
KINDS = ("qcs", "service", "federated")


def document(raw: dict[str, Any], name: str) -> Document:
    """A document of CAM; a principal at its top is one of every statement that has none of its own."""
    elements = Elements(raw, DOCUMENT)
    version = elements.found.get("version", "")
    if not isinstance(version, str) or version not in {VERSION, ""}:
        elements.strange.append("the version is none of CAM")
    listed = elements.found.get("statement")
    if isinstance(listed, dict):
        listed = [listed]
    if not isinstance(listed, list):
        elements.strange.append("there is no statement")
        listed = []
    everywhere = elements.principals("principal", KINDS)
    statements = tuple(_statement(index, each, everywhere) for index, each in enumerate(listed))
    return Document(Dialect.CAM, name, str(version), statements, tuple(elements.strange))


def _statement(index: int, raw: Any, everywhere: tuple[Principal, ...] | None) -> Statement:
    if not isinstance(raw, dict):
        return Statement(index, "", None, strange=("the statement is no object",))
    elements = Elements(raw, STATEMENT)
    effect = elements.found.get("effect")
    known = EFFECTS.get(effect.lower()) if isinstance(effect, str) else None
    if known is None:
        elements.strange.append("the effect is neither allow nor deny")
    if "action" not in elements.found:
        elements.strange.append("there is no action")
    own = elements.principals("principal", KINDS)
    return Statement(
        index,
        str(elements.found.get("sid", "")),
        known,
        actions=elements.texts("action"),
        resources=elements.texts("resource"),
        principals=everywhere if own is None else own,
        conditions=elements.conditions(),
        strange=tuple(elements.strange),
    )
