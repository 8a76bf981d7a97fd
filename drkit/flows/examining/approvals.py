"""Can somebody be asked, and is the broker somebody else than the one who asks?"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator

from drkit.core.approval.settings import Approvals
from drkit.core.errors import DrkitError
from drkit.core.estate import Estate
from drkit.core.evidence import layout
from drkit.core.evidence.reading import read
from drkit.core.state import State
from drkit.core.verdicts import Severity
from drkit.flows.approving.judging import open_roster
from drkit.flows.approving.past import Past, read_past
from drkit.flows.examining.examined import Examined, bad, good, unknown

SET_UP, ROSTER, BROKER = (f"doctor/{name}" for name in ("set-up", "roster", "broker"))
PATIENCE = 5.0  # seconds
PEER = struct.Struct("3i")  # struct ucred: process, user, group (unix(7))


def examine_approvals(estate: Estate, state: State) -> Iterator[Examined]:
    """Roster and broker, where the estate has any."""
    parts = {
        "approvals": estate.approvals is not None,
        "broker": estate.broker is not None,
        "an account with credentials.destroy and destroy_role": any(
            account.credentials.destroy and account.destroy_role for account in estate.accounts.values()
        ),
    }
    missing = [name for name, there in parts.items() if not there]
    if len(missing) == len(parts):
        yield good(SET_UP, estate.estate, "nothing is set up that could destroy or weaken anything")
        return
    yield _set_up(estate, missing)
    if estate.approvals:
        yield _roster(estate.approvals, state)
    if estate.broker:
        yield _broker(estate.broker.socket)


def _set_up(estate: Estate, missing: list[str]) -> Examined:
    if missing:
        fix = "complete the estate, or take the other parts out: docs/approvals.md"
        return bad(SET_UP, estate.estate, f"half set up: no {', no '.join(missing)}", fix, Severity.MEDIUM)
    return good(SET_UP, estate.estate, "approvals, a broker and an account with a role")


def _roster(approvals: Approvals, state: State) -> Examined:
    """The pinned chain holds, and it takes two people to change it."""
    try:
        roster = open_roster(approvals, _past(state))
    except DrkitError as error:
        return bad(ROSTER, approvals.roster, error.message, error.hint or "see docs/approvals.md")
    except (KeyError, TypeError, ValueError) as error:
        return unknown(ROSTER, approvals.roster, f"the evidence cannot be understood: {error!r}", "verify it")
    latest = roster.latest
    if latest.root.approvals < 2:  # noqa: PLR2004 - one person alone must not be enough
        why = "one root key alone may change who approves, and so approve everything"
        return bad(ROSTER, approvals.roster, why, "sign a version whose root needs two keys or more")
    return good(
        ROSTER,
        approvals.roster,
        f"version {latest.number} hangs on the pinned one; {latest.root.approvals} root keys may change it",
    )


def _past(state: State) -> Past:
    if not (state.evidence / layout.LOG).is_file():
        return Past()
    return read_past(entry for _, entry in read(state.evidence))


def _broker(path: str) -> Examined:
    """Somebody else listens at the broker's socket: by the kernel's word, not by the file's owner."""
    if os.geteuid() == 0:
        fix = "run drkit as a user of its own, and the broker as another"
        return bad(BROKER, path, "this process is root, who can become the broker's user", fix)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(path)
            raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, PEER.size)
    except OSError as error:
        fix = "see that `drkit broker` runs there, and that this user may write to its socket"
        return bad(BROKER, path, f"nobody answers: {error.strerror or error}", fix, Severity.MEDIUM)
    _, user, _ = PEER.unpack(raw)
    if user == os.geteuid():
        why = f"the broker runs as this user ({user}), who can read its key pair"
        return bad(BROKER, path, why, "run it as a user of its own")
    return good(BROKER, path, f"the user {user} listens, and this is the user {os.geteuid()}")
