"""A call of a cloud's API as it is bound: what the broker makes with the role that it assumes, once people agreed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from drkit.core.actions import Action, Effect
from drkit.core.canonical import canonical
from drkit.core.commands import LARGEST, Bound, bound_in, is_verdict, told

VERB = "cloud.call"
_SERVICE = re.compile("[a-z][a-z0-9]{1,30}")
_VERSION = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ACTION = re.compile("[A-Z][A-Za-z0-9]{1,99}")
_REGION = re.compile("(?:[a-z]{2}-[a-z0-9-]{1,40})?")
_PARAMETER = re.compile("[A-Za-z][A-Za-z0-9_]{0,99}")


@dataclass(frozen=True, slots=True)
class BoundCall:
    """One call with everything that is bound to it.

    Args:
        words: as it was asked for, `tccli` first; they come to exactly the rest.
        service, version, action: of API 3.0, such as cbs, 2017-03-12, DeleteSnapshots.
        region: empty for services that have none.
        parameters: plain JSON data.
        asked_from, break_glass, verdict: as of `drkit.core.commands.Bound`.
    """

    words: tuple[str, ...]
    service: str
    version: str
    action: str
    region: str
    parameters: Mapping[str, Any]
    asked_from: str = ""
    break_glass: bool = False
    verdict: Mapping[str, Any] = field(default_factory=dict)

    def as_arguments(self) -> dict[str, Any]:
        """Plain JSON data that `call_in` reads back."""
        return {
            "words": list(self.words),
            "service": self.service,
            "version": self.version,
            "action": self.action,
            "parameters": dict(self.parameters),
            "asked_from": self.asked_from,
            "break_glass": self.break_glass,
            "verdict": dict(self.verdict),
        }

    def as_action(self, account: str) -> Action:
        """The one action of its request; ``account`` is the name of the estate's."""
        target = f"{self.service}:{self.action}"
        arguments = self.as_arguments()
        return Action(VERB, Effect.DESTROY, account, self.region, target, arguments, told(self.verdict))


def call_in(action: Action) -> BoundCall:
    """The call of an action that anybody could have written.

    Raises:
        ValueError: it is no call, or not exactly as `BoundCall.as_action` makes it.
    """
    try:
        words = action.arguments["words"]
        bound = BoundCall(**{**action.arguments, "words": tuple(words), "region": action.region})
        same = type(words) is list and _sound(bound) and bound.as_action(action.account) == action
    except (KeyError, TypeError, AttributeError, ValueError):
        same = False
    if not same:
        raise ValueError("this is not a call as drkit binds it")
    return bound


Wanted = Bound | BoundCall
"""What the broker runs: a command on a host, or a call of an API."""


def wanted_in(action: Action) -> Wanted:
    """The command or the call of an action; raises ValueError where it is neither."""
    return call_in(action) if action.verb == VERB else bound_in(action)


def _sound(bound: BoundCall) -> bool:
    named = (
        _SERVICE.fullmatch(bound.service),
        _VERSION.fullmatch(bound.version),
        _ACTION.fullmatch(bound.action),
        _REGION.fullmatch(bound.region),
    )
    return (
        all(named)
        and all(type(each) is str and "\0" not in each for each in [*bound.words, bound.asked_from])
        and sum(map(len, bound.words)) <= LARGEST
        and type(bound.parameters) is dict
        and all(map(_PARAMETER.fullmatch, bound.parameters))
        and len(canonical(bound.parameters)) <= LARGEST
        and type(bound.break_glass) is bool
        and is_verdict(bound.verdict)
    )
