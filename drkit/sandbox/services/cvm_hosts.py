"""What the actions of CVM on hosts have in common: which hosts, and whether their states allow it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drkit.sandbox.services.cvm import INSTANCES
from drkit.sandbox.wire.errors import ApiError

if TYPE_CHECKING:
    from drkit.sandbox.services.table import Call
    from drkit.sandbox.world.things import Instance

# The codes end in the state: UnsupportedOperation.InstanceStateRunning.
SPELLING = {
    "PENDING": "Pending",
    "LAUNCH_FAILED": "LaunchFailed",
    "RUNNING": "Running",
    "STOPPED": "Stopped",
    "STARTING": "Starting",
    "STOPPING": "Stopping",
    "REBOOTING": "Rebooting",
    "SHUTDOWN": "Shutdown",
    "TERMINATING": "Terminating",
}


def chosen(call: Call) -> list[Instance]:
    """The hosts of a call, each once.

    Raises:
        ApiError: there are none, too many, or one that does not exist.
    """
    wanted: list[str] = call.given("InstanceIds", [])
    INSTANCES.check_ids(wanted)
    return [host_named(call, one) for one in dict.fromkeys(wanted)]


def host_named(call: Call, wanted: str) -> Instance:
    """A host of the region.

    Raises:
        ApiError: there is none.
    """
    found = call.resources.instances.get(wanted)
    if found is None:
        raise ApiError("InvalidInstanceId.NotFound", f"The instance `{wanted}` is not found.")
    return found


def refuse_unless(hosts: list[Instance], *allowed: str) -> None:
    """Raise with the documented code for a host in another state."""
    for host in hosts:
        if host.shown_state not in allowed:
            code = f"UnsupportedOperation.InstanceState{SPELLING[host.shown_state]}"
            raise ApiError(code, f"The instance `{host.id}` is {host.shown_state}.")
