"""What the shell itself carries out (bash manual, 4.1 and 4.2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from drkit.gate.classify import effects
from drkit.gate.classify.calls import UNKNOWN_OUTPUT, Call
from drkit.gate.classify.hidden import reckoned
from drkit.gate.classify.markers import HOLE, HOLES, TAME, literal, shown, unknown
from drkit.gate.classify.state import ANYTHING, Values, either
from drkit.gate.classify.unquoting import ansi_quoted

MOST_PRINTED = 100_000
# By these a process looks after itself; nothing of it is lost.
MILD_SIGNAL = re.compile(r"-(s |n )?(SIG)?(0|HUP|1|USR1|10|USR2|12|CONT|18|WINCH|28)( |$)")


def _quiet(call: Call) -> Values:
    """Nothing but the shell's own state that no judgement depends on; an index is arithmetic that may run something."""
    for word in call.arguments:
        if "[" in word and ("$(" in word or "`" in word):
            call.review("opaque", f"{call.name}: an index that runs something: {shown(word)}")
        elif call.name == "let":
            _let(call, word)
        elif call.name == "wait" and unknown(word):
            call.review("opaque", "wait: an argument that may be any option")
    if call.name in ("getopts", "wait"):
        for word in call.arguments[1:]:
            if word in call.state.variables:
                call.state.assign(word, (TAME,))
    return ("",)


def _let(call: Call, word: str) -> None:
    """Arithmetic in a word: each name in it is evaluated, and what it sets is a number then."""
    for name in re.findall(r"[A-Za-z_]\w*", word):
        if name in call.state.variables:
            if reckoned(call.state.value(name)):
                call.review("opaque", f"let: reckons with {name}, whose value may be a text that runs something")
            call.state.assign(name, either(call.state.value(name), (TAME,)))
    if unknown(word):
        call.review("opaque", "let: reckons with a text that may run something")


def _echo(call: Call) -> Values:
    words = call.arguments
    newline = "\n"
    escapes = False
    while words and words[0][:1] == "-" and words[0][1:] and not words[0][1:].strip("neE"):
        newline = "" if "n" in words[0] else newline
        escapes = "e" in words[0]
        words = words[1:]
    text = " ".join(words)
    if len(text) > MOST_PRINTED:
        return UNKNOWN_OUTPUT
    return ((ansi_quoted(text) if escapes else text) + newline,)


def _printf(call: Call) -> Values:
    words = call.arguments
    if words[:1] == ["-v"]:
        _set_unknown(call, words[1:2])
        return ("",)
    if words[:1] == ["--"]:
        words = words[1:]
    if len(words) == 1 and "%" not in words[0]:
        return (ansi_quoted(words[0]),)
    if len(words) > 1 and words[0] in ("%s", "%s\\n", "%b", "%b\\n") and "".join(words).count("%") == 1:
        values = [ansi_quoted(word) if words[0][1] == "b" else word for word in words[1:]]
        end = "\n" if words[0].endswith("n") else ""
        return ("".join(value + end for value in values),)
    return UNKNOWN_OUTPUT


def _set_unknown(call: Call, names: list[str]) -> None:
    for name in names:
        if not name.isidentifier():
            call.review("opaque", f"{call.name}: which variable it sets is not known: {shown(name)}")
        else:
            call.state.assign(name, ANYTHING)


def _read(call: Call) -> Values:
    """``read`` and ``mapfile`` set variables to what comes in."""
    words, index = call.arguments, 0
    while index < len(words):
        word = words[index]
        index += 1
        if word[:1] == "-" and word[-1:] in "adnNptui" and len(word) > 1:
            if word[-1] == "a":
                _set_unknown(call, words[index : index + 1])
            if "C" in word:
                call.review("opaque", "mapfile -C runs a text for each line")
            index += 1
        elif word[:1] != "-":
            _set_unknown(call, [word])
    if call.name != "read" and any("C" in word for word in words if word[:1] == "-"):
        call.review("opaque", f"{call.name} -C runs a text for each line")
    return ("",)


def _cd(call: Call) -> Values:
    words = [word for word in call.arguments if word not in ("-P", "-L", "--", "-e", "-@", "-n")]
    state = call.state
    if not words:
        state.move(state.value("HOME") if call.name == "cd" else (HOLE,))
        return ("",)
    target = words[0]
    if target == "-" or target[:1] in "+-" or unknown(target):
        state.move((HOLE,))
    elif target.startswith("/"):
        state.move((target,))
    else:
        state.move(tuple(target if each is None else f"{each}/{target}" for each in state.directory))
    return ("",)


def _popd(call: Call) -> Values:
    call.state.move((HOLE,))
    return ("",)


def _pwd(call: Call) -> Values:
    return call.state.value("PWD")


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


def _set(call: Call) -> Values:
    """``set -- a b`` gives new arguments; options only change how the shell itself goes on."""
    words = call.arguments
    for before, word in pairwise(words):
        if before == "+o" and word == "history":
            call.review("traces", "set +o history: what is typed is no longer recorded")
    if "--" in words:
        told = words[words.index("--") + 1 :]
        call.state.arguments = None if HOLES in "".join(told) else tuple(told)
    elif words and words[0][:1] not in "-+":
        call.state.arguments = None
    return ("",)


def _shift(call: Call) -> Values:
    call.state.arguments = None
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


def _read_only(call: Call) -> Values:
    for before, word in pairwise(["", *call.arguments]):
        effects.read(call.context, word, call.state, call.at)
        if before == "-v" and unknown(word):
            call.review("opaque", f"{call.name} -v: an index in this name may run something: {shown(word)}")
    return _quiet(call)


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
        _quiet,
    )
    return made | {
        "echo": _echo, "printf": _printf, "read": _read, "mapfile": _read, "readarray": _read,
        "cd": _cd, "pushd": _cd, "popd": _popd, "pwd": _pwd, "eval": _eval, "source": _source, ".": _source,
        "exec": _exec, "command": _command, "builtin": _command, "alias": _alias, "unalias": _unalias,
        "trap": _trap, "set": _set, "shift": _shift, "shopt": _shopt, "enable": _enable, "bind": _enable,
        "kill": _kill, "test": _read_only, "[": _read_only, "history": _history, "time": _time,
    }  # fmt: skip


BUILTINS = _builtins()
