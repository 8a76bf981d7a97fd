"""Services, processes and settings of a host: words that look, and words that change."""

from __future__ import annotations

import re

from drkit.gate.classify import options, roles
from drkit.gate.classify.calls import UNKNOWN_OUTPUT, Call
from drkit.gate.classify.markers import TAME, shown, unknown
from drkit.gate.classify.options import Record
from drkit.gate.classify.state import Values


def hostname(call: Call, _record: Record) -> Values:
    """With an operand it names the host anew."""
    for word in call.arguments:
        if not re.fullmatch(
            r"-[sfdiIaAy]|--(short|fqdn|long|domain|ip-address|all-ip-addresses|alias|version|help)", word
        ):
            call.review("host", f"hostname {shown(word)}: names the host anew")
    return (TAME,)


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


def mounts(call: Call, _record: Record) -> Values:
    """``mount`` alone, or with a kind of file system, lists."""
    if call.arguments and not (call.arguments[0] in ("-l", "-t") and len(call.arguments) <= 2):  # noqa: PLR2004
        call.review("mount", "mount: changes which files are where")
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
