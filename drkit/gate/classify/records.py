"""A program that is described as data: its arguments told apart, and what becomes of each."""

from __future__ import annotations

from collections.abc import Sequence

from drkit.gate.classify import options, roles
from drkit.gate.classify.calls import UNKNOWN_OUTPUT, Call
from drkit.gate.classify.markers import HOLES, shown, unknown
from drkit.gate.classify.options import EMPTY, Parsed, Record
from drkit.gate.classify.state import Values

HELP = frozenset(("h", "help", "version"))


def judge(call: Call, record: Record) -> Values:
    """Judge a call by its program's record; what it prints, as far as that is known."""
    if "read" in record:
        return roles.printed(call)
    if "review" in record:
        if call.arguments in (["--version"], ["--help"]):
            return UNKNOWN_OUTPUT
        call.review(record.get("rule", "program"), f"{call.name}: {record['review']}")
        return UNKNOWN_OUTPUT
    if "special" in record:
        from drkit.gate.classify.handlers import handler

        return handler(record["special"])(call, record)
    return plain(call, record)


def plain(call: Call, record: Record) -> Values:
    """Options, subcommands and operands."""
    if asks_for_help(call.arguments, record):
        return UNKNOWN_OUTPUT
    if "commands" in record:
        return _subcommand(call, record)
    parsed = options.parse(record, call.arguments)
    tries = "dry" in record and parsed.has(*record["dry"]["given"]) and not parsed.has("no-dry-run", "no-n")
    flags(call, _tried(record) if tries else record, parsed)
    if record.get("careful") and (parsed.unclear or any(HOLES in word for word in parsed.operands)):
        unclear = (parsed.unclear or [word for word in parsed.operands if HOLES in word])[0]
        call.review("opaque", f"{call.name}: an argument that may be any option: {shown(unclear)}")
    if not tries:
        roles.operands(call, record, parsed)
    return UNKNOWN_OUTPUT


def _tried(record: Record) -> Record:
    """A record while its program only says what it would do: few of its options still matter."""
    still = record["dry"]["still"]
    return record | {"flags": {name: why for name, why in record["flags"].items() if name in still}}


def asks_for_help(words: Sequence[str], record: Record) -> bool:
    """``--help`` and ``--version`` alone do nothing."""
    return len(words) == 1 and words[0] in ("--help", "--version", *record.get("harmless", ()))


def flags(call: Call, record: Record, parsed: Parsed) -> None:
    """Options that matter by themselves, and values of options that are paths, commands or code."""
    told: Record = record.get("flags", EMPTY)
    takes: Record = record.get("takes", EMPTY)
    if told:
        for name in dict.fromkeys(parsed.flags):
            if name in told:
                call.review(record.get("rule", "option"), f"{call.name} {_dashed(name)}: {told[name]}")
    for name, value in parsed.values:
        role = takes.get(name, "value")
        if role not in ("value", "attached"):
            roles.one(call, role, value)
    required = record.get("unless")
    if required and not parsed.has(*required["flags"]):
        call.review(record.get("rule", "program"), f"{call.name}: {required['why']}")
    if record.get("strict"):
        _strict(call, record, parsed)


def _strict(call: Call, record: Record, parsed: Parsed) -> None:
    known = {
        *record.get("takes", EMPTY),
        *record.get("flags", EMPTY),
        *record.get("safe", ()),
        *record.get("switch", ()),
    }
    known |= HELP
    for name in parsed.flags:
        if name not in known:
            call.review("option", f"{call.name} {_dashed(name)}: what this option does is not known here")


def _dashed(name: str) -> str:
    return shown(f"-{name}" if len(name) == 1 else f"--{name}")


def _subcommand(call: Call, record: Record) -> Values:
    """The first operand chooses. An option before it that nobody knows may have a value: then nobody knows which."""
    parsed = options.parse(record | {"stops": True}, call.arguments)
    flags(call, record | {"strict": True}, parsed)
    if not parsed.operands:
        bare = record.get("bare", "read")
        if bare != "read":
            call.review("program", f"{call.name}: {bare}")
        return UNKNOWN_OUTPUT
    word = parsed.operands[0]
    if unknown(word):
        call.review("opaque", f"{call.name}: what it is told to do is only known when it runs")
        return UNKNOWN_OUTPUT
    commands: Record = record["commands"]
    chosen = commands.get(word) or commands.get("*")
    if chosen is None:
        call.review("program", f"{call.name} {shown(word)}: nothing is known of this")
        return UNKNOWN_OUTPUT
    rest = parsed.operands[1:]
    inner = Call(call.walker, f"{call.name} {word}", rest, call.state, call.stdin, call.at)
    return judge(inner, chosen)
