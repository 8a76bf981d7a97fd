"""What an operand, or the value of an option, is to a program: a path that it writes, a command that it runs, ..."""

from __future__ import annotations

import re
from typing import Any

from drkit.gate.classify import effects
from drkit.gate.classify.calls import UNKNOWN_OUTPUT, Call
from drkit.gate.classify.markers import HOLE, HOLES, TAME, literal, shown
from drkit.gate.classify.options import EMPTY, Parsed, Record
from drkit.gate.classify.state import Values

CHANGES = frozenset(effects.WORDS)
REMOTE_END = ":"
NOTHING = frozenset(("value", "attached"))  # what such a word says is the program's own affair


def operands(call: Call, record: Record, parsed: Parsed) -> None:
    """Give each operand its role, by the record and by the options that change it."""
    roles = record.get("operands", "value")
    for name, other in record.get("switch", EMPTY).items():
        if name in parsed.flags:
            roles = other
    words = parsed.operands
    if isinstance(roles, str):
        for word in words:
            one(call, roles, word)
    elif isinstance(roles, list):
        _in_order(call, roles, words)
    else:
        _first_and_last(call, roles, words, parsed)


def _in_order(call: Call, roles: list[str], words: list[str]) -> None:
    for index, word in enumerate(words):
        role = roles[min(index, len(roles) - 1)]
        if role in ("argv", "shells", "remote"):
            rest(call, role, words[index:])
            return
        one(call, role, word)


def _first_and_last(call: Call, roles: dict[str, Any], words: list[str], parsed: Parsed) -> None:
    """``last`` is a destination, unless an option named it already or there is nothing else."""
    has_last = len(words) > roles.get("least", 1) and not parsed.has(*roles.get("unless", ()))
    others = words[:-1] if has_last else words
    for index, word in enumerate(others):
        one(call, roles.get("first", roles["rest"]) if index == 0 else roles["rest"], word)
    if has_last:
        one(call, roles["last"], words[-1])


def rest(call: Call, role: str, words: list[str]) -> None:
    """All words from here on: a command as it stands, or text that a shell joins."""
    if role == "argv":
        call.argv(words, call.stdin)
    else:
        call.shell(" ".join(words), call.stdin)


def one(call: Call, role: str, word: str) -> None:  # noqa: C901, PLR0912 - one role, one branch
    """Judge one word by its role."""
    context, state, at = call.context, call.state, call.at
    if role in CHANGES:
        effects.change(context, role, local(word), state, at)
    elif role == "read":
        effects.read(context, word, state, at)
    elif role == "append":
        effects.append(context, word, state, at)
    elif role == "create":
        effects.create(context, word, state, at)
    elif role == "shell":
        call.shell(word, call.stdin)
    elif role == "argv":
        call.argv([*word.split(), HOLES], call.stdin)  # it gets more arguments, which nobody sees
    elif role == "code":
        call.review("opaque", f"{call.name} runs code that the gate does not read: {_cut(word)}")
    elif role == "script":
        call.review("script", f"{call.name} runs a file that nobody has read: {shown(word)}")
    elif role.startswith("sql"):
        sql(call, word, role.partition(":")[2] or "mysql")
    elif role == "assignment":
        assignment(call, word)
    elif role == "secret":
        call.review("secret", f"{call.name} hands out a secret: {shown(word)}")
    elif role == "awk":
        from drkit.gate.classify.handlers.awk import awk

        awk(call, word)
    elif role == "sed":
        from drkit.gate.classify.handlers.texts import sed

        sed(call, word)
    elif role.startswith("review:"):
        call.review("option", f"{call.name} {shown(word)}: {role[7:]}")
    elif role not in NOTHING:
        from drkit.gate.classify.ownroles import SPECIAL

        SPECIAL[role](call, word)


def local(word: str) -> str:
    """The path of ``host:path``: places are the same everywhere, unless an estate says otherwise."""
    head, colon, tail = word.partition(REMOTE_END)
    if colon and "/" not in head and head and not head.startswith("."):
        return tail.lstrip(REMOTE_END) or "."
    return word


def assignment(call: Call, word: str) -> None:
    """``NAME=value`` for a program that is run with it."""
    from drkit.gate.classify.assignments import judge

    name, _, value = word.partition("=")
    judge(call.walker, name, (value,), call.at)


def sql(call: Call, text: str, dialect: str) -> None:
    """Statements for a database."""
    from drkit.gate.classify.handlers.clients import TELLING

    if dialect in TELLING and TELLING[dialect].fullmatch(text):
        return
    if not literal(text):
        call.review("opaque", f"{call.name}: the statement is only known when it runs: {_cut(text)}")
        return
    from drkit.gate.classify.sql import statements

    for reason in statements(text, dialect):
        call.context.reasons.append(reason._replace(at=call.at))


def _cut(text: str) -> str:
    told = " ".join(shown(text).split())
    return told if len(told) <= 80 else f"{told[:79]}…"  # noqa: PLR2004 - one line


# Whatever a program is called: an option of this name does more than read.
WITH_COLUMNS = frozenset(("df", "lsblk", "findmnt", "ps", "lscpu", "column", "lsns", "lsmem"))
MORE_THAN_READING = re.compile(
    r"--(out(put|file)?(-?(file|dir|path))?|save|write|exec|pager|fix|init-hook|export|report-file|log-?file|in-?place|kill|"
    r"delete|command|run|preprocessor|pre|post|hook|plugin|load|eval)(=.*)?"
)


def printed(call: Call) -> Values:
    """What a harmless program prints, where that is sure enough to go on with; its secrets are looked after."""
    name, words = call.name, call.arguments
    for word in words:
        if word[:1] != "-":
            effects.read(call.context, word, call.state, call.at)
        elif word[:2] == "--" and name not in WITH_COLUMNS and MORE_THAN_READING.fullmatch(word):
            call.review("option", f"{call.name} {shown(word)}: may write or run something")
    if name in ("nproc", "whoami", "arch", "uname", "id") and all(word[:1] == "-" for word in words):
        return (TAME,)
    if name == "wc" and words[:1] in (["-l"], ["-c"], ["-w"]):
        return (TAME,) if call.stdin is not None else (HOLE,)
    if name == "basename" and len(words) in (1, 2) and all(map(literal, words)):
        last = words[0].rstrip("/").rpartition("/")[2]
        return (last.removesuffix(words[1]) if len(words) > 1 else last,)
    if name == "dirname" and len(words) == 1 and literal(words[0]):
        return (words[0].rstrip("/").rpartition("/")[0] or "/",) if "/" in words[0] else (".",)
    return UNKNOWN_OUTPUT
