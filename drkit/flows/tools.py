"""What runs work with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol

from drkit.core.actions import Action, Outcome, removes_scratch
from drkit.core.errors import ApprovalError, DrkitError
from drkit.core.files import write_whole

if TYPE_CHECKING:
    from drkit.core.estate import Estate
    from drkit.core.evidence.log import EvidenceLog
    from drkit.core.journal import Journal
    from drkit.core.times import Clock
    from drkit.flows.clouds import Opened
    from drkit.flows.loading import LoadedPlaybook
    from drkit.ports.cloud import Cloud

Progress = Callable[[str], None]


class Destroyer(Protocol):
    """What carries out actions that destroy or weaken, under a licence that was given for exactly them."""

    def carry_out(self, action: Action) -> Outcome:
        """Carry one out.

        Raises:
            ApprovalError: it is not among what the licence allows.
            CloudError: the cloud or the broker said no, or nobody knows what came of it.
        """


class Scratch(Protocol):
    """What removes scratch, or moves it, by `drkit.flows.sweeping.rule` and without anybody's approval."""

    def carry_out(self, run: str, action: Action) -> Outcome:
        """Carry one out; raises as `Destroyer.carry_out`.

        Args:
            run: the run that made it and now tears it down; empty where its time has passed, whoever made it.
            action: for which `drkit.core.actions.removes_scratch` or `moves_scratch` holds.
        """


class Growth(Protocol):
    """What carries out what takes nothing away, by `drkit.flows.growing.rule` and without anybody's approval."""

    def carry_out(self, run: str, action: Action) -> Outcome:
        """Carry one out; raises as `Destroyer.carry_out`.

        Args:
            run: on whose behalf.
            action: for which `drkit.core.actions.only_grows` holds.
        """


class NoGrowth:
    """In the place of a broker where there is none: what can lengthen a life can shorten it as well."""

    def carry_out(self, run: str, action: Action) -> NoReturn:  # noqa: ARG002 - the protocol's arguments
        """Refused."""
        raise ApprovalError(
            f"{action.target} is left as it is: there is no broker, and nobody else may change when it ends",
            hint="name a broker in the estate and start it: docs/broker.md",
        )


class NoBroker:
    """In the place of a broker where there is none: nobody else may remove anything."""

    def carry_out(self, run: str, action: Action) -> NoReturn:  # noqa: ARG002 - the protocol's arguments
        """Refused."""
        what, doing = ("removed", "remove") if removes_scratch(action) else ("attached or detached", "attach")
        raise ApprovalError(
            f"{action.target} was not {what}: there is no broker, and nobody else may {doing} anything",
            hint="name a broker in the estate and start it: docs/broker.md",
        )


@dataclass(frozen=True, slots=True)
class Look:
    """What looks.

    Args:
        clouds: opened with the credential that reads, by the account's name in the estate.
        progress: tells a person what is going on.
    """

    clouds: Mapping[str, Cloud]
    clock: Clock
    progress: Progress


@dataclass(frozen=True, slots=True)
class Tools:
    """What every run of a process works with; the caller holds the estate's lock.

    Args:
        playbooks: where the bytes of playbooks that ran are kept, by their sha256.
        wait: seconds that pending actions are waited for before the run is suspended.
        scratch: what removes scratch.
        growth: what lengthens lives.
    """

    estate: Estate
    clouds: Opened
    journal: Journal
    log: EvidenceLog
    look: Look
    playbooks: Path
    wait: float
    scratch: Scratch = field(default_factory=NoBroker)
    growth: Growth = field(default_factory=NoGrowth)

    def keep_playbook(self, loaded: LoadedPlaybook) -> None:
        """Keep a playbook's bytes, so that its run can be taken up whatever becomes of the file.

        Raises:
            DrkitError: they cannot be written.
        """
        path = self.playbooks / f"{loaded.sha256}.yaml"
        if path.exists():
            return
        try:
            self.playbooks.mkdir(exist_ok=True)
            write_whole(path, loaded.content, mode=0o600)
        except OSError as error:
            raise DrkitError(
                f"cannot write {path}: {error.strerror}", hint="see that its disk is not full"
            ) from None
