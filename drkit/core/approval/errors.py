"""What can go wrong with an approval, as errors with a way out."""

from __future__ import annotations

from drkit.core.approval.reasons import Refusal
from drkit.core.errors import ApprovalError


class SignatureError(ApprovalError):
    """A signature or a public key that cannot be read, or is not accepted.

    ``refusal`` is the word by which a decision names it.
    """

    refusal = Refusal.UNREADABLE_SIGNATURE


class NamespaceError(SignatureError):
    """Signed for another purpose than the one that is asked about."""

    refusal = Refusal.WRONG_NAMESPACE


class FalseSignatureError(SignatureError):
    """The key did not sign these bytes."""

    refusal = Refusal.FALSE_SIGNATURE


class UntouchedError(SignatureError):
    """A security key signed without anybody touching it."""

    refusal = Refusal.UNTOUCHED_KEY


class SignersError(ApprovalError):
    """An ``allowed_signers`` file that is not read, or that does not allow the signer."""


class DocumentError(ApprovalError):
    """A request, a roster or an answer is not canonical, or its fields are not what they should be."""


class RosterError(ApprovalError):
    """The versions of the roster do not chain to the pinned first one."""


class StoreError(ApprovalError):
    """The directory of requests could not be read or written, or holds what does not belong there."""
