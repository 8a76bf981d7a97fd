"""What runs work with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from drkit.core.errors import DrkitError
from drkit.core.estate import Estate
from drkit.core.evidence.log import EvidenceLog
from drkit.core.files import write_whole
from drkit.core.journal import Journal
from drkit.core.times import Clock
from drkit.flows.clouds import Opened
from drkit.flows.loading import LoadedPlaybook
from drkit.ports.cloud import Cloud

Progress = Callable[[str], None]


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
    """

    estate: Estate
    clouds: Opened
    journal: Journal
    log: EvidenceLog
    look: Look
    playbooks: Path
    wait: float

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
