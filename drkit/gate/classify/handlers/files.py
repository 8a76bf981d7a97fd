"""find, dd, tar: programs with a grammar of their own that write and delete."""

from __future__ import annotations

import re

from drkit.gate.classify import effects, options, records, roles
from drkit.gate.classify.calls import UNKNOWN_OUTPUT, Call
from drkit.gate.classify.markers import STAR, TAME, shown, unknown
from drkit.gate.classify.options import Record
from drkit.gate.classify.state import Values

NARROWING = frozenset(
    [
        "-name",
        "-iname",
        "-path",
        "-ipath",
        "-wholename",
        "-regex",
        "-iregex",
        "-mtime",
        "-mmin",
        "-atime",
        "-amin",
        "-ctime",
        "-cmin",
        "-newer",
        "-size",
        "-empty",
        "-user",
        "-group",
        "-perm",
        "-inum",
        "-links",
        "-nouser",
        "-nogroup",
        "-newermt",
    ]
)
LOOSENING = frozenset(("!", "-not", "-o", "-or", ","))
RUNS = frozenset(("-exec", "-execdir", "-ok", "-okdir"))
WRITES = frozenset(("-fprint", "-fprint0", "-fls", "-fprintf"))
FLAGS = frozenset(("-H", "-L", "-P"))


def find(call: Call, _record: Record) -> Values:
    """Starting points, tests, and what is done to all that is found."""
    words = call.arguments
    index = 0
    while index < len(words) and (words[index] in FLAGS or words[index].startswith(("-O", "-D"))):
        index += 2 if words[index] == "-D" else 1
    begin = index
    while index < len(words) and words[index][:1] not in ("-", "(", "!") and words[index] != ")":
        index += 1
    points, tests = words[begin:index] or ["."], words[index:]
    if any(unknown(word[:1]) for word in words):
        first = next(word for word in words if unknown(word[:1]))
        call.review("opaque", f"find: an argument that may be -delete or -exec: {shown(first)}")
    mark = TAME if _narrow(tests) else STAR
    _actions(call, points, tests, mark)
    if "-print0" in tests and not RUNS & set(tests):
        return tuple(f"{point}/{mark}" for point in points)
    return UNKNOWN_OUTPUT


def _narrow(tests: list[str]) -> bool:
    """Whether only some of what is there is meant."""
    if LOOSENING & set(tests):
        return False
    return any(
        test in NARROWING
        and (test == "-empty" or (index + 1 < len(tests) and tests[index + 1].strip("*?/." + STAR)))
        for index, test in enumerate(tests)
    )


def _actions(call: Call, points: list[str], tests: list[str], mark: str) -> None:
    for index, test in enumerate(tests):
        if test == "-delete":
            for point in points:
                kind, path = ("delete", f"{point}/{mark}") if mark == TAME else ("tree", point)
                effects.change(call.context, kind, path, call.state, call.at)
        elif test in WRITES:
            for path in tests[index + 1 : index + 2]:
                effects.write(call.context, path, call.state, call.at)
        elif test in RUNS:
            _run(call, points, tests[index + 1 :], mark)


def _run(call: Call, points: list[str], rest: list[str], mark: str) -> None:
    end = next(
        (i for i, word in enumerate(rest) if word == ";" or (word == "+" and rest[i - 1] == "{}")), len(rest)
    )
    for point in points:
        call.argv([word.replace("{}", f"{point}/{mark}") for word in rest[:end]])


def dd(call: Call, _record: Record) -> Values:
    """``of=`` is overwritten."""
    for word in call.arguments:
        name, _, value = word.partition("=")
        if name == "of":
            effects.write(call.context, value, call.state, call.at)
        elif name == "if":
            effects.read(call.context, value, call.state, call.at)
        elif unknown(name):
            call.review("opaque", f"dd: an operand that may be of=: {shown(word)}")
    return UNKNOWN_OUTPUT


COMPRESSORS = re.compile(
    r"(/usr/bin/)?(pigz|gzip|zstd|zstdmt|xz|bzip2|pbzip2|lz4|lzop|brotli)( -[\w-]+(=\d+)?)*"
)


def tar(call: Call, record: Record) -> Values:
    """Old-style bundles as well; what it does follows from its one mode."""
    words = list(call.arguments)
    if words and words[0][:1] != "-" and words[0].isalpha():
        words[:1] = _bundle(words, record)
    parsed = options.parse(record, words)
    records.flags(call, record, parsed)
    if parsed.unclear or any(word.startswith("\udc01") for word in parsed.operands):
        call.review("opaque", "tar: an argument that may be any option")
    program = parsed.value("I", "use-compress-program")
    if program is not None and not COMPRESSORS.fullmatch(program):
        call.review("option", f"tar -I runs a program: {shown(program)}")
    archive, target = parsed.value("f", "file"), parsed.value("C", "directory") or "."
    if parsed.has("x", "extract", "get"):
        if not parsed.has("O", "to-stdout", "t", "list"):
            roles.one(call, "write", target if target != "." else "./" + TAME)
        if parsed.has("P", "absolute-names"):
            call.review("write", "tar -P: may overwrite files anywhere")
    elif parsed.has("c", "create", "r", "append", "u", "update", "A") and archive not in (None, "-"):
        roles.one(call, "write", roles.local(str(archive)))
    return UNKNOWN_OUTPUT


def _bundle(words: list[str], record: Record) -> list[str]:
    """``xzf a.tgz`` is ``-xz -f a.tgz``: values follow the bundle in its order."""
    takes = record.get("takes", {})
    made: list[str] = []
    for letter in words[0]:
        made.append(f"-{letter}")
        if letter in takes and len(words) > 1:
            made.append(words.pop(1))
    return made
