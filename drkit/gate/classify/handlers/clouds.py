"""The clouds' command lines: a service, an action, and what the action does."""

from __future__ import annotations

import re

from drkit.gate.classify import options, records, roles
from drkit.gate.classify.calls import UNKNOWN_OUTPUT, Call
from drkit.gate.classify.markers import literal, shown, unknown
from drkit.gate.classify.options import Record
from drkit.gate.classify.state import Values

READING_WORDS = re.compile(
    r"(list|describe|get|show|head|lookup|search|view|read|browse|check|validate|explain|estimate|test|wait|preview)"
    r"([-_].*)?|ls|help|info|version|export-template|top|tail|logs|get-value|list-.*|is-.*|exists|summarize|diff"
)
SECRET_WORDS = re.compile(
    r".*(secret|password|access-?key|token|credential|key-?pair|login-profile|keys list).*"
)


# What the client itself makes of calls that read.
OF_THE_CLIENT = frozenset(
    (("logs", "tail"), ("cloudformation", "package"), ("sso", "login"), ("sso", "logout"), ("ecs", "wait"))
)


def tencent(call: Call, record: Record) -> Values:
    """``tccli SERVICE ACTION --Param value``."""
    parsed = options.parse(record, call.arguments)
    records.flags(call, record, parsed)
    words = parsed.operands
    if parsed.has("help") or not words or words[-1] == "help":
        return UNKNOWN_OUTPUT
    if words[0] == "configure":
        if words[1:2] != ["list"]:
            call.review("secret", "tccli configure: changes which credential is used")
        return UNKNOWN_OUTPUT
    if len(words) < 2 or not all(map(literal, words[:2])):  # noqa: PLR2004 - a service and an action
        call.review("opaque", "tccli: which action is called is only known when it runs")
        return UNKNOWN_OUTPUT
    _api(call, "tencent", words[0], words[1])
    return UNKNOWN_OUTPUT


def _api(call: Call, cloud: str, service: str, action: str) -> None:
    from drkit.gate.classify.api import judge_action
    from drkit.gate.classify.parameters import from_words

    rest = call.arguments[call.arguments.index(action) + 1 :]
    reason = judge_action(cloud, service, action, from_words(rest))
    if reason is not None:
        call.context.reasons.append(reason._replace(at=call.at))


def aws(call: Call, record: Record) -> Values:
    """``aws service operation``; ``s3`` has words of its own."""
    parsed = options.parse(record, call.arguments)
    records.flags(call, record, parsed)
    words = parsed.operands
    if not words or words[-1] == "help" or parsed.has("version"):
        return UNKNOWN_OUTPUT
    if any(unknown(word) for word in words[:2]):
        call.review("opaque", "aws: which operation is called is only known when it runs")
    elif words[0] == "s3":
        _objects(call, parsed.operands[1:], parsed)
    elif words[0] == "configure":
        if words[1:2] not in (["list"], ["list-profiles"]):
            call.review("secret", "aws configure: shows or changes which credential is used")
    elif len(words) == 1:
        call.review("program", f"aws {shown(words[0])}: nothing is known of this")
    elif words[1] == "wait" or tuple(words[:2]) in OF_THE_CLIENT:
        return UNKNOWN_OUTPUT
    else:
        _api(call, "aws", words[0], words[1])
        for path in words[2:]:
            roles.one(call, "write", path)
    return UNKNOWN_OUTPUT


def _objects(call: Call, words: list[str], parsed: options.Parsed) -> None:
    """``aws s3``: reading, and copying from the bucket to here, is everyday work."""
    if not words:
        return
    verb, rest = words[0], words[1:]
    remote = [word for word in rest if word.startswith("s3://")]
    if verb in ("ls", "presign"):
        if verb == "presign":
            call.review("secret", "aws s3 presign: hands out access to an object")
    elif verb in ("cp", "sync") and len(rest) > 1 and remote == rest[:1] and not parsed.has("delete"):
        if rest[1] != "-":
            roles.one(call, "write", rest[1])
    else:
        call.review("cloud", f"aws s3 {shown(verb)}: overwrites or deletes objects, or changes a bucket")


def by_verb(call: Call, record: Record) -> Values:
    """``gcloud``, ``az`` and their like: the verb is among the operands, and must be one that reads."""
    parsed = options.parse(record, call.arguments)
    records.flags(call, record, parsed)
    words = parsed.operands
    if not words or parsed.has("help", "version"):
        return UNKNOWN_OUTPUT
    if unknown(" ".join(words[:4])) and not any(READING_WORDS.fullmatch(word) for word in words[:3]):
        call.review("opaque", f"{call.name}: what it is told is only known when it runs")
        return UNKNOWN_OUTPUT
    told = " ".join(words)
    verbs = [word for word in words if READING_WORDS.fullmatch(word)]
    if not verbs:
        call.review("cloud", f"{call.name} {shown(told)[:80]}: may change or destroy what is in the cloud")
    elif SECRET_WORDS.fullmatch(told) and not verbs[0].startswith("list"):
        call.review("secret", f"{call.name} {shown(told)[:80]}: shows a secret")
    else:
        before = words[: words.index(verbs[0])]
        if any(word in DANGEROUS for word in before):
            call.review(
                "cloud", f"{call.name} {shown(told)[:80]}: may change or destroy what is in the cloud"
            )
    return UNKNOWN_OUTPUT


DANGEROUS = frozenset(
    [
        "delete",
        "remove",
        "destroy",
        "purge",
        "update",
        "set",
        "create",
        "rm",
        "stop",
        "reset",
        "revoke",
        "disable",
        "terminate",
    ]
)
