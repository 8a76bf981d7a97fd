"""Documents of AWS: IAM JSON policy grammar (IAM User Guide, reference_policies_grammar)."""

from __future__ import annotations

from typing import Any

from drkit.access.language.elements import Elements
from drkit.access.language.form import Dialect, Document, Effect, Statement

VERSIONS = ("2008-10-17", "2012-10-17")
DOCUMENT = {name.lower(): name for name in ("Version", "Id", "Statement")}
STATEMENT = {
    name.lower(): name
    for name in (
        "Sid",
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Principal",
        "NotPrincipal",
        "Condition",
    )
}
EFFECTS = {
    "Allow": Effect.ALLOW,
    "Deny": Effect.DENY,
}  # "Effect" is case-sensitive: reference_policies_elements_effect
KINDS = ("aws", "service", "federated", "canonicaluser")


def document(raw: dict[str, Any], name: str) -> Document:
    """A document of AWS; ``Version`` is 2008-10-17 where it does not say (reference_policies_elements_version)."""
    elements = Elements(raw, DOCUMENT, DOCUMENT)
    version = elements.found.get("version", VERSIONS[0])
    if version not in VERSIONS:
        elements.strange.append("the Version is none of AWS")
    listed = elements.found.get("statement")
    if isinstance(listed, dict):
        listed = [listed]
    if not isinstance(listed, list):
        elements.strange.append("there is no Statement")
        listed = []
    statements = tuple(_statement(index, each) for index, each in enumerate(listed))
    return Document(Dialect.AWS, name, str(version), statements, tuple(elements.strange))


def _statement(index: int, raw: Any) -> Statement:
    if not isinstance(raw, dict):
        return Statement(index, "", None, strange=("the statement is no object",))
    elements = Elements(raw, STATEMENT, STATEMENT)
    effect = elements.found.get("effect")
    known = EFFECTS.get(effect) if isinstance(effect, str) else None
    if known is None:
        elements.strange.append("the Effect is neither Allow nor Deny")
    for one in ("action", "resource", "principal"):
        if one in elements.found and f"not{one}" in elements.found:
            elements.strange.append(f"{one} and not{one} exclude each other")
    if "action" not in elements.found and "notaction" not in elements.found:
        elements.strange.append("there is no Action")
    return Statement(
        index,
        str(elements.found.get("sid", "")),
        known,
        elements.texts("action"),
        elements.texts("notaction"),
        elements.texts("resource"),
        elements.texts("notresource"),
        elements.principals("principal", KINDS),
        elements.principals("notprincipal", KINDS),
        elements.conditions(),
        tuple(elements.strange),
    )
