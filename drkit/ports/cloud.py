"""One account of one cloud, as a promise sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from drkit.core.actions import Action, Outcome
from drkit.core.canonical import digest

if TYPE_CHECKING:
    from drkit.ports.automatic import Automatic
    from drkit.ports.disks import Disks
    from drkit.ports.identities import People
    from drkit.ports.identity import Identity
    from drkit.ports.lending import Lending
    from drkit.ports.machines import Machines
    from drkit.ports.objects import Objects
    from drkit.ports.shells import Shells


class Cloud(Protocol):
    """The ports of one account, opened with one credential."""

    @property
    def disks(self) -> Disks:
        """Disks and snapshots."""

    @property
    def machines(self) -> Machines:
        """Hosts."""

    @property
    def identity(self) -> Identity:
        """Who the credential belongs to."""

    @property
    def people(self) -> People:
        """Who there is, and who may do what."""

    @property
    def objects(self) -> Objects | None:
        """Objects of buckets; None where those of this cloud are not listed."""

    @property
    def automatic(self) -> Automatic | None:
        """Automatic snapshot policies; None where those of this cloud are not looked at."""

    @property
    def lending(self) -> Lending | None:
        """What the account lends; None where drkit lends nothing of this cloud, or was opened to look only."""


TOKEN = 48  # characters of a digest; a client token has at most 64 ASCII characters in all


def _nothing_known(_key: str) -> None:
    """In the place of what came of other actions, where nobody asks."""


@dataclass(frozen=True, slots=True)
class Hands:
    """What acts: the accounts opened with the credential that makes.

    Args:
        clouds: by the account's name in the estate.
        run: the id of the run on whose behalf it acts; it goes into the tags of what is made.
        shells: hosts on which something is held; None where none are reached.
        came_of: what came of another action of the same step, by its key; None where that is not known yet.
    """

    clouds: Mapping[str, Cloud]
    run: str
    shells: Shells | None = None
    came_of: Callable[[str], Outcome | None] = _nothing_known

    def token(self, action: Action) -> str:
        """The client token of an action: the same for the same action of the same run, and for no other.

        A cloud that gets a request with the token of an earlier one answers as it did then, and makes nothing
        twice.
        """
        return f"drkit-{digest([self.run, action.key])[:TOKEN]}"
