"""Asking for an approval: the document is made, and who asks can be shown."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from drkit.core.actions import Plan
from drkit.core.approval.document import LONGEST_ONCE, Document, write
from drkit.core.approval.errors import DocumentError
from drkit.core.approval.intended import Danger, Intended
from drkit.core.approval.standing import LONGEST, Limits, Standing
from drkit.core.times import text_of


def request(
    intended: Intended,
    *,
    requester: str,
    reason: str,
    now: datetime,
    not_before: datetime | None = None,
    lasts: timedelta = LONGEST_ONCE,
) -> Document:
    """Ask for one run of exactly these actions.

    Args:
        intended: what shall run.
        requester: the person who asks, as the roster calls him.
        reason: why, for those who approve; one line.
        now: the time of the request; fractions of a second are dropped, here and in the times after it.
        not_before: when it may begin; now, unless said.
        lasts: how long after ``now`` it may be used, at most 24 hours.

    Raises:
        DocumentError: no action at all, or anything that `document.read` refuses.
    """
    plan = Plan(intended.actions)
    actions = [each.as_data() for each in plan.actions]
    body = {"kind": "plan", "plan": {"fingerprint": plan.fingerprint, "actions": actions}}
    common = _common(intended, intended.playbook_sha256, intended.danger)
    return write({**common, **body, **_asked(requester, reason, now, not_before, lasts)})


def request_standing(
    intended: Intended,
    limits: Limits,
    *,
    danger: Danger,
    requester: str,
    reason: str,
    now: datetime,
    not_before: datetime | None = None,
    lasts: timedelta = LONGEST,
) -> Document:
    """Ask for all runs of a playbook within limits, for at most 90 days; raises as `request`.

    Args:
        intended: the playbook, with its data, and the estate that it resolves; its actions do not matter.
        limits: how much within which time.
        danger: the worst that its actions may do.
        requester: as in `request`, like the rest.
        reason: why.
        now: the time of the request.
        not_before: when it may first be used.
        lasts: how long after ``now`` it may be used.
    """
    if intended.playbook_data is None:
        raise DocumentError("a standing approval needs the playbook itself, not only its name")
    standing = Standing(intended.playbook_data, limits)
    body = {"kind": "standing", "standing": standing.as_data()}
    common = _common(intended, standing.playbook_sha256, danger)
    return write({**common, **body, **_asked(requester, reason, now, not_before, lasts)})


def _common(intended: Intended, playbook_sha256: str, danger: Danger) -> dict[str, Any]:
    return {
        "version": 1,
        "estate": {"id": intended.estate, "sha256": intended.estate_sha256},
        "accounts": dict(intended.accounts),
        "playbook": {"name": intended.playbook, "sha256": playbook_sha256},
        "approvals": intended.approvals,
        "danger": danger.value,
        "nonce": secrets.token_hex(16),
    }


def _asked(
    requester: str, reason: str, now: datetime, not_before: datetime | None, lasts: timedelta
) -> dict[str, Any]:
    return {
        "requester": requester,
        "reason": reason,
        "requested_at": text_of(now),
        "not_before": text_of(not_before or now),
        "not_after": text_of(now + lasts),
    }
