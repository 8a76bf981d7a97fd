"""What the shell itself carries out (bash manual, 4.1 and 4.2)."""

from __future__ import annotations

import re
from collections.abc import Callable

from drkit.gate.classify import setting
from drkit.gate.classify.calls import UNKNOWN_OUTPUT, Call
from drkit.gate.classify.markers import literal, shown, unknown
from drkit.gate.classify.state import Values

# By these a process looks after itself; nothing of it is lost.
MILD_SIGNAL = re.compile(r"-(s |n )?(SIG)?(0|HUP|1|USR1|10|USR2|12|CONT|18|WINCH|28)( |$)")


def _eval(call: Call) -> Values:
    words = call.arguments[1:] if call.arguments[:1] == ["--"] else call.arguments
    return call.shell(" ".join(words), call.stdin, call.state)


def _source(call: Call) -> Values:
    words = call.arguments[1:] if call.arguments[:1] == ["--"] else call.arguments
    content = call.context.read(words[0]) if words and literal(words[0]) else None
    if content is not None:
        from drkit.gate.classify.walking import walk

        return walk(call.context, content, call.state, call.at, call.stdin)
    call.review("script", f"takes in a file that nobody has read: {shown(words[0]) if words else '(none)'}")
    return UNKNOWN_OUTPUT


def _exec(call: Call) -> Values:
    words = call.arguments
    while words and words[0][:1] == "-":
        words = words[2:] if words[0].endswith("a") else words[1:]
    return call.argv(words, call.stdin) if words else ("",)


def _command(call: Call) -> Values:
    words = call.arguments
    while words and words[0][:1] == "-":
        if words[0].strip("-pvV"):
            break
        if "v" in words[0] or "V" in words[0]:
            return UNKNOWN_OUTPUT
        words = words[1:]
    if not words:
        return ("",)
    state = call.state.copy()  # a function of that name is passed over
    state.functions.pop(words[0], None)
    state.aliases.pop(words[0], None)
    printed = call.argv(words, call.stdin, state)
    call.state.variables, call.state.directory = state.variables, state.directory
    return printed


def _alias(call: Call) -> Values:
    for word in call.arguments:
        name, equals, text = word.partition("=")
        if not equals and literal(word):
            continue
        if not literal(word):
            call.review("opaque", f"what the alias '{shown(name)}' stands for is only known when it runs")
        else:
            call.shell(text)
            call.state.aliases[name] = text
    return ("",)


def _unalias(call: Call) -> Values:
    for word in call.arguments:
        call.state.aliases.pop(word, None)
    return ("",)


def _trap(call: Call) -> Values:
    words = call.arguments[1:] if call.arguments[:1] == ["--"] else call.arguments
    if words and words[0] not in ("-", "-l", "-p", ""):
        own = call.state.copy()
        call.shell(words[0], None, own)
        call.state.later.texts.append((words[0], call.at))
        if not {"EXIT", "0"}.issuperset(words[1:]):  # it may run between any two commands
            for name, values in own.variables.items():
                if call.state.variables.get(name) != values:
                    call.state.later.sticky[name] = values
            if own.directory != call.state.directory:
                call.review("opaque", "trap: changes the directory at a time that nobody knows")
    return ("",)


def _shopt(call: Call) -> Values:
    if "expand_aliases" not in call.arguments and "extdebug" in call.arguments:
        call.review("environment", "extdebug changes what the shell runs")
    return ("",)


def _enable(call: Call) -> Values:
    call.review("environment", f"{call.name} changes what the shell's own commands are, or what a key runs")
    return ("",)


def _kill(call: Call) -> Values:
    words = call.arguments
    if "-l" in words:
        return UNKNOWN_OUTPUT
    if "1" in words or "-1" in words[1:]:
        call.review("process", "signals the first process, or every process")
    elif not MILD_SIGNAL.match(" ".join(words)) and any(map(unknown, words)):
        call.review("process", "which process it ends is only known when it runs")
    return ("",)


def _history(call: Call) -> Values:
    if any(word[:1] == "-" and set(word[1:]) & set("cdaw") for word in call.arguments):
        call.review("traces", "changes the record of what was typed")
    return UNKNOWN_OUTPUT


def _time(call: Call) -> Values:
    words = [word for word in call.arguments if word != "-p"]
    return call.argv(words, call.stdin) if words else ("",)


def _builtins() -> dict[str, Callable[[Call], Values]]:
    made: dict[str, Callable[[Call], Values]] = dict.fromkeys(
        [
            ":",
            "true",
            "false",
            "exit",
            "return",
            "break",
            "continue",
            "wait",
            "jobs",
            "fg",
            "bg",
            "disown",
            "umask",
            "ulimit",
            "hash",
            "type",
            "getopts",
            "times",
            "dirs",
            "let",
            "suspend",
            "logout",
            "caller",
            "help",
            "compgen",
            "complete",
            "compopt",
        ],
        setting.quiet,
    )
    return made | {
        "echo": setting.echo, "printf": setting.printf, "read": setting.read, "mapfile": setting.read,
        "readarray": setting.read, "cd": setting.cd, "pushd": setting.cd, "popd": setting.popd,
        "pwd": setting.pwd, "eval": _eval, "source": _source, ".": _source, "exec": _exec,
        "command": _command, "builtin": _command, "alias": _alias, "unalias": _unalias, "trap": _trap,
        "set": setting.set_arguments, "shift": setting.shift, "shopt": _shopt, "enable": _enable,
        "bind": _enable, "kill": _kill, "test": setting.test, "[": setting.test, "history": _history,
        "time": _time,
    }  # fmt: skip


BUILTINS = _builtins()
