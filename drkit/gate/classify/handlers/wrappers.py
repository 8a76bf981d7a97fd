"""Programs that run another one: sudo, env, xargs, ssh, su, and shells."""

from __future__ import annotations

from drkit.gate.classify import options, records, roles
from drkit.gate.classify.calls import UNKNOWN_OUTPUT, Call
from drkit.gate.classify.markers import HOLE, HOLES, literal, shown, unknown
from drkit.gate.classify.options import Record
from drkit.gate.classify.state import State, Values


def environment(call: Call, record: Record) -> Values:
    """``env``, ``sudo``, ``doas``: options, assignments, a command."""
    parsed = options.parse(record | {"stops": True}, call.arguments)
    records.flags(call, record, parsed)
    words = parsed.operands
    while words and "=" in words[0] and not unknown(words[0].partition("=")[0]):
        roles.assignment(call, words[0])
        words = words[1:]
    if parsed.has("e", "edit") and call.name != "env":
        for word in words:
            roles.one(call, "write", word)
        return UNKNOWN_OUTPUT
    if parsed.has("i", "login", "s", "shell") and call.name != "env":
        if not words:
            call.review("session", f"{call.name}: opens a shell, and nobody sees what is typed there")
            return UNKNOWN_OUTPUT
        return call.shell(" ".join(words), call.stdin)
    if parsed.has("C", "chdir", "D", "R", "chroot"):
        moved = call.state.copy()
        moved.directory = (parsed.value("C", "chdir", "D", "R", "chroot") or HOLE,)
        return call.argv(words, call.stdin, moved) if words else UNKNOWN_OUTPUT
    return call.argv(words, call.stdin) if words else UNKNOWN_OUTPUT


def xargs(call: Call, record: Record) -> Values:
    """Words of the input, appended or put in the place of a mark."""
    parsed = options.parse(record | {"stops": True}, call.arguments)
    records.flags(call, record, parsed)
    known = parsed.has("0", "null") and call.stdin is not None and not any(map(unknown, call.stdin))
    given = [word for each in call.stdin or () for word in each.split("\0") if word] if known else [HOLES]
    command = parsed.operands or ["echo"]
    mark = parsed.value("I", "replace")
    if mark is None and parsed.has("i", "replace"):
        mark = "{}"
    if mark is None:
        return call.argv([*command, *given])
    for each in given:
        call.argv([word.replace(mark, HOLE if each == HOLES else each) for word in command])
    return UNKNOWN_OUTPUT


def ssh(call: Call, record: Record) -> Values:
    """A command on another host is joined to one text there; without one, it is a session."""
    parsed = options.parse(record | {"stops": True}, call.arguments)
    records.flags(call, record, parsed)
    if parsed.has("V", "Q", "G"):
        return UNKNOWN_OUTPUT
    words = parsed.operands
    if len(words) > 1 and words[1][:1] == "-":  # options may follow the host
        again = options.parse(record | {"stops": True}, words[1:])
        records.flags(call, record, again)
        words = words[:1] + again.operands
    if words and unknown(words[0][:1]):
        call.review("opaque", f"{call.name}: a host that may be an option: {shown(words[0])}")
    if len(words) < 2:  # noqa: PLR2004 - a host and a command
        call.review("session", f"{call.name}: opens a session, and nobody sees what is typed there")
        return UNKNOWN_OUTPUT
    return call.shell(" ".join(words[1:]), call.stdin, State())


def shell(call: Call, record: Record) -> Values:  # noqa: C901, ARG001 - one option, one branch; a handler's signature
    """A shell: a text, a file, or whatever comes in."""
    words, index = call.arguments, 0
    flags = ""
    while index < len(words) and words[index][:1] in ("-", "+") and words[index] not in ("-", "--"):
        word = words[index]
        index += 1
        if word in ("--version", "--help"):
            return UNKNOWN_OUTPUT
        if word in ("--rcfile", "--init-file"):
            call.review("script", f"{call.name} {word}: takes in a file that nobody has read")
            index += 1
        elif not word.startswith("--"):
            flags += word[1:]
            if word[-1] in "oO":
                index += 1
    if index < len(words) and words[index] in ("-", "--"):
        index += 1
    operands = words[index:]
    if "n" in flags and "c" not in flags:
        return UNKNOWN_OUTPUT  # only checks the syntax
    if any(unknown(word[:1]) for word in words[: index + 1]) and "c" not in flags:
        call.review("opaque", f"{call.name}: what it runs is only known when it runs")
        return UNKNOWN_OUTPUT
    if "c" in flags:
        return _text(call, operands)
    if operands and "s" not in flags:
        return _file(call, operands)
    return _input(call)


