"""Roles that few programs have: what the word of one option or operand comes to."""

from __future__ import annotations

import re
from collections.abc import Callable

from drkit.gate.classify import effects
from drkit.gate.classify.calls import Call
from drkit.gate.classify.markers import literal, shown, unknown
from drkit.gate.classify.places import Place

Role = Callable[[Call, str], None]


def traced(call: Call, word: str) -> None:
    """``-o`` of strace: a file, or after ``|`` or ``!`` a command."""
    if word.startswith(("|", "!")):
        call.shell(word[1:])
    else:
        effects.change(call.context, "write", word, call.state, call.at)


def tracing(call: Call, word: str) -> None:
    """``-e`` of strace: looking is one thing, making calls fail another."""
    if unknown(word) or re.match(r"(inject|fault|kvm)\b", word):
        call.review("process", f"{call.name} -e {shown(word)}: changes what the program meets")


def rsh(call: Call, word: str) -> None:
    """The way to the other side: ssh with its options, or a command of any kind."""
    call.shell(f"{word} host true")


SSH_SETTINGS = re.compile(
    r"(AddressFamily|BatchMode|BindAddress|CheckHostIP|Ciphers|Compression|ConnectionAttempts|ConnectTimeout|"
    r"ControlMaster|ControlPath|ControlPersist|EscapeChar|FingerprintHash|GlobalKnownHostsFile|GSSAPI\w+|HashKnownHosts|"
    r"HostKeyAlgorithms|HostKeyAlias|HostName|IdentitiesOnly|IdentityFile|IPQoS|KbdInteractiveAuthentication|"
    r"KexAlgorithms|LogLevel|MACs|NumberOfPasswordPrompts|PasswordAuthentication|Port|PreferredAuthentications|ProxyJump|"
    r"PubkeyAcceptedAlgorithms|PubkeyAcceptedKeyTypes|PubkeyAuthentication|RekeyLimit|RequestTTY|ServerAliveCountMax|"
    r"ServerAliveInterval|StrictHostKeyChecking|TCPKeepAlive|UpdateHostKeys|User|UserKnownHostsFile|VerifyHostKeyDNS|"
    r"VisualHostKey|ChallengeResponseAuthentication|ExitOnForwardFailure|ClearAllForwardings)\s*[= ]",
    re.IGNORECASE,
)


def ssh_option(call: Call, word: str) -> None:
    """``-o`` of ssh and scp: what is not known to be harmless may run a program, or open a way in."""
    if not SSH_SETTINGS.match(word.lstrip()):
        call.review("option", f"{call.name} -o {shown(word)}: may run a command of its own, or open a way in")


def output(call: Call, word: str) -> None:
    """Where docker's builder puts what it built: ``dest=PATH`` among others, or a path."""
    told = dict(each.partition("=")[::2] for each in word.split(","))
    if "=" not in word or "dest" in told:
        effects.change(call.context, "write", told.get("dest", word), call.state, call.at)


def settings(call: Call, word: str) -> None:
    """A file of settings that may name programs: what everybody can write to, or this text wrote, is held."""
    place = call.context.places.of(word, call.state.directory)
    if place is Place.SCRATCH or call.context.wrote:
        call.review("script", f"{call.name} takes settings, which may run a program, from {shown(word)}")


def printing(call: Call, word: str) -> None:
    """``-w`` of curl: ``%output{FILE}`` writes, ``@FILE`` is taken in."""
    if unknown(word) or "%output" in word or word.startswith("@"):
        call.review("write", f"{call.name} -w {shown(word)}: may write to a file")


def label(call: Call, word: str) -> None:
    """``name-`` takes a label away."""
    if word.endswith("-"):
        call.review("option", f"{call.name} {shown(word)}: takes away what others go by")


def pager(call: Call, word: str) -> None:
    """``+`` begins a command of the pager, which may run a program."""
    if word.startswith("+") and not re.fullmatch(r"\+{1,2}(F|G|g|\d+|/[\w .:-]+)", word):
        call.review("option", f"{call.name} {shown(word)}: a command of the pager, which may run a program")
    else:
        effects.read(call.context, word, call.state, call.at)


GUARDED = frozenset(
    [
        "drkit",
        "auditd",
        "falco",
        "osqueryd",
        "wazuh-agent",
        "fail2ban",
        "firewalld",
        "iptables",
        "nftables",
        "apparmor",
        "sshd",
        "ssh",
        "systemd-journald",
        "rsyslog",
        "mysqld",
        "mysql",
        "mariadb",
        "postgres",
        "postgresql",
        "mongod",
        "redis-server",
        "redis",
        "systemd",
        "init",
        "java-db",
        "kubelet",
        "etcd",
        "clickhouse-server",
        "elasticsearch",
    ]
)


def process(call: Call, word: str) -> None:
    """Ending a database or a guard is not everyday work; a pattern may mean anything."""
    name = word.removesuffix(".service")
    if (
        unknown(word)
        or not literal(word)
        or name in GUARDED
        or not any(map(str.isalnum, word))
        or "|" in word
    ):
        call.review("process", f"{call.name} {shown(word)}: ends a database, a guard, or nobody knows what")


def service(call: Call, word: str) -> None:
    """A unit by its name; one by its path may be anything."""
    if (
        unknown(word)
        or "/" in word
        or word.startswith(("rescue", "emergency", "reboot", "poweroff", "halt", "kexec"))
    ):
        call.review("service", f"{call.name} {shown(word)}: nobody knows what that starts or stops")


def kernel_setting(call: Call, word: str) -> None:
    """``name=value`` writes."""
    if "=" in word or unknown(word):
        call.review("host", f"{call.name} {shown(word)}: changes how the kernel works")


def git_place(call: Call, word: str) -> None:
    """Everything of a tree at once."""
    if word in (".", "*", ":/", "/") or word.startswith("\udc03"):
        call.review("option", f"{call.name} {shown(word)}: discards all that was not committed")


def _git(name: str) -> Role:
    def judge(call: Call, word: str) -> None:
        from drkit.gate.classify.handlers import repositories

        getattr(repositories, name)(call, word)

    return judge


SPECIAL: dict[str, Role] = {
    "rsh": rsh,
    "sshoption": ssh_option,
    "traced": traced,
    "tracing": tracing,
    "output": output,
    "settings": settings,
    "label": label,
    "printing": printing,
    "pager": pager,
    "process": process,
    "service": service,
    "setting": kernel_setting,
    "gitplace": git_place,
    "gitconfig": _git("setting"),
    "giturl": _git("url"),
    "gitfetch": _git("fetched"),
    "gitpush": _git("pushed"),
}
