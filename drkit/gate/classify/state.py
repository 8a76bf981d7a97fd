"""What a script has made of its surroundings so far: variables, directory, functions, aliases."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from drkit.gate.classify.markers import HOLE, TAME

Values = tuple[str, ...]  # each value that it may have; a mark in it is what is not known

MOST_VALUES = 16
ANYTHING: Values = (HOLE,)
# What bash or the login sets, and whose text cannot hide a path or an option.
SURELY_TAME = frozenset(
    [
        "USER",
        "LOGNAME",
        "HOSTNAME",
        "UID",
        "EUID",
        "PPID",
        "SECONDS",
        "LINENO",
        "RANDOM",
        "OSTYPE",
        "HOSTTYPE",
        "MACHTYPE",
        "BASHPID",
        "EPOCHSECONDS",
        "COLUMNS",
        "LINES",
        "SHLVL",
    ]
)
UNSPLIT_IFS = " "


@dataclass(slots=True)
class Later:
    """Texts that run at some later point, as those of ``trap``; all states of one script share it.

    Args:
        texts: each with its place.
        variables: each value that was assigned since the first of them.
        directory: each place to which the script went since.
    """

    texts: list[tuple[str, str]] = field(default_factory=list)
    variables: dict[str, Values] = field(default_factory=dict)
    directory: tuple[str | None, ...] = ()
    sticky: dict[str, Values] = field(default_factory=dict)  # what a trap may set at any time


@dataclass(slots=True)
class State:
    """What is known at one point of a script.

    Args:
        variables: assigned by the script itself; each with all values that it may have here.
        directory: where it may be; None stands for the unknown directory in which it began.
        functions: a name and the nodes of every body that it may have.
        aliases: a name and its text.
    """

    variables: dict[str, Values] = field(default_factory=dict)
    directory: tuple[str | None, ...] = (None,)
    functions: dict[str, Any] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] | None = None
    later: Later = field(default_factory=Later)

    def copy(self) -> State:
        """A state that goes its own way from here: a subshell, a branch."""
        return State(
            dict(self.variables),
            self.directory,
            dict(self.functions),
            dict(self.aliases),
            self.arguments,
            self.later,
        )

    def take(self, other: State) -> None:
        """Become another state."""
        self.variables, self.directory = other.variables, other.directory
        self.functions, self.aliases = other.functions, other.aliases
        self.arguments = other.arguments

    def join(self, other: State) -> None:
        """Either this or the other: whatever may be true in one of them may be true now."""
        names = self.variables.keys() | other.variables.keys()
        if self.variables != other.variables:
            self.variables = {name: either(self.value(name), other.value(name)) for name in names}
        if self.directory != other.directory:
            self.directory = tuple(dict.fromkeys(self.directory + other.directory))[:MOST_VALUES]
        for name, bodies in other.functions.items():
            own = self.functions.get(name, ())
            self.functions[name] = own + tuple(body for body in bodies if body not in own)
        self.aliases = {**other.aliases, **self.aliases}
        if self.arguments != other.arguments:
            self.arguments = None

    def value(self, name: str) -> Values:
        """What a variable may be; what the script did not assign comes from outside."""
        known = self.variables.get(name)
        if name in self.later.sticky:
            return either(known or ANYTHING, self.later.sticky[name])
        if known is not None:
            return known
        if name in SURELY_TAME:
            return (TAME,)
        return self._usual(name)

    def _usual(self, name: str) -> Values:
        if name == "HOME":
            return ("/home/~",)
        if name == "PWD":
            return tuple("." if each is None else each for each in self.directory)
        if name == "IFS":
            return (UNSPLIT_IFS,)
        if name == "TMPDIR":
            return ("/tmp",)  # noqa: S108 - its usual place, nothing is written there
        return ANYTHING

    def assign(self, name: str, values: Values) -> None:
        """A new value, in the place of the old ones."""
        self.variables[name] = values if len(values) <= MOST_VALUES else ANYTHING
        if self.later.texts:
            known = self.later.variables.get(name, self.variables[name])
            self.later.variables[name] = either(known, self.variables[name])

    def move(self, directory: tuple[str | None, ...]) -> None:
        """Go to another directory."""
        self.directory = directory
        if self.later.texts:
            self.later.directory = tuple(dict.fromkeys(self.later.directory + directory))[:MOST_VALUES]


def either(first: Values, second: Values) -> Values:
    """The values of one or the other."""
    if first == second:
        return first
    made = tuple(dict.fromkeys(first + second))
    return made if len(made) <= MOST_VALUES else ANYTHING
