"""Programs that mostly read, and the few words with which they do not."""

from __future__ import annotations

import re

from drkit.gate.classify import effects, options, records
from drkit.gate.classify.calls import UNKNOWN_OUTPUT, Call
from drkit.gate.classify.markers import TAME, shown, unknown
from drkit.gate.classify.options import Record
from drkit.gate.classify.state import Values


def date(call: Call, _record: Record) -> Values:
    """``-s`` and a bare number set the clock."""
    words = call.arguments
    if any(word.startswith("--s") or re.fullmatch(r"-[uRn]*s.*", word) for word in words) or any(
        word.isdigit() for index, word in enumerate(words) if words[index - 1 : index] not in (["-d"], ["-r"])
    ):
        call.review("clock", "date: sets the clock")
    elif any(unknown(word[:1]) for word in words):
        call.review("opaque", "date: an argument that may set the clock")
    formats = [word for word in words if word.startswith("+")]
    tame = all(
        re.fullmatch(r"\+%[%A-Za-z0-9:_.-]*", word) and "%D" not in word and "%x" not in word
        for word in formats
    )
    return (
        (TAME,) if tame and formats and "%n" not in formats[0] and "%t" not in formats[0] else UNKNOWN_OUTPUT
    )


def pieces(call: Call, record: Record) -> Values:
    """``split``: its second operand is the beginning of the names that it writes."""
    parsed = options.parse(record, call.arguments)
    records.flags(call, record, parsed)
    if call.name == "split":
        for word in parsed.operands[1:]:
            effects.write(call.context, word + TAME, call.state, call.at)
    prefix = parsed.value("f", "prefix")
    if prefix is not None:
        effects.write(call.context, prefix + TAME, call.state, call.at)
    if parsed.unclear:
        call.review("opaque", f"{call.name}: an argument that may be any option: {shown(parsed.unclear[0])}")
    return UNKNOWN_OUTPUT


def keygen(call: Call, record: Record) -> Values:
    """A new key at a new place, a fingerprint, a signature; all else changes keys."""
    parsed = options.parse(record, call.arguments)
    records.flags(call, record, parsed)
    if parsed.has("l", "F", "B", "Q"):
        return UNKNOWN_OUTPUT
    path = parsed.value("f")
    if path is not None and not parsed.has("Y", "s"):
        effects.write(call.context, path, call.state, call.at)
    if parsed.has("s"):
        call.review("secret", "ssh-keygen -s: signs a key, which lets somebody in")
    return UNKNOWN_OUTPUT


OPENSSL = frozenset(
    [
        "x509",
        "verify",
        "s_client",
        "version",
        "ciphers",
        "dgst",
        "sha1",
        "sha256",
        "sha512",
        "md5",
        "asn1parse",
        "crl",
        "ocsp",
        "list",
        "speed",
        "errstr",
        "prime",
        "req",
        "rand",
        "help",
        "base64",
        "md5",
        "sha384",
    ]
)


def openssl(call: Call, _record: Record) -> Values:
    """Certificates and digests; what makes or opens keys is another matter."""
    words = call.arguments
    if not words or words[0] not in OPENSSL:
        call.review("secret", f"openssl {shown(' '.join(words[:1]))}: makes, opens or changes keys and files")
        return UNKNOWN_OUTPUT
    for index, word in enumerate(words):
        if word in (
            "-out",
            "-keyout",
            "-writerand",
            "-sess_out",
            "-noout-none",
            "-CAserial",
            "-keylogfile",
        ) and index + 1 < len(words):
            effects.write(call.context, words[index + 1], call.state, call.at)
        elif word in (
            "-engine",
            "-provider",
            "-provider-path",
            "-config",
            "-CAcreateserial",
            "-passin",
            "-starttls-none",
        ):
            call.review("option", f"openssl {word}: takes in code or a secret")
        elif unknown(word[:1]):
            call.review("opaque", f"openssl: an argument that may be any option: {shown(word)}")
    return UNKNOWN_OUTPUT


def opaque(call: Call, _record: Record) -> Values:
    """Interpreters of which nothing is read."""
    if call.arguments and call.arguments[0] in ("--version", "-version", "-V", "--help", "-v", "-h"):
        return UNKNOWN_OUTPUT
    call.review("opaque", f"{call.name} runs code that the gate does not read")
    return UNKNOWN_OUTPUT


HDFS = frozenset(
    [
        "-ls",
        "-cat",
        "-du",
        "-df",
        "-count",
        "-stat",
        "-tail",
        "-head",
        "-test",
        "-text",
        "-checksum",
        "-find",
        "-getfacl",
        "-getfattr",
        "-help",
        "-usage",
        "-touchz-none",
    ]
)


def hdfs(call: Call, _record: Record) -> Values:
    """``hdfs dfs -ls`` and what else reads."""
    words = call.arguments
    if not words or words[0] not in HDFS:
        call.review("data", f"{call.name} {shown(' '.join(words[:1]))}: may change or delete what is stored")
    return UNKNOWN_OUTPUT


def httpie(call: Call, _record: Record) -> Values:
    """``http GET url``: any other method, and fields, send something."""
    words = [word for word in call.arguments if not word.startswith("-")]
    method = words[0] if words and words[0].isupper() else "GET"
    if method not in ("GET", "HEAD", "OPTIONS") or any(
        re.match(r"[^/?]*[^:/]:?=|.*@", word) for word in words[1:]
    ):
        call.review("send", f"{call.name} sends something: what that does is up to the other side")
    if any(word.startswith(("-o", "--output", "-d", "--download")) for word in call.arguments):
        call.review("write", f"{call.name}: writes the answer to a file")
    return UNKNOWN_OUTPUT


OURS = frozenset(
    [
        "check",
        "plan",
        "due",
        "history",
        "doctor",
        "report",
        "schema",
        "collect",
        "completion",
        "access",
        "copies",
        "snapshots",
        "evidence",
        "sandbox",
        "demo",
    ]
)


def ourselves(call: Call, _record: Record) -> Values:
    """Drkit asks for approvals itself; only what makes and removes without them is held here."""
    words = [word for word in call.arguments if not word.startswith("-")]
    if (
        words
        and words[0] not in OURS
        and words[:2] not in (["gate", "inbox"], ["gate", "show"], ["gate", "check"], ["gate", "request"])
    ):
        call.review("program", f"drkit {shown(words[0])}: changes something")
    if words[:1] == ["evidence"] and words[1:2] not in (["show"], ["verify"], ["export"]):
        call.review("program", "drkit evidence: changes what is recorded")
    return UNKNOWN_OUTPUT


def temporary(call: Call, record: Record) -> Values:
    """``mktemp``: a new name below /tmp, unless it is told where."""
    parsed = options.parse(record, call.arguments)
    if parsed.operands or parsed.has("p", "tmpdir"):
        return UNKNOWN_OUTPUT
    return (f"/tmp/{TAME}",)  # noqa: S108 - what the program prints
