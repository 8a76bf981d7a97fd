"""An approved call of an API: made once by the broker itself, with the role that it assumes for this call alone."""

from __future__ import annotations

import json
from hashlib import sha256

from drkit.clouds.tencent.calling import Opened, open_call
from drkit.core.actions import Action, Done, Failed, Settled, Uncertain
from drkit.core.calls import BoundCall
from drkit.core.canonical import canonical
from drkit.core.errors import AccountError, DrkitError, UsageError
from drkit.core.estate import Estate
from drkit.flows.broker.recordings import Place, Recording
from drkit.ports.errors import CloudError, RefusedError


def open_for(estate: Estate, action: Action, bound: BoundCall, run: str) -> Opened:
    """The account, opened for this call.

    Raises:
        UsageError: the estate does not say how, or the key pair is not there.
        AccountError: it is another account. CloudError: the cloud does not give the role.
    """
    account = estate.accounts[action.account]
    prefix, role = account.credentials.destroy, account.destroy_role
    if prefix is None or role is None:
        raise UsageError(
            f"nothing is called in the account '{action.account}': the estate does not say its destroy_role, or "
            "credentials.destroy",
            hint="docs/policies.md says how the role and the broker's key pair are made",
        )
    opened = open_call(prefix, role, bound, run)
    if opened.caller.account != account.account:
        raise AccountError(f"the role belongs to account {opened.caller.account}, not to {account.account}")
    return opened


def begin(place: Place) -> None:
    """From here on nobody can say any more that it was not begun; raises OSError."""
    place.directory.mkdir(mode=0o700, parents=True)
    place.begun.touch(mode=0o600, exist_ok=False)


def call(opened: Opened, bound: BoundCall, place: Place) -> Settled:
    """Make the call, once, where what the cloud answers can be recorded."""
    try:
        begin(place)
        recording = Recording(place)
    except OSError as error:
        return Failed("NotRecorded", f"it was not made, since it could not be recorded: {error}")
    try:
        response = canonical(dict(opened.call(bound)))
    except RefusedError as error:
        return Failed(error.code, error.message)
    except CloudError as error:
        return Uncertain(error.message)
    except DrkitError as error:
        return Failed("NotAccepted", error.message)
    except (ValueError, TypeError):
        return Uncertain("the cloud answered what has no canonical form")
    return _done(response, recording)


def _done(response: bytes, recording: Recording) -> Settled:
    try:
        for at in range(0, len(response), 65536):
            recording.add("out", response[at : at + 65536])
        recording.add("out", b"\n")
        output = recording.close()
    except OSError as error:
        return Uncertain(f"the cloud did it, and its answer could not be recorded: {error}")
    return Done(
        told={
            "status": 0,
            "ended": "",
            "request_id": str(json.loads(response).get("RequestId", "")),
            "response_sha256": sha256(response).hexdigest(),
            "output_sha256": output,
            "output_bytes": len(response) + 1,
        }
    )
