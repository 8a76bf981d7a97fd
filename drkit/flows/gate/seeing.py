"""``drkit gate inbox | show``: what was asked, and how it stands."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import Any

from drkit.core import exits
from drkit.core.approval import listing
from drkit.core.approval.document import Document
from drkit.core.approval.listing import Summary
from drkit.core.approval.reasons import Decision
from drkit.core.approval.store import Filed
from drkit.core.canonical import canonical
from drkit.core.commands import PLAYBOOK
from drkit.core.errors import ApprovalError
from drkit.core.results import json_text, result, write_result
from drkit.core.text import harmless
from drkit.core.times import now, text_of
from drkit.core.verdicts import Outcome, Verdict
from drkit.flows.approving.judging import Judge, as_asked, no_bound
from drkit.flows.gate.place import SHORT, Place, open_place
from drkit.flows.gate.words import decision_lines, document_lines

PASSED = Verdict(Outcome.PASS)
HEADS = ("request", "state", "signed", "danger", "until", "by", "playbook")


def inbox(arguments: argparse.Namespace) -> int:
    """List the requests that can still be used; with ``--all`` the others too."""
    place, at = open_place(arguments), now()
    found = listing.listing(place.requests)
    spent = place.past().used
    rows = [
        (each, _state(each, at, spent=each.id in spent and each.kind == "plan")) for each in found.requests
    ]
    shown = [(each, state) for each, state in rows if arguments.all or state in ("open", "signed")]
    if arguments.format == "json":
        text = json_text(
            result(
                "gate inbox",
                PASSED,
                summary={"requests": len(shown), "refused": len(found.refused)},
                requests=[_as_data(each, state) for each, state in shown],
                refused=[{"name": each.name, "why": each.why} for each in found.refused],
            )
        )
    else:
        lines = _table(shown) if shown else [_none(len(rows))]
        lines += [f"not a request: {each.name}: {harmless(each.why)}" for each in found.refused]
        text = "\n".join(lines)
    write_result(text, arguments.output)
    return exits.OK


def show(arguments: argparse.Namespace) -> int:
    """Show one request whole, and how it stands by what is known here."""
    place = open_place(arguments)
    filed = place.find(arguments.id)
    decision = decide_as_asked(place, filed, now())
    if arguments.format == "json":
        text = json_text(
            result(
                "gate show",
                PASSED,
                summary={"accepted": decision.accepted, "approvers": len(decision.approvers)},
                request=_document_as_data(filed.document),
                decision=decision.as_data(),
            )
        )
    else:
        lines = [*document_lines(filed.document), *_objection(place, filed.document)]
        text = "\n".join([*lines, *decision_lines(decision)])
    write_result(text, arguments.output)
    return exits.OK


def _objection(place: Place, document: Document) -> list[str]:
    """What speaks against a command here; what stands in a request about it was written by whoever asks."""
    if document.playbook != PLAYBOOK:
        return []
    from drkit.flows.approving.commands import command_of, intend_command

    try:
        intend_command(place.estate, command_of(document))
    except ApprovalError as error:
        return [f"  DO NOT APPROVE: {harmless(error.message)}"]
    return []


def decide_as_asked(place: Place, filed: Filed, at: datetime) -> Decision:
    """How a request stands if what runs is what was asked for; a run finds out whether it is."""
    return Judge(place.roster(), place.past(), at, existed=no_bound).decide(filed, as_asked(filed.document))


def _state(each: Summary, at: datetime, *, spent: bool) -> str:
    """One word; what signatures are worth only `show` finds out."""
    if each.ended:
        return {"deny": "denied", "withdraw": "withdrawn"}[each.ended.value]
    if spent:
        return "used"
    if at >= each.not_after:
        return "expired"
    return "signed" if len(each.signed) >= each.approvals else "open"


def _none(others: int) -> str:
    """What is said where nothing is to be listed."""
    told = f"; --all lists {others} {'other' if others == 1 else 'others'}" if others else ""
    return f"there is no open request{told}"


def _table(rows: list[tuple[Summary, str]]) -> list[str]:
    """One line a request, in columns that stand under each other; what is long comes last."""
    cells = [
        (
            each.id[:SHORT],
            state,
            f"{len(each.signed)}/{each.approvals}",
            each.danger,
            text_of(each.not_after),
            each.requester,
            each.playbook if each.kind == "plan" else f"{each.playbook} (standing)",
        )
        for each, state in rows
    ]
    widths = [max(map(len, column)) for column in zip(HEADS, *cells, strict=False)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(line, widths, strict=True)), last])
        for line, last in zip([HEADS, *cells], ["reason", *(each.reason for each, _ in rows)], strict=True)
    ]
    return [harmless(line) for line in lines]


def _as_data(each: Summary, state: str) -> dict[str, Any]:
    fields = each._asdict()
    fields |= {name: text_of(fields[name]) for name in ("requested_at", "not_after")}
    fields["ended"] = each.ended.value if each.ended else None
    return {**fields, "signed": list(each.signed), "state": state}


def _document_as_data(document: Document) -> dict[str, Any]:
    """What was signed, field by field."""
    import orjson

    data: dict[str, Any] = orjson.loads(document.raw)
    assert canonical(data) == document.raw
    return {"id": document.id, **data}
