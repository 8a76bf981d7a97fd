"""How an action is written: a function of a `Call`, put into its service's table by a decorator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from drkit.sandbox.world.model import Account, Credential, Resources, World


@dataclass(frozen=True, slots=True)
class Call:
    """A call whose signature and parameters were found good; ``region`` is empty where none is needed."""

    world: World
    caller: Credential
    region: str
    parameters: dict[str, Any]
    now: datetime
    chinese: bool = False

    @property
    def account(self) -> Account:
        """The account of the caller."""
        return self.world.accounts[self.caller.account]

    @property
    def resources(self) -> Resources:
        """What the caller's account has in the region of the call."""
        return self.account.regions[self.region]

    def given(self, name: str, default: Any = None) -> Any:
        """A parameter, or the default where it is absent or null."""
        value = self.parameters.get(name)
        return default if value is None else value


Handler = Callable[[Call], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Emulated:
    """An emulated action; a regional one cannot be called without a region."""

    handler: Handler
    regional: bool


@dataclass(frozen=True, slots=True)
class Actions:
    """The emulated actions of one service and version."""

    service: str
    version: str
    table: dict[str, Emulated] = field(default_factory=dict)

    def add(self, name: str, *, regional: bool = True) -> Callable[[Handler], Handler]:
        """Register the function below as the action of this name."""

        def register(handler: Handler) -> Handler:
            self.table[name] = Emulated(handler, regional)
            return handler

        return register
