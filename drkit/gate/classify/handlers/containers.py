"""Containers: what runs in them, and what of the host they are given."""

from __future__ import annotations

from drkit.gate.classify import options, records
from drkit.gate.classify.calls import UNKNOWN_OUTPUT, Call
from drkit.gate.classify.markers import shown, unknown
from drkit.gate.classify.options import Record
from drkit.gate.classify.places import Place
from drkit.gate.classify.state import State, Values

MOUNTS = frozenset(("v", "volume", "mount"))
READ_ONLY = (":ro", ",readonly", ",ro", ":ro,z", ":ro,Z")
# What is worth reading where a directory of the host is within reach; of all else the image knows what it is.
CHANGING = frozenset(
    ("rm", "rmdir", "shred", "mv", "cp", "truncate", "dd", "find", "sh", "bash", "ash", "tee", "chown")
)


def execute(call: Call, record: Record) -> Values:
    """``docker exec``: a command in a running container, whose files are as good as any host's."""
    parsed = options.parse(record | {"stops": True}, call.arguments)
    records.flags(call, record, parsed)
    if len(parsed.operands) < 2:  # noqa: PLR2004 - a container and a command
        call.review("session", f"{call.name}: nobody sees what is typed there")
        return UNKNOWN_OUTPUT
    return call.argv(parsed.operands[1:], call.stdin, State())


def run(call: Call, record: Record) -> Values:
    """``docker run``: what it mounts of the host is what it may destroy; else its files are its own."""
    parsed = options.parse(record | {"stops": True}, call.arguments)
    records.flags(call, record, parsed)
    if parsed.unclear:
        call.review("opaque", f"{call.name}: an argument that may be any option: {shown(parsed.unclear[0])}")
    given = [value for name, value in parsed.values if name in MOUNTS]
    for value in given:
        _mounted(call, value)
    command = parsed.operands[1:]
    if any(map(_writable, given)) and command and command[0].rpartition("/")[2] in CHANGING:
        call.argv(command, call.stdin, State())
    return UNKNOWN_OUTPUT


def _writable(value: str) -> bool:
    """Whether a directory of the host, or a volume that outlives the container, may be written to."""
    return (":" in value and not value.endswith(READ_ONLY)) or "type=bind" in value or "type=volume" in value


def _mounted(call: Call, value: str) -> None:
    source, readonly = value.partition(":")[0], value.endswith(READ_ONLY)
    if "=" in value:
        told = dict(each.partition("=")[::2] for each in value.split(","))
        source = told.get("source", told.get("src", ""))
        readonly = readonly or told.get("readonly", "no") in ("", "true", "1")
    if unknown(source):
        call.review(
            "opaque", f"{call.name}: which directory it is given is only known when it runs: {shown(value)}"
        )
    elif ".sock" in source:
        call.review("mount", f"{call.name} is given a socket of the host: {shown(value)}")
    elif readonly or not source.startswith(("/", ".", "~")):
        return
    elif call.context.places.below(source, call.state.directory) >= Place.PROTECTED:
        call.review(
            "mount", f"{call.name} is given a protected place of the host to write to: {shown(value)}"
        )


def kubectl_exec(call: Call, record: Record) -> Values:
    """``kubectl exec POD -- COMMAND``."""
    words = call.arguments
    if "--" in words:
        place = words.index("--")
        inner = words[place + 1 :]
    else:
        parsed = options.parse(record, words)
        inner = parsed.operands[1:]
    if not inner:
        call.review("session", f"{call.name}: nobody sees what is typed there")
        return UNKNOWN_OUTPUT
    return call.argv(inner, call.stdin, State())


def mild(call: Call, record: Record) -> Values:
    """``docker ps`` and its like; a build writes where it is told."""
    parsed = options.parse(record, call.arguments)
    records.flags(call, record, parsed)
    return UNKNOWN_OUTPUT
