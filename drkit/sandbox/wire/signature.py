"""TC3-HMAC-SHA256, checked.

Source: "Signature method v3" of the API documentation of every service (for CVM: document 213/30654).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from drkit.sandbox.wire import errors

if TYPE_CHECKING:
    from drkit.sandbox.wire.message import Request

ALGORITHM = "TC3-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
TOLERANCE = 300  # seconds between the client's clock and the cloud's
ALWAYS_SIGNED = {"content-type", "host"}
FIELD = re.compile(r"\s*(Credential|SignedHeaders|Signature)=([^,\s]+)\s*")


@dataclass(frozen=True, slots=True)
class Authorization:
    """What the Authorization header claims."""

    secret_id: str
    date: str
    service: str
    signed_headers: str
    signature: str


def parse(header: str) -> Authorization:
    """Take the Authorization header apart.

    Raises:
        ApiError: it is none of TC3-HMAC-SHA256.
    """
    algorithm, _, rest = header.strip().partition(" ")
    if algorithm != ALGORITHM:
        raise errors.invalid_authorization(f"the algorithm has to be {ALGORITHM}")
    found = [FIELD.fullmatch(part) for part in rest.split(",")]
    fields = {match[1]: match[2] for match in found if match}
    if len(fields) != len(found) or set(fields) != {"Credential", "SignedHeaders", "Signature"}:
        raise errors.invalid_authorization("it needs Credential, SignedHeaders and Signature, once each")
    scope = fields["Credential"].split("/")
    match scope:
        case [secret_id, date, service, "tc3_request"]:
            return Authorization(secret_id, date, service, fields["SignedHeaders"], fields["Signature"])
        case _:
            raise errors.invalid_authorization("Credential has to be SecretId/date/service/tc3_request")


def verify(request: Request, claim: Authorization, secret_key: str, timestamp: int, now: datetime) -> None:
    """Raise unless the request was signed with this key, for this moment.

    Raises:
        ApiError: AuthFailure.SignatureExpire or AuthFailure.SignatureFailure.
    """
    if abs(now.timestamp() - timestamp) > TOLERANCE:
        raise errors.expired_signature(int(now.timestamp()))
    if claim.date != datetime.fromtimestamp(timestamp, UTC).date().isoformat():
        raise errors.bad_signature()
    if ALWAYS_SIGNED - set(claim.signed_headers.split(";")):
        raise errors.bad_signature()
    # The documentation lowers the case of the signed values; the SDKs sign Content-Type as they send it.
    if not any(matches(request, claim, secret_key, timestamp, lower=lower) for lower in (False, True)):
        raise errors.bad_signature()


def matches(request: Request, claim: Authorization, secret_key: str, timestamp: int, *, lower: bool) -> bool:
    """Whether the signature is the one of this request."""
    digest = hashlib.sha256(canonical_request(request, claim, lower=lower)).hexdigest()
    scope = f"{claim.date}/{claim.service}/tc3_request"
    key = f"TC3{secret_key}".encode()
    for part in (claim.date, claim.service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    expected = hmac.new(key, f"{ALGORITHM}\n{timestamp}\n{scope}\n{digest}".encode(), "sha256").hexdigest()
    return hmac.compare_digest(expected.encode(), claim.signature.encode())


def canonical_request(request: Request, claim: Authorization, *, lower: bool) -> bytes:
    """The text whose digest is signed."""
    headers = "".join(
        f"{name}:{value.lower() if lower else value}\n"
        for name in claim.signed_headers.split(";")
        for value in [request.headers.get(name, "").strip()]
    )
    unsigned = request.headers.get("x-tc-content-sha256") == UNSIGNED
    payload = hashlib.sha256(UNSIGNED.encode() if unsigned else request.body).hexdigest()
    query = request.query if request.method == "GET" else ""
    parts = [request.method, request.path, query, headers, claim.signed_headers, payload]
    return "\n".join(parts).encode()
