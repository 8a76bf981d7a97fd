"""How an action is written: a function of a `Call`, put into its service's table by a decorator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from drkit.sandbox.world.identity import Caller, Identity
    from drkit.sandbox.world.model import Account, Resources, World


@dataclass(frozen=True, slots=True)
class Call:
    """A call whose signature and parameters were found good.

    Args:
        service: the API's name of the service, such as ``cbs``.
        action: such as ``DescribeDisks``.
        region: empty where none is needed and none was given.
        regional: whether the action works in one region.
        now: the time of the world.
        wall: the time of the machine, by which temporary credentials run out.
        request_id: what the answer will bear.
    """

    world: World
    caller: Caller
    service: str
    action: str
    region: str
    regional: bool
    parameters: dict[str, Any]
    now: datetime
    wall: datetime
    request_id: str = ""
    chinese: bool = False

    @property
    def account(self) -> Account:
        """The account of the caller."""
        return self.world.accounts[self.caller.account]

    @property
    def identity(self) -> Identity:
        """The users, roles and policies of the caller's account."""
        return self.account.identity

    @property
    def resources(self) -> Resources:
        """What the caller's account has in the region of the call."""
        return self.account.regions[self.region]

    def given(self, name: str, default: Any = None) -> Any:
        """A parameter, or the default where it is absent or null."""
        value = self.parameters.get(name)
        return default if value is None else value


Handler = Callable[[Call], dict[str, Any]]
# Which resources of one type a call is about: ``type/id``, or six segments where they are not the caller's own.
Touch = Callable[[Call], Sequence[str]]


def named(kind: str, parameter: str) -> Touch:
    """The things that a parameter names, such as ``volume/disk-1``; all of the kind where it names none."""

    def touch(call: Call) -> Sequence[str]:
        value = call.parameters.get(parameter)
        ids = [value] if isinstance(value, str) else value
        return [f"{kind}/{one}" for one in ids] if ids else [f"{kind}/*"]

    return touch


def every(kind: str) -> Touch:
    """All things of a kind, as a call is about that makes a new one or lists them."""
    return lambda _: [f"{kind}/*"]


@dataclass(frozen=True, slots=True)
class Emulated:
    """An emulated action; a regional one cannot be called without a region."""

    handler: Handler
    regional: bool
    resources: Sequence[Touch] = ()


@dataclass(frozen=True, slots=True)
class Actions:
    """The emulated actions of one service and version."""

    service: str
    version: str
    table: dict[str, Emulated] = field(default_factory=dict)

    def add(
        self, name: str, *, regional: bool = True, resources: Sequence[Touch] = ()
    ) -> Callable[[Handler], Handler]:
        """Register the function below as the action of this name.

        Args:
            name: the action.
            regional: whether it cannot be called without a region.
            resources: what a policy can bind it to; `named` and `every` make these. Without any, policies
                see ``*``.
        """

        def register(handler: Handler) -> Handler:
            self.table[name] = Emulated(handler, regional, resources)
            return handler

        return register
