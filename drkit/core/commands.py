"""A command as it is bound: all that decides what it does, so that what runs is what people read."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from drkit.core.actions import Action, Effect
from drkit.core.text import harmless

VERB = "command.run"
PLAYBOOK = "gate-run"
"""What the requests for commands say instead of a playbook's name."""

HERE = "here"
"""What stands in place of a host's name for the broker's own."""

LARGEST = 1024 * 1024  # bytes of a script, or of all words together
MOST_FILES = 100
MOST_SECONDS = 24 * 3600
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SHA256 = re.compile("[0-9a-f]{64}")
VARIABLE = re.compile("[A-Za-z_][A-Za-z0-9_]{0,99}")
USER = re.compile("[a-z_][a-z0-9_-]{0,31}")
_HOST = re.compile("(?:[a-z][a-z0-9-]{0,62})?")
_REASON = 500  # characters of an action's reason
_VERDICTS = ("allow", "review", "deny")


@dataclass(frozen=True, slots=True)
class Bound:
    """A command with everything that is bound to it.

    Args:
        host: the host's name in the estate; empty for the broker's own.
        host_key: the key by which that host is known; empty for the broker's own.
        user: whom it runs as.
        directory: the absolute path in which it runs.
        words: the command, word by word, the program's name first. No shell reads them.
        program: the absolute path of the program that runs.
        program_sha256: of that file's bytes.
        script: text that the program reads as a file whose name is put behind its words; None where there is none.
        files: other files that it reads as code, by their absolute paths, each with its sha256.
        environment: all variables that it sees.
        seconds: after which it is ended.
        asked_from: of which machine it was asked, as a digest that tells machines apart.
        break_glass: it could not wait for as many people as it would need.
        verdict: what the gate said of it: the verdict and each reason.
    """

    host: str
    host_key: str
    user: str
    directory: str
    words: tuple[str, ...]
    program: str
    program_sha256: str
    script: str | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    seconds: int = 3600
    asked_from: str = ""
    break_glass: bool = False
    verdict: Mapping[str, Any] = field(default_factory=dict)

    def as_arguments(self) -> dict[str, Any]:
        """Plain JSON data that `bound_in` reads back."""
        return {
            "host": self.host,
            "host_key": self.host_key,
            "user": self.user,
            "directory": self.directory,
            "words": list(self.words),
            "program": self.program,
            "program_sha256": self.program_sha256,
            "script": self.script,
            "files": dict(self.files),
            "environment": dict(self.environment),
            "seconds": self.seconds,
            "asked_from": self.asked_from,
            "break_glass": self.break_glass,
            "verdict": dict(self.verdict),
        }

    def as_action(self, account: str) -> Action:
        """The one action of its request.

        Args:
            account: the account of the estate that its host belongs to.
        """
        target = f"{self.user}@{self.host or HERE}"
        return Action(VERB, Effect.DESTROY, account, "", target, self.as_arguments(), told(self.verdict))


def told(verdict: Mapping[str, Any]) -> str:
    """What the gate said, on one line; raises KeyError or TypeError where that is no verdict."""
    reasons = "; ".join(each["why"] for each in verdict["reasons"])
    return harmless(reasons or "asked for by hand")[:_REASON]


def bound_in(action: Action) -> Bound:
    """The command of an action that anybody could have written.

    Raises:
        ValueError: it is no command, or not exactly as `Bound.as_action` makes it.
    """
    try:
        words = action.arguments["words"]
        bound = Bound(**{**action.arguments, "words": tuple(words)})
        # What is shown beside the command (whom it runs as, where, why) must not say anything else than it does.
        same = type(words) is list and _sound(bound) and bound.as_action(action.account) == action
    except (KeyError, TypeError, AttributeError):
        same = False
    if not same:
        raise ValueError("this is not a command as drkit binds it")
    return bound


def _sound(bound: Bound) -> bool:
    """Whether every field is of its type and within its bounds; raises TypeError or AttributeError where one is not."""
    texts = [*bound.words, *bound.environment.values(), bound.host_key, bound.asked_from]
    texts += [] if bound.script is None else [bound.script]
    paths = [bound.directory, bound.program, *bound.files]
    return (
        bool(bound.words)
        and all(type(each) is str and "\0" not in each for each in [*texts, *paths])
        and sum(map(len, bound.words)) <= LARGEST
        and len(bound.script or "") <= LARGEST
        and all(map(is_whole_path, paths))
        and all(_SHA256.fullmatch(each) for each in [bound.program_sha256, *bound.files.values()])
        and all(VARIABLE.fullmatch(each) for each in bound.environment)
        and len(bound.files) <= MOST_FILES
        and USER.fullmatch(bound.user) is not None
        and _HOST.fullmatch(bound.host) is not None
        and bool(bound.host) == bool(bound.host_key)
        and type(bound.seconds) is int
        and 1 <= bound.seconds <= MOST_SECONDS
        and type(bound.break_glass) is bool
        and is_verdict(bound.verdict)
    )


def is_whole_path(path: str) -> bool:
    """Whether a path is absolute and says nothing in a roundabout way."""
    return path.startswith("/") and not path.startswith("//") and posixpath.normpath(path) == path


def is_verdict(said: Any) -> bool:
    """Whether this is what the gate says of a command, as plain data."""
    if type(said) is not dict or set(said) != {"verdict", "reasons"} or said["verdict"] not in _VERDICTS:
        return False
    return type(said["reasons"]) is list and all(map(_is_reason, said["reasons"]))


def _is_reason(said: Any) -> bool:
    return (
        type(said) is dict
        and {"rule", "why"} <= set(said) <= {"rule", "why", "at"}
        and all(type(each) is str for each in said.values())
    )
