"""Programs that mostly read, and the few words with which they do not."""

from __future__ import annotations

import re

from drkit.gate.classify import effects, options, records, roles
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


def hostname(call: Call, _record: Record) -> Values:
    """With an operand it names the host anew."""
    for word in call.arguments:
        if not re.fullmatch(
            r"-[sfdiIaAy]|--(short|fqdn|long|domain|ip-address|all-ip-addresses|alias|version|help)", word
        ):
            call.review("host", f"hostname {shown(word)}: names the host anew")
    return (TAME,)


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


def parted(call: Call, _record: Record) -> Values:
    """Printing only."""
    words = call.arguments
    if (
        words not in (["-l"], ["--list"]) and words[-1:] != ["print"] and words[-2:] != ["print", "free"]
    ) or any(
        word in ("mklabel", "mktable", "rm", "mkpart", "resizepart", "set", "name", "toggle", "rescue")
        for word in words
    ):
        call.review("disk", "parted: changes the partitions of a disk")
    return UNKNOWN_OUTPUT


def ending(call: Call, record: Record) -> Values:
    """``pkill`` and its like: by name; whoever names only a user, a group or a terminal ends all of theirs."""
    parsed = options.parse(record, call.arguments)
    for word in parsed.operands:
        roles.one(call, "process", word)
    if not parsed.operands and not parsed.has("l", "list", "version", "V", "help"):
        call.review("process", f"{call.name}: ends everything of a user, a group or a terminal")
    if parsed.unclear:
        call.review("opaque", f"{call.name}: an argument that may be any option: {shown(parsed.unclear[0])}")
    return UNKNOWN_OUTPUT


def looking(call: Call, record: Record) -> Values:
    """Of a link, or of a name, it tells; with more words it sets."""
    words = [word for word in call.arguments if not re.fullmatch(r"--?[a-z46-]+(=\w+)?", word)]
    last = call.name.rpartition(" ")[2]
    if last not in record["reading"] and (len(words) > 1 or any(map(unknown, words))):
        call.review("network", f"{call.name}: changes the host's network")
    return UNKNOWN_OUTPUT


def service(call: Call, _record: Record) -> Values:
    """``service NAME WORD``."""
    words = call.arguments
    if words[:1] == ["--status-all"]:
        return UNKNOWN_OUTPUT
    if len(words) != 2 or words[1] not in ("status", "start", "restart", "reload", "configtest"):  # noqa: PLR2004
        call.review("service", f"service {shown(' '.join(words))}: stops a service, or nobody knows what")
    else:
        roles.one(call, "service", words[0])
    return UNKNOWN_OUTPUT


def firewall(call: Call, _record: Record) -> Values:
    """Reading only."""
    words = [word for word in call.arguments if not word.startswith("--zone")]
    reading = all(
        re.fullmatch(
            r"status|verbose|numbered|show|version|--(list|get|state|query|info|version).*|app|list|raw|listening|added",
            word,
        )
        for word in words
    )
    if not words or not reading:
        call.review("network", f"{call.name}: changes the firewall")
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


DAEMON_READING = re.compile(
    r"-t|-T|-v|-V|-c|--?version|--?help|configtest|status|fullstatus|-S|-M|validate|reload|-p|-q|-s|fmt|list-modules|version|list|banlist|-f|graceful"
)


def daemons(call: Call, _record: Record) -> Values:
    """Looking at settings, and reloading them."""
    words = call.arguments
    if not words or not DAEMON_READING.fullmatch(words[0]):
        call.review(
            "service", f"{call.name} {shown(' '.join(words[:1]))}: starts, stops or changes a service"
        )
    elif words[0] in ("-s", "-c", "-f", "-p", "-q") and not (
        words[:2] == ["-s", "reload"]
        or "-t" in words
        or "-c" in words[2:]
        or words in (["-q"], ["-p"])
        or (call.name == "haproxy" and words[:1] == ["-c"])
    ):
        call.review(
            "service", f"{call.name} {shown(' '.join(words[:2]))}: starts, stops or changes a service"
        )
    elif call.name in (
        "postqueue",
        "postsuper",
        "doveadm",
        "rndc",
        "sshd",
        "named",
        "unbound-control",
        "pdnsutil",
    ) and words[0] not in ("-p", "-t", "-T", "status", "-v", "-V"):
        call.review("service", f"{call.name} {shown(words[0])}: changes a service")
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


def mounts(call: Call, _record: Record) -> Values:
    """``mount`` alone, or with a kind of file system, lists."""
    if call.arguments and not (call.arguments[0] in ("-l", "-t") and len(call.arguments) <= 2):  # noqa: PLR2004
        call.review("mount", "mount: changes which files are where")
    return UNKNOWN_OUTPUT


def temporary(call: Call, record: Record) -> Values:
    """``mktemp``: a new name below /tmp, unless it is told where."""
    parsed = options.parse(record, call.arguments)
    if parsed.operands or parsed.has("p", "tmpdir"):
        return UNKNOWN_OUTPUT
    return (f"/tmp/{TAME}",)  # noqa: S108 - what the program prints