def child(state: State) -> State:
    """What a new shell gets: each variable only if it was exported."""
    made = State(directory=state.directory)
    made.variables = {name: (*values, "") for name, values in state.variables.items() if "" not in values}
    return made


def _text(call: Call, operands: list[str]) -> Values:
    if not operands:
        call.review("opaque", f"{call.name} -c without a text")
        return UNKNOWN_OUTPUT
    state = child(call.state)
    state.arguments = None if HOLES in "".join(operands[1:]) else tuple(operands[2:])
    return call.shell(operands[0], call.stdin, state)


def _file(call: Call, operands: list[str]) -> Values:
    path = operands[0]
    content = call.context.read(path) if literal(path) else None
    if content is None:
        call.review("script", f"{call.name} runs a file that nobody has read: {shown(path)}")
        return UNKNOWN_OUTPUT
    from drkit.gate.classify.walking import walk

    state = child(call.state)
    state.arguments = None if HOLES in "".join(operands[1:]) else tuple(operands[1:])
    return walk(call.context, content, state, call.at, call.stdin)


def _input(call: Call) -> Values:
    if call.stdin is None:
        call.review("session", f"{call.name}: opens a shell, and nobody sees what is typed there")
    elif not all(map(literal, call.stdin)):
        call.review("opaque", f"{call.name} runs whatever comes in from a pipe or a file")
    else:
        for text in call.stdin:
            call.shell(text, None, child(call.state))
    return UNKNOWN_OUTPUT


def su(call: Call, record: Record) -> Values:
    """``su`` and ``runuser``: ``-c`` is text, without it a session."""
    words = [word for word in call.arguments if word not in ("-", "-l", "--login", "-p", "-m")]
    parsed = options.parse(record, words)
    text = parsed.value("c", "command", "session-command")
    if text is not None:
        return call.shell(text, call.stdin)
    if call.name == "runuser" and parsed.has("u", "user"):
        return call.argv(parsed.operands, call.stdin)
    call.review(
        "session", f"{call.name}: opens a shell of somebody else, and nobody sees what is typed there"
    )
    return UNKNOWN_OUTPUT


def interpreter(call: Call, record: Record) -> Values:
    """Python and its like: code is not read; a module by name may be known."""
    parsed = options.parse(record | {"stops": True}, call.arguments)
    if (
        len(call.arguments) >= 1
        and set(parsed.flags) & set(record.get("harmless", ()))
        and not parsed.operands
    ):
        return UNKNOWN_OUTPUT
    module = parsed.value("m") if "m" in record.get("takes", {}) else None
    if module is not None and not parsed.has("c"):
        return _module(call, record, module)
    records.flags(call, record, parsed)
    if parsed.has(*record.get("methods", ())):
        return UNKNOWN_OUTPUT
    if parsed.operands and parsed.operands[0] != "-":
        call.review("script", f"{call.name} runs a file that nobody has read: {shown(parsed.operands[0])}")
    else:
        call.review("opaque", f"{call.name} runs whatever is typed, or comes in")
    return UNKNOWN_OUTPUT


def _module(call: Call, record: Record, module: str) -> Values:
    known = record.get("commands", {})
    if module not in known:
        call.review("opaque", f"{call.name} -m {shown(module)}: nothing is known of this module")
        return UNKNOWN_OUTPUT
    words = call.arguments
    place = next(
        (i for i, word in enumerate(words) if word[:1] == "-" and word.endswith(("m", f"m{module}"))), None
    )
    if place is None:
        call.review("opaque", f"{call.name} -m {shown(module)}: where its own arguments begin is not known")
        return UNKNOWN_OUTPUT
    rest = words[
        place + (2 if words[place].endswith("m") and not words[place].endswith(f"m{module}") else 1) :
    ]
    inner = Call(call.walker, f"{call.name} -m {module}", rest, call.state, call.stdin, call.at)
    return records.judge(inner, known[module])
