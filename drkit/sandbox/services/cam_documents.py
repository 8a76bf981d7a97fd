"""CAM 2019-01-16: documents that clients send, found to be policies, or refused with the documented code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from drkit.sandbox.enforcement.documents import PolicyError, parse, parse_trust
from drkit.sandbox.services.trust import FORMS
from drkit.sandbox.wire import errors
from drkit.sandbox.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drkit.sandbox.services.table import Call

LONGEST = 6144  # characters (598/10609)
CODES = {
    "document": "PolicyDocumentError",
    "version": "VersionError",
    "statement": "StatementError",
    "effect": "EffectError",
    "action": "ActionError",
    "action missing": "ActionMiss",
    "resource": "ResourceError",
    "resource qcs": "ResourceQcsError",
    "resource project": "ResourceProjectError",
    "resource account": "ResourceUinError",
    "resource content": "ResourceContentError",
    "condition": "ConditionError",
    "condition type": "ConditionTypeError",
    "condition content": "ConditionContentError",
    "principal": "PrincipalError",
}
USER = re.compile(r"qcs::cam::uin/([0-9]+):uin/([0-9]+)")


def policy_document(text: str) -> str:
    """A policy as it is kept.

    Raises:
        ApiError: it is none.
    """
    check_length(text)
    try:
        parse(text)
    except PolicyError as error:
        raise refused(error) from None
    return text


def trust_document(call: Call, given: str) -> str:
    """The document of a role as it is kept; it may come URL-encoded, as the examples have it.

    Raises:
        ApiError: it is none, or trusts somebody who does not exist.
    """
    text = unquote(given) if given.startswith("%7B") else given
    check_length(text)
    try:
        parsed = parse_trust(text)
    except PolicyError as error:
        raise refused(error) from None
    check_principals(call, [name for one in parsed.statements for name in one.principals.get("qcs", ())])
    return text


def check_length(text: str) -> None:
    """Raise for a text that is too long."""
    if len(text) > LONGEST:
        code = "InvalidParameter.PolicyDocumentLengthOverLimit"
        raise ApiError(code, f"The policy document has more than {LONGEST} characters.")


def refused(error: PolicyError) -> ApiError:
    """The error for a document that is no policy."""
    if error.part == "permid":
        return errors.not_emulated("actions by `permid`")
    return ApiError(
        f"InvalidParameter.{CODES[error.part]}", f"The policy document is not valid: {error.why}."
    )


def check_principals(call: Call, names: Iterable[str]) -> None:
    """Raise for a principal of no known form, and for a user that an account of this world does not have."""
    for name in names:
        if not any(form.fullmatch(name) for form in FORMS):
            raise ApiError("InvalidParameter.PrincipalQcsError", f"The principal `{name}` is not valid.")
        user = USER.fullmatch(name)
        account = call.world.accounts.get(user[1]) if user else None
        if user and account and user[2] not in {account.uin, *account.identity.users}:
            raise ApiError("InvalidParameter.PrincipalQcsNotExist", f"The principal `{name}` does not exist.")
