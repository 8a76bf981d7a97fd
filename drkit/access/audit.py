"""Policies and accounts audited: pure functions from texts and facts to findings, the same each time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType

from drkit.access.checks import of_accounts, of_policies
from drkit.access.checks.frame import Found, Unsure
from drkit.access.known import Around, Known
from drkit.access.language.documents import read_document
from drkit.access.language.form import Dialect, Document
from drkit.access.language.reading import BYTE_ORDER_MARK
from drkit.access.places import Places
from drkit.core.verdicts import Finding, Severity
from drkit.ports.identities import Identities, Origin
from drkit.ports.unread import Unread

ROOM = "access.audit/"


@dataclass(frozen=True, slots=True)
class Audited:
    """What came of an audit.

    Args:
        findings: each with its place, ``file:line:column``.
        unknown: what was not read or not understood, each with its place; such a thing is never clean.
    """

    findings: tuple[Finding, ...]
    unknown: tuple[str, ...]


def audit(dialect: Dialect, name: str, raw: bytes) -> Audited:
    """Every check of policies over one of them."""
    try:
        text = raw.removeprefix(BYTE_ORDER_MARK).decode()
    except UnicodeDecodeError:
        return Audited((), (f"{name}: no UTF-8",))
    document = read_document(dialect, text if text.lstrip().startswith("{") else None)
    return _audit(document, name, text)


def _audit(document: Document, name: str, text: str) -> Audited:
    place = Places(name, text)
    return Audited(tuple(_findings(document, name, place)), tuple(_unknown(document, place)))


def audit_accounts(accounts: Iterable[Identities], around: Around, without: Collection[str] = ()) -> Audited:
    """Every check over whole accounts: over each policy that somebody wrote, then over who has what.

    Presets are the cloud's, so they are judged by who has them and not by their texts.

    Args:
        accounts: of one estate.
        around: what else is known.
        without: names of checks that are left out.
    """
    left_out = {f"{ROOM}{name}" for name in without}
    known = tuple(map(Known, accounts))
    audited = [each for one in known for each in _own_policies(one)]
    findings = [one for each in audited for one in each.findings if one.id not in left_out]
    unknown = [place for each in audited for place in each.unknown]
    for one in known:
        unknown += [f"{where}: {why}" for where, why in one.unread()]
        unknown += _trusts(one)
    by_name = {one.name: one for one in known}
    for module in of_accounts():
        if module.CHECK.id in left_out:
            continue
        for seen in module.look(known, around):
            if isinstance(seen, Unsure):
                unknown.append(f"{seen.where}: {seen.why}")
            else:
                findings.append(_finding(module, seen, by_name[seen.account]))
    return Audited(tuple(sorted(findings, key=_order)), tuple(dict.fromkeys(unknown)))


def _order(finding: Finding) -> tuple[int, str, str, str]:
    """The worst first."""
    return -tuple(Severity).index(finding.severity), finding.id, finding.where, finding.subject


def place_of(known: Known, policy: str) -> str:
    """What a policy is called in findings."""
    found = known.policies.get(policy)
    return f"{known.name}/policies/{found.name if found else policy}"


def _own_policies(known: Known) -> Iterator[Audited]:
    for policy in known.policies.values():
        if policy.origin is not Origin.PRESET and not isinstance(policy.document, Unread):
            yield _audit(known.documents[policy.id], place_of(known, policy.id), policy.document)


def _trusts(known: Known) -> Iterator[str]:
    """What was not understood of who may assume a role."""
    for id_, document in known.trusts.items():
        strange = (*document.strange, *(each for one in document.statements for each in one.strange))
        if strange:
            yield f"{known.name}/roles/{id_} trust: {'; '.join(strange)}"


def _finding(module: ModuleType, seen: Found, known: Known) -> Finding:
    check = module.CHECK
    policy = known.policies.get(seen.policy)
    why, where = seen.why, known.name
    if policy is not None:
        text = policy.document
        place = Places(place_of(known, seen.policy), text if isinstance(text, str) else "")
        why = f"{why} (by {place.of(seen.statement)})"
    return Finding(check.id, check.severity, seen.subject, where, why, check.fix, check.confidence)


def _findings(document: Document, name: str, place: Places) -> Iterable[Finding]:
    for module in of_policies():
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


def _unknown(document: Document, place: Places) -> Iterable[str]:
    if document.strange:
        yield f"{place.of(None)}: {'; '.join(document.strange)}"
    for each in document.statements:
        if each.strange:
            yield f"{place.of(each.index)}: {'; '.join(each.strange)}"
