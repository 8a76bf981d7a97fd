"""One command with all its arguments: who takes it, and what that does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drkit.gate.classify.markers import HOLE, literal, shown
from drkit.gate.classify.state import State, Values
from drkit.gate.programs import program
from drkit.gate.verdict import Verdict

if TYPE_CHECKING:
    from drkit.gate.classify.context import Context
    from drkit.gate.classify.walking import Stdin, Walker

UNKNOWN_OUTPUT: Values = (HOLE,)
# Where a path leads to the program of that name, and not to one that somebody put there.
USUAL_DIRECTORIES = (
    "/bin/",
    "/usr/bin/",
    "/sbin/",
    "/usr/sbin/",
    "/usr/local/bin/",
    "/usr/local/sbin/",
    "/snap/bin/",
)


@dataclass(slots=True)
class Call:
    """One command that is being judged: its name, its arguments, and where it stands."""

    walker: Walker
    name: str
    arguments: list[str]
    state: State
    stdin: Stdin
    at: str

    @property
    def context(self) -> Context:
        """The judgement that it is part of."""
        return self.walker.context

    def review(self, rule: str, why: str, verdict: Verdict = Verdict.REVIEW) -> None:
        """One more reason."""
        self.context.note(rule, why, self.at, verdict)

    def argv(self, words: Sequence[str], stdin: Stdin = None, state: State | None = None) -> Values:
        """A command that this one runs."""
        self.context.deeper()
        printed = call(self.walker, list(words), state or self.state, stdin, self.at)
        self.context.depth -= 1
        return printed

    def shell(self, text: str, stdin: Stdin = None, state: State | None = None) -> Values:
        """A text that this one gives to a shell."""
        return self.walker.shell(text, state or self.state.copy(), self.at, stdin)


def call(walker: Walker, argv: list[str], state: State, stdin: Stdin, at: str) -> Values:  # noqa: PLR0911 - one kind of command, one return
    """Judge one command; what it prints, as far as that is known."""
    from drkit.gate.classify import builtins, records

    context = walker.context
    context.step()
    if not argv:
        return ("",)
    name = argv[0]
    if not literal(name) or not name:
        context.note(
            "opaque", f"which program runs is only known when it runs: {shown(name) or '(nothing)'}", at
        )
        return UNKNOWN_OUTPUT
    made = Call(walker, name, argv[1:], state, stdin, at)
    if name in state.aliases:
        return _alias(made)
    if name in state.functions:
        from drkit.gate.classify.blocks import invoke

        invoke(walker, name, made.arguments, state, stdin)
        return UNKNOWN_OUTPUT
    made.name = name = _base(name)
    builtin = builtins.BUILTINS.get(name)
    if builtin is not None:
        return builtin(made)
    record = program(name)
    if record is None:
        _unknown(made, argv[0])
        return UNKNOWN_OUTPUT
    return records.judge(made, record)


def _base(name: str) -> str:
    """The name alone, of a program under its usual path."""
    if "/" not in name:
        return name
    head, _, last = name.rpartition("/")
    return last if f"{head}/" in USUAL_DIRECTORIES else name


def _unknown(made: Call, name: str) -> None:
    if "/" in name:
        made.review("script", f"runs a file that nobody has read: {name}")
    else:
        made.review("program", f"nothing is known of the program '{name}'")


def _alias(made: Call) -> Values:
    """The text of an alias, and after it the arguments; within it, it is not an alias again."""
    from drkit.gate.classify.parsing import parse

    text = made.state.aliases.pop(made.name)
    words = " ".join(_quoted(word) for word in made.arguments)
    if not all(map(literal, made.arguments)) or parse(f"{text} {words}".encode()) is None:
        made.review("opaque", f"what the alias '{made.name}' comes to is not known")
    else:
        made.shell(f"{text} {words}", made.stdin, made.state)
    made.state.aliases[made.name] = text
    return UNKNOWN_OUTPUT


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"
