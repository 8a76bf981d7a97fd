"""kubectl: reading, and the few changes that are everyday work."""

from __future__ import annotations

from drkit.gate.classify import options, records
from drkit.gate.classify.calls import UNKNOWN_OUTPUT, Call
from drkit.gate.classify.markers import shown, unknown
from drkit.gate.classify.options import Record
from drkit.gate.classify.state import Values


def read(call: Call, record: Record) -> Values:
    """``get`` and its like; what a secret holds is not for everybody."""
    parsed = options.parse(record, call.arguments)
    records.flags(call, record, parsed)
    kinds = [kind for word in parsed.operands[:1] for kind in word.split("/")[0].lower().split(",")]
    form = parsed.value("o", "output") or ""
    if any(kind in ("secret", "secrets") for kind in kinds) and form not in ("", "wide", "name"):
        call.review("secret", f"{call.name} secret -o {shown(form)}: shows secrets")
    if parsed.value("raw") is not None and not str(parsed.value("raw")).startswith(
        ("/healthz", "/readyz", "/livez", "/metrics", "/version")
    ):
        call.review("secret", f"{call.name} --raw: reads anything")
    return UNKNOWN_OUTPUT


def config(call: Call, _record: Record) -> Values:
    """The settings of kubectl itself."""
    if any(word.startswith(("--raw", "--flat", "--mini")) and "mini" not in word for word in call.arguments):
        call.review("secret", f"{call.name}: shows keys")
    return UNKNOWN_OUTPUT


def scale(call: Call, record: Record) -> Values:
    """To nothing is as good as stopped."""
    parsed = options.parse(record, call.arguments)
    replicas = parsed.value("replicas") or ""
    if unknown(replicas) or not replicas.isdigit() or int(replicas) == 0:
        call.review("service", f"{call.name} --replicas={shown(replicas)}: stops what runs, or may")
    if parsed.has("all"):
        call.review("service", f"{call.name} --all: changes everything at once")
    return UNKNOWN_OUTPUT


def create(call: Call, record: Record) -> Values:
    """Allowed where it only prints, or makes a namespace."""
    parsed = options.parse(record, call.arguments)
    dry = parsed.value("dry-run")
    if dry in ("client", "server") or parsed.operands[:1] in (["namespace"], ["ns"]):
        return UNKNOWN_OUTPUT
    call.review("program", f"{call.name}: makes something in the cluster, of which nobody has read what")
    return UNKNOWN_OUTPUT
