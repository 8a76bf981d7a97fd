"""Which host this is, and whether it is the one that runs the estate."""

from __future__ import annotations

import os
import socket

from drkit.core.errors import UsageError
from drkit.core.estate import Estate


def host_name() -> str:
    """This host's name; DRKIT_HOST, where that is set."""
    return os.environ.get("DRKIT_HOST") or socket.gethostname()


def refuse_elsewhere(estate: Estate) -> None:
    """Two hosts that run the same estate would take every snapshot twice, since each knows only its own past.

    Raises:
        UsageError: the estate names another host.
    """
    host = host_name()
    if estate.runner is not None and estate.runner.casefold() != host.casefold():
        raise UsageError(
            f"the estate '{estate.estate}' is run by {estate.runner}, and this host is {host}",
            hint=f"run it there; to move it here, write `runner: {host}` into the estate and stop the timer there",
        )
