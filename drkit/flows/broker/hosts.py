"""The hosts of the estate on which approved commands run: how they are reached, and what they have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drkit.clouds.ssh.commands import ask_there
from drkit.core.commands import PATH
from drkit.core.errors import ApprovalError
from drkit.core.text import harmless
from drkit.flows.broker.licences import Office
from drkit.ports.shells import Program

MOST_NAMES = 100  # that are asked for at a time
TO_DESCRIBE = 20.0  # seconds; nobody else is served meanwhile
TOLD_WHY = 300  # characters


def program_for(office: Office, name: str) -> Program | None:
    """How a host of the estate is reached; None for the broker's own.

    Raises:
        ApprovalError: the estate has no such host.
    """
    if not name:
        return None
    host = office.estate.gate.hosts.get(name)
    if host is None:
        raise ApprovalError(f"the estate has no host '{name}'", hint="name it under gate.hosts")
    return Program(host.address, host.port, host.user, host.key, host.host_key, host.runs)


def describe(office: Office, message: Mapping[str, Any]) -> Mapping[str, Any]:
    """Which programs and files a host has, for whoever asks for a command there.

    Raises:
        ApprovalError: the host, or what is asked for, is not there. CloudError: it does not answer.
    """
    host, names = message.get("host"), message.get("names")
    program = program_for(office, host) if isinstance(host, str) else None
    sound = isinstance(names, list) and 0 < len(names) <= MOST_NAMES
    if program is None or not sound or not all(isinstance(each, str) for each in names or ()):
        raise ApprovalError("what the client asked for cannot be understood")
    session = ask_there(program, {"describe": names, "path": PATH}, TO_DESCRIBE)
    try:
        answer = next(session.answers(), {})
    finally:
        session.close()
    files = answer.get("files")
    if type(files) is not list or [_name_of(each) for each in files] != names:
        raise ApprovalError(
            f"{program.address}: {harmless(str(answer.get('why', 'it does not say')))[:TOLD_WHY]}"
        )
    return {"files": files}


def _name_of(described: object) -> str | None:
    """The name of a file that a host describes; None where that is no description."""
    sound = type(described) is dict and set(described) == {"name", "path", "sha256"}
    if not sound or not all(type(each) is str for each in described.values()):  # type: ignore[attr-defined]
        return None
    return described["name"]  # type: ignore[index, no-any-return]
