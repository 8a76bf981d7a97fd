"""What can go wrong with a cloud, by what it means for what was asked."""

from __future__ import annotations

from drkit.core.errors import DrkitError


class CloudError(DrkitError):
    """A call to a cloud did not succeed.

    Args:
        message: what was asked, where, and what came back, without a secret.
        code: the cloud's own error code, or a word of ours where it sent none.
    """

    def __init__(self, message: str, *, code: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code


class RefusedError(CloudError):
    """The cloud answered, and the answer is no: nothing happened."""


class ThrottledError(RefusedError):
    """The cloud was too busy, however often it was asked: nothing happened, and later it may."""


class UncertainError(CloudError):
    """No answer that can be trusted came back: what was asked may or may not have happened."""
