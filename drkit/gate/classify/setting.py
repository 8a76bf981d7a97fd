"""Commands of the shell that print, or set its own state: variables, arguments, the directory."""

from __future__ import annotations

import re
from itertools import pairwise

from drkit.gate.classify import effects
from drkit.gate.classify.calls import UNKNOWN_OUTPUT, Call
from drkit.gate.classify.hidden import free, reckoned
from drkit.gate.classify.markers import HOLE, HOLES, TAME, shown, unknown
from drkit.gate.classify.state import ANYTHING, Values, either
from drkit.gate.classify.unquoting import ansi_quoted

MOST_PRINTED = 100_000


def quiet(call: Call) -> Values:
    """Nothing but the shell's own state that no judgement depends on; an index is arithmetic that may run something."""
    for word in call.arguments:
        if "[" in word and ("$(" in word or "`" in word):
            call.review("opaque", f"{call.name}: an index that runs something: {shown(word)}")
        elif call.name == "let":
            let(call, word)
        elif call.name == "wait" and unknown(word):
            call.review("opaque", "wait: an argument that may be any option")
    if call.name in ("getopts", "wait"):
        for word in call.arguments[1:]:
            if word in call.state.variables:
                call.state.assign(word, (TAME,))
    return ("",)


def let(call: Call, word: str) -> None:
    """Arithmetic in a word: each name in it is evaluated, and what it sets is a number then."""
    for name in re.findall(r"[A-Za-z_]\w*", word):
        if name in call.state.variables:
            if reckoned(call.state.value(name)):
                call.review(
                    "opaque", f"let: reckons with {name}, whose value may be a text that runs something"
                )
            call.state.assign(name, either(call.state.value(name), (TAME,)))
    if unknown(word):
        call.review("opaque", "let: reckons with a text that may run something")


def echo(call: Call) -> Values:
    """What it prints: its words."""
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


def printf(call: Call) -> Values:
    """What it prints where the format is plain; ``-v`` sets a variable."""
    words = call.arguments
    if words[:1] == ["-v"]:
        set_unknown(call, words[1:2])
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


def set_unknown(call: Call, names: list[str]) -> None:
    """Variables that get what nobody knows."""
    for name in names:
        if not name.isidentifier():
            call.review("opaque", f"{call.name}: which variable it sets is not known: {shown(name)}")
        else:
            call.state.assign(name, ANYTHING)


def read(call: Call) -> Values:
    """``read`` and ``mapfile`` set variables to what comes in."""
    words, index = call.arguments, 0
    while index < len(words):
        word = words[index]
        index += 1
        if word[:1] == "-" and word[-1:] in "adnNptui" and len(word) > 1:
            if word[-1] == "a":
                set_unknown(call, words[index : index + 1])
            if "C" in word:
                call.review("opaque", "mapfile -C runs a text for each line")
            index += 1
        elif word[:1] != "-":
            set_unknown(call, [word])
    if call.name != "read" and any("C" in word for word in words if word[:1] == "-"):
        call.review("opaque", f"{call.name} -C runs a text for each line")
    return ("",)


def cd(call: Call) -> Values:
    """Another directory, for all that comes after it."""
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


def popd(call: Call) -> Values:
    """Back to a directory that nobody keeps account of."""
    call.state.move((HOLE,))
    return ("",)


def pwd(call: Call) -> Values:
    """The directory."""
    return call.state.value("PWD")


def set_arguments(call: Call) -> Values:
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


def shift(call: Call) -> Values:
    """Other arguments, of which nobody keeps account."""
    call.state.arguments = None
    return ("",)


def test(call: Call) -> Values:
    """Comparisons; ``-v`` evaluates an index."""
    for before, word in pairwise(["", *call.arguments]):
        effects.read(call.context, word, call.state, call.at)
        if before == "-v" and free(word):
            call.review("opaque", f"{call.name} -v: an index in this name may run something: {shown(word)}")
    return quiet(call)
