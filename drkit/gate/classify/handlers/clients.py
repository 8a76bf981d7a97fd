"""Clients of databases and queues: the statements that they are given, or that nobody knows."""

from __future__ import annotations

import re

from drkit.gate.classify import options, records, roles
from drkit.gate.classify.calls import UNKNOWN_OUTPUT, Call
from drkit.gate.classify.markers import literal, shown
from drkit.gate.classify.options import Record
from drkit.gate.classify.state import Values

# Commands of the client itself that only tell.
TELLING = {
    "sqlite": re.compile(
        r"\.(tables|schema|databases|indexes|indices|dbinfo|mode|headers|version|show|stats|width|timer|dump|fullschema)"
        r"( [\w%.]+)*"
    ),
    "postgres": re.compile(r"\\(d[a-zA-Z]*[+S]*|l\+?|conninfo|timing|encoding)( [\w.*]+)?"),
}


def sql(call: Call, record: Record) -> Values:
    """A statement by option, by pipe, by file, or a session."""
    parsed = options.parse(record, call.arguments)
    records.flags(call, record, parsed)
    if parsed.unclear:
        call.review("opaque", f"{call.name}: an argument that may be any option: {shown(parsed.unclear[0])}")
    if parsed.has(*record.get("harmless", ())):
        return UNKNOWN_OUTPUT
    dialect = str(record.get("reading", "mysql"))
    telling = TELLING.get(dialect)
    given = any(str(record["takes"].get(name, "")).startswith("sql") for name, _value in parsed.values)
    operand = record.get("operands")
    if operand is not None and len(parsed.operands) > int(operand):
        for text in parsed.operands[int(operand) :]:
            if telling is None or not telling.fullmatch(text):
                roles.one(call, f"sql:{dialect}", text)
        given = True
    if given:
        return UNKNOWN_OUTPUT
    if call.stdin is None:
        call.review("session", f"{call.name}: opens a session, and nobody sees what is typed there")
    elif not all(map(literal, call.stdin)):
        call.review("opaque", f"{call.name} runs whatever statements come in")
    else:
        for text in call.stdin:
            roles.sql(call, text, dialect)
    return UNKNOWN_OUTPUT


def words(call: Call, record: Record) -> Values:
    """A client whose command is its operands: ``redis-cli GET key``; the first word decides."""
    parsed = options.parse(record | {"stops": True}, call.arguments)
    records.flags(call, record, parsed)
    if parsed.has(*record.get("harmless", ())):
        return UNKNOWN_OUTPUT
    if not parsed.operands:
        if call.stdin is None:
            call.review("session", f"{call.name}: opens a session, and nobody sees what is typed there")
        else:
            call.review("opaque", f"{call.name} runs whatever comes in")
        return UNKNOWN_OUTPUT
    reading = record["reading"]
    given = " ".join(parsed.operands[:2]).upper()
    if not literal(given):
        call.review("opaque", f"{call.name}: what it is told is only known when it runs: {shown(given)}")
    elif parsed.operands[0].upper() not in reading and given not in reading:
        call.review("data", f"{call.name} {shown(given)}: may change or destroy data")
    return UNKNOWN_OUTPUT


def keyspaces(call: Call, record: Record) -> Values:
    """``etcdctl``-like tools go by their subcommands; see the record."""
    return records.plain(call, {key: value for key, value in record.items() if key != "special"})
