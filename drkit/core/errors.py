"""What can go wrong, each with its exit status and a way out.

Everything a user can cause is a `DrkitError`; any other exception is a defect of drkit.
"""

from __future__ import annotations

from drkit.core import exits


class DrkitError(Exception):
    """One clear error.

    Args:
        message: what went wrong, in one sentence, without a secret.
        hint: what to do about it.
    """

    status = exits.NOTHING_CONCLUDED

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(DrkitError):
    """The command line, the environment or the state directory do not allow the command."""

    status = exits.USAGE


class ConfigurationError(DrkitError):
    """One or more problems in files that a person wrote, all of them at once.

    Args:
        problems: lines of the form ``file:line:column: what is wrong``.
        hint: what to do about them.
    """

    status = exits.USAGE

    def __init__(self, problems: list[str], *, hint: str = "") -> None:
        super().__init__("\n".join(problems), hint=hint)
        self.problems = problems


class AccountError(DrkitError):
    """The credential is refused, or it belongs to another account than the estate says."""

    status = exits.USAGE


class ApprovalError(DrkitError):
    """An approval is missing, refused, expired or invalid."""

    status = exits.APPROVAL


class LockedError(DrkitError):
    """Another run holds the lock."""

    status = exits.LOCKED
