"""curl and wget: what is sent, and where the answer is written."""

from __future__ import annotations

import re

from drkit.gate.classify import options, records, roles
from drkit.gate.classify.calls import UNKNOWN_OUTPUT, Call
from drkit.gate.classify.markers import shown
from drkit.gate.classify.options import Record
from drkit.gate.classify.state import Values

# Addresses at which a cloud hands out the credentials of the host's role.
METADATA = re.compile(
    r".*(169\.254\.\d+\.\d+|metadata\.tencentyun\.com|metadata\.google|100\.100\.100\.200|fd00:ec2).*"
)
LOCAL_SOCKETS = re.compile(r".*(docker|containerd|crio|podman|mysqld?|systemd|dbus).*")
READING = frozenset(("GET", "HEAD", "OPTIONS"))


def curl(call: Call, record: Record) -> Values:
    """Reading is everyday work; any other method, and whatever is sent, is somebody's data."""
    parsed = options.parse(record, call.arguments)
    records.flags(call, record, parsed)
    if parsed.unclear and any("\udc01" in word for word in parsed.unclear):
        call.review("opaque", f"{call.name}: an argument that may be any option")
    method = parsed.value("X", "request", "method")
    if method is not None and method.upper() not in READING:
        call.review("send", f"{call.name} sends {shown(method)}: what that does is up to the other side")
    elif method is None and parsed.has(*record.get("methods", ())) and not parsed.has("G", "get"):
        call.review("send", f"{call.name} sends data: what that does is up to the other side")
    for word in [*parsed.operands, *(value for name, value in parsed.values if name == "url")]:
        _address(call, word)
    socket = parsed.value("unix-socket", "abstract-unix-socket")
    if socket is not None:
        call.review("network", f"{call.name} speaks to a local service: {shown(socket)}")
    return UNKNOWN_OUTPUT


def _address(call: Call, word: str) -> None:
    if METADATA.fullmatch(word):
        call.review("secret", f"asks the cloud for the host's own credentials or data: {shown(word)}")
    elif word.startswith(("file:", "dict:", "gopher:", "ftp:", "tftp:", "telnet:", "smtp:", "scp:", "sftp:")):
        if not word.startswith(("file:", "ftp:")):
            call.review("send", f"{call.name} speaks another protocol than HTTP: {shown(word)}")
        elif word.startswith("file:"):
            roles.one(call, "read", word.removeprefix("file:").replace("//", "", 1))
