"""A policy document of either language, in whatever wrapping it comes."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from drkit.access.language import aws, cam
from drkit.access.language.form import Dialect, Document
from drkit.access.language.reading import TWICE, UnreadableError, read

READERS = {Dialect.AWS: aws.document, Dialect.CAM: cam.document}
WRAPPINGS = ("policy", "document", "policydocument")


def unread(dialect: Dialect, name: str, why: str) -> Document:
    """A document that nothing is known of: whatever is asked, it may allow it and may deny it."""
    return Document(dialect, name, "", strange=(why,))


def read_document(dialect: Dialect, raw: Any, name: str = "") -> Document:
    """The document that some JSON value is: an object, or its text, as GetPolicy and IAM hand it out.

    Never raises: what is no document is `unread`.
    """
    if isinstance(raw, str):
        try:
            raw = read((unquote(raw) if raw.startswith("%7B") else raw).encode("utf-8", "surrogatepass"))
        except UnreadableError as error:
            return unread(dialect, name, str(error))
    if not isinstance(raw, dict):
        return unread(dialect, name, "the policy is no object")
    return READERS[dialect](raw, name)


def unwrap(raw: Any) -> tuple[str, Any]:
    """Name and document of ``{"name": …, "policy": …}``, or of a document alone."""
    if not isinstance(raw, dict):
        return "", raw
    lower = {key.lower(): key for key in raw}
    name = raw.get(lower.get("name", TWICE), "")
    if "statement" in lower or not (lower.keys() & {*WRAPPINGS, "name"}):
        return "", raw
    inner = next((raw[lower[each]] for each in WRAPPINGS if each in lower), None)
    return name if isinstance(name, str) else "", inner
