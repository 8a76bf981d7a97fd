"""Package managers of the host: from its repositories is everyday work, a file from elsewhere is not."""

from __future__ import annotations

import re

from drkit.gate.classify import options, records
from drkit.gate.classify.calls import UNKNOWN_OUTPUT, Call
from drkit.gate.classify.markers import shown, unknown
from drkit.gate.classify.options import Record
from drkit.gate.classify.state import Values

MACROS = re.compile(r"-[a-zA-Z]*[ED]|--(eval|define|undefine|load|macros|rcfile)")
PLAIN_MACRO = re.compile(r"-{0,2}\w+|%\{?\??\w+\}?")


def apt(call: Call, record: Record) -> Values:
    """Names of packages; a trailing minus removes."""
    parsed = options.parse(record, call.arguments)
    records.flags(call, record, parsed)
    for word in parsed.operands:
        if (
            unknown(word)
            or "/" in word
            or word.endswith((".deb", ".rpm", ".apk", ".snap", "-"))
            or "://" in word
        ):
            call.review(
                "package",
                f"{call.name} {shown(word)}: a package that is not the repositories', or is removed",
            )
    return UNKNOWN_OUTPUT


def rpm(call: Call, record: Record) -> Values:
    """Queries and verification only."""
    first = call.arguments[0] if call.arguments else ""
    if any(map(MACROS.match, call.arguments)) and not all(map(PLAIN_MACRO.fullmatch, call.arguments)):
        call.review("opaque", f"{call.name}: a macro, which may run a command")
    if first.startswith("-") and not first.startswith("--") and first[1:2] in "qVK" and len(first) > 1:
        if "--pipe" not in call.arguments:
            return UNKNOWN_OUTPUT
    elif first in ("--query", "--verify", "--checksig", "--version", "--eval", "--showrc", "--querytags"):
        return UNKNOWN_OUTPUT
    call.review("package", f"{call.name}: installs or removes packages, with their scripts")
    del record
    return UNKNOWN_OUTPUT
