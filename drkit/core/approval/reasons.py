"""Why an approval does not hold, in words for programs and for people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Refusal(StrEnum):
    """Every reason for which an approval is refused; docs/approvals.md says why each exists."""

    UNREADABLE_SIGNATURE = "unreadable-signature"
    WRONG_NAMESPACE = "wrong-namespace"
    FALSE_SIGNATURE = "false-signature"
    UNTOUCHED_KEY = "untouched-key"
    UNVERIFIED_KEY = "unverified-key"
    UNKNOWN_KEY = "unknown-key"
    KEY_NOT_YET_VALID = "key-not-yet-valid"
    REVOKED_KEY = "revoked-key"
    NEW_KEY = "new-key"
    NEW_PERSON = "new-person"
    NOT_AN_APPROVER = "not-an-approver"
    UNTRAINED = "untrained"
    OWN_REQUEST = "own-request"
    DUPLICATE = "duplicate"
    TOO_FEW = "too-few"
    UNKNOWN_REQUESTER = "unknown-requester"
    OTHER_REQUESTER = "other-requester"
    CLOCK_MOVED_BACK = "clock-moved-back"
    NOT_YET_VALID = "not-yet-valid"
    EXPIRED = "expired"
    REPLAYED = "replayed"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    OTHER_ESTATE = "other-estate"
    ESTATE_CHANGED = "estate-changed"
    ACCOUNT_CHANGED = "account-changed"
    PLAYBOOK_CHANGED = "playbook-changed"
    PLAN_CHANGED = "plan-changed"
    DANGER_UNDERSTATED = "danger-understated"
    LIMIT_REACHED = "limit-reached"
    LIMIT_UNKNOWN = "limit-unknown"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, and the sentence that says what was seen."""

    refusal: Refusal
    why: str

    def __str__(self) -> str:
        return f"{self.refusal.value}: {self.why}"


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether something may run.

    Args:
        reasons: all that speaks against it, not only the first; empty when it may run.
        approvers: the people whose approval counts, sorted.
    """

    reasons: tuple[Reason, ...]
    approvers: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """No reason speaks against it."""
        return not self.reasons

    def as_data(self) -> dict[str, Any]:
        """Plain JSON data, for evidence."""
        return {
            "accepted": self.accepted,
            "approvers": list(self.approvers),
            "reasons": [{"refusal": each.refusal.value, "why": each.why} for each in self.reasons],
        }
