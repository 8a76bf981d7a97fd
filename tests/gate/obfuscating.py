"""The same command in other clothes: each way runs what the line runs, or hides it."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

SIMPLE = re.compile(r"[A-Za-z0-9_./-]+( [A-Za-z0-9_./@%+-]+)*")
PROGRAM = re.compile(r"[a-z][a-z0-9_.-]*")


def quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def encoded(line: str) -> str:
    return base64.b64encode(line.encode()).decode()


def hexed(line: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in line.encode())


def octal(line: str) -> str:
    return "".join(f"\\{byte:03o}" for byte in line.encode())


def first_word(change: Callable[[str], str]) -> Callable[[str], str | None]:
    def made(line: str) -> str | None:
        word, blank, rest = line.partition(" ")
        return (
            change(word) + blank + rest
            if PROGRAM.fullmatch(word) and len(word) > 1 and word not in WORDS
            else None
        )

    return made


# Words of the language itself, which are none any more once they are quoted.
WORDS = frozenset(
    [
        "if",
        "for",
        "while",
        "until",
        "case",
        "function",
        "select",
        "coproc",
        "time",
        "export",
        "declare",
        "local",
        "readonly",
        "trap",
        "unset",
    ]
)


def simple(change: Callable[[str], str]) -> Callable[[str], str | None]:
    return lambda line: change(line) if SIMPLE.fullmatch(line) else None


WAYS: dict[str, Callable[[str], str | None]] = {
    "quote within the word": first_word(lambda word: f'{word[0]}""{word[1:]}'),
    "backslash": first_word(lambda word: f"\\{word}"),
    "quoted word": first_word(lambda word: f"'{word[0]}'\"{word[1:]}\""),
    "ANSI-C": first_word(lambda word: f"$'{hexed(word)}'"),
    "octal": first_word(lambda word: f"$'{octal(word)}'"),
    "variable": first_word(lambda word: f"hidden={word}; $hidden"),
    "two variables": first_word(lambda word: f"one={word[0]} two={word[1:]}; $one$two"),
    "substitution": first_word(lambda word: f"$(echo {word})"),
    "backquotes": first_word(lambda word: f"`printf {word}`"),
    "IFS": simple(lambda line: line.replace(" ", "${IFS}")),
    "braces": simple(lambda line: "{" + line.replace(" ", ",") + "}" if " " in line else line),
    "sh -c": lambda line: f"sh -c {quoted(line)}",
    "bash -c in bash -c": lambda line: f"bash -c {quoted('bash -c ' + quoted(line))}",
    "eval": lambda line: f"eval {quoted(line)}",
    "eval of a variable": lambda line: f'hidden={quoted(line)}; eval "$hidden"',
    "base64": lambda line: f"echo {encoded(line)} | base64 -d | sh",
    "base64 in a substitution": lambda line: f'bash -c "$(echo {encoded(line)} | base64 --decode)"',
    "hex by echo": lambda line: f"echo -e '{hexed(line)}' | bash",
    "octal by printf": lambda line: f"printf '{octal(line)}' | sh",
    "ANSI-C to eval": lambda line: f"eval $'{hexed(line)}'",
    "reversed": lambda line: f"rev <<< {quoted(line[::-1])} | sh",
    "heredoc": lambda line: f"bash <<'END'\n{line}\nEND",
    "heredoc by cat": lambda line: f"cat <<'END' | sh\n{line}\nEND",
    "here string": lambda line: f"sh <<< {quoted(line)}",
    "ssh": lambda line: f"ssh host {quoted(line)}",
    "sudo sh": lambda line: f"sudo sh -c {quoted(line)}",
    "env": lambda line: f"env A=1 nohup timeout 5 sh -c {quoted(line)}",
    "xargs": lambda line: f"echo x | xargs -I@@ sh -c {quoted(line)}",
    # find would put a name in the place of the line's own braces
    "find": lambda line: None if "{}" in line else f"find . -name x -exec sh -c {quoted(line)} \\;",
    "trap": lambda line: f"trap {quoted(line)} EXIT",
    "function": lambda line: f"f() {{\n{line}\n}}\nf",
    "subshell": lambda line: f"(\n{line}\n)",
    "branch": lambda line: f"if true; then\n{line}\nfi",
    "loop": lambda line: f"for i in 1; do\n{line}\ndone",
    "after harmless work": lambda line: f"cd build && ls -la\n{line}",
    "in a substitution": lambda line: f'echo "$(\n{line}\n)"',
    "alias": lambda line: f"alias x={quoted(line)}",
    "in a container": lambda line: f"docker exec db sh -c {quoted(line)}",
    "in a pod": lambda line: f"kubectl exec db-0 -- sh -c {quoted(line)}",
}
