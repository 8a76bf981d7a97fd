"""Policies audited by themselves: a pure function from texts to findings, the same each time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from drkit.access.checks import checks
from drkit.access.language.documents import read_document
from drkit.access.language.form import Dialect, Document
from drkit.access.language.marks import Mark, marks, statement_mark
from drkit.access.language.reading import BYTE_ORDER_MARK, UnreadableError
from drkit.core.verdicts import Finding


@dataclass(frozen=True, slots=True)
class Audited:
    """One policy.

    Args:
        findings: each with its place, ``file:line:column``.
        unknown: what was not understood, each with its place; such a policy is never clean.
    """

    findings: tuple[Finding, ...]
    unknown: tuple[str, ...]


def audit(dialect: Dialect, name: str, raw: bytes) -> Audited:
    """Every check over one policy."""
    try:
        text = raw.removeprefix(BYTE_ORDER_MARK).decode()
    except UnicodeDecodeError:
        return Audited((), (f"{name}: no UTF-8",))
    document = read_document(dialect, text if text.lstrip().startswith("{") else None)
    place = _Places(name, text)
    return Audited(tuple(_findings(document, name, place)), tuple(_unknown(document, place)))


class _Places:
    """Where statements stand; the text is read again only when that is asked."""

    def __init__(self, name: str, text: str) -> None:
        self._name, self._text = name, text

    def of(self, statement: int | None) -> str:
        try:
            mark = Mark(1, 1) if statement is None else statement_mark(marks(self._text), statement)
        except UnreadableError:
            mark = Mark(1, 1)
        return f"{self._name}:{mark.line}:{mark.column}"


def _findings(document: Document, name: str, place: _Places) -> Iterable[Finding]:
    for module in checks():
        check = module.CHECK
        for seen in module.find(document):
            subject = name if seen.statement is None else f"{name}#{seen.statement}"
            yield Finding(
                check.id,
                check.severity,
                subject,
                place.of(seen.statement),
                seen.why,
                check.fix,
                check.confidence,
            )


def _unknown(document: Document, place: _Places) -> Iterable[str]:
    if document.strange:
        yield f"{place.of(None)}: {'; '.join(document.strange)}"
    for each in document.statements:
        if each.strange:
            yield f"{place.of(each.index)}: {'; '.join(each.strange)}"
