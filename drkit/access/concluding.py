"""What an audit comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from drkit.access.audit import Audited
from drkit.access.gained import Gained
from drkit.access.known import listed
from drkit.core.verdicts import Conclusion, Outcome, Severity, Verdict
from drkit.ports.identities import Identities


def conclude(
    accounts: Collection[Identities], audited: Audited, more: Iterable[Gained], left_out: Iterable[str] = ()
) -> Conclusion:
    """FAIL with findings, UNKNOWN where something was not read or not understood.

    Args:
        accounts: that were audited.
        audited: what came of it.
        more: who gained what since the last audit.
        left_out: names of checks that were left out.
    """
    without = tuple(left_out)
    findings = audited.findings
    counts = Counter(each.severity for each in findings)
    rows = tuple(each.as_data() for each in more)
    verdict = otherwise = _of_unknown(audited.unknown)
    if findings:
        verdict = Verdict(Outcome.FAIL, f"{len(findings)} findings")
    return Conclusion(
        verdict,
        {
            "accounts": len(accounts),
            "users": sum(len(listed(each.users)) for each in accounts),
            "roles": sum(len(listed(each.roles)) for each in accounts),
            "policies": sum(len(listed(each.policies)) for each in accounts),
            **{severity.value: counts[severity] for severity in reversed(Severity) if counts[severity]},
            "not understood": len(audited.unknown),
            "gained": len(rows),
            **({"checks left out": len(without)} if without else {}),
        },
        findings,
        (*rows, *_rows(audited.unknown)),
        otherwise,
    )


def _rows(unknown: Iterable[str]) -> Iterable[dict[str, str]]:
    for each in unknown:
        where, _, why = each.partition(": ")
        yield {"status": "unknown", "account": where.partition("/")[0], "name": where, "why": why}


def _of_unknown(unknown: tuple[str, ...]) -> Verdict:
    if not unknown:
        return Verdict(Outcome.PASS)
    return Verdict(Outcome.UNKNOWN, f"{len(unknown)} could not be judged, the first: {unknown[0]}")
