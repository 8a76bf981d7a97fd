"""One tick of the daemon: what is due is run, each playbook in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from drkit.core import exits
from drkit.core.errors import DrkitError
from drkit.core.past import read_attempts
from drkit.core.state import State
from drkit.core.times import now, text_of
from drkit.flows.runner import host_name, refuse_elsewhere
from drkit.flows.standings import Stands, load_scheduled, stand
from drkit.flows.talking import say

POLL_S = 0.2
"""How often a run that is under way is looked at."""

LAST_WORDS_S = 30
"""How long a run that was told to end may take for it, before it is killed; `drkit recover` copes with both."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
"""How long a playbook whose run ended in vain is left alone: doubling from the one to the other."""

CONCLUDED = frozenset({exits.OK, exits.BAD})


def tell(event: str) -> None:
    """One line an event."""
    say(f"{text_of(now())} drkit daemon: {event}")


@dataclass(slots=True)
class Stop:
    """The wish to end: the number of the signal that said it."""

    number: int = 0
    _event: threading.Event = field(default_factory=threading.Event)

    def __call__(self, number: int, _frame: object) -> None:
        """As a signal's handler."""
        self.number = number
        self._event.set()

    def asked(self) -> bool:
        """Whether somebody wishes so."""
        return self._event.is_set()

    def wait(self, seconds: float) -> None:
        """Do nothing until somebody wishes so."""
        self._event.wait(seconds)


@dataclass(slots=True)
class Pauses:
    """Which playbooks are left alone for a while: not every minute the same error."""

    _until: dict[str, datetime] = field(default_factory=dict)
    _length: dict[str, timedelta] = field(default_factory=dict)

    def hold(self, playbook: str, moment: datetime) -> bool:
        """Whether a playbook is left alone at a moment."""
        return playbook in self._until and moment < self._until[playbook]

    def ended(self, playbook: str, status: int, moment: datetime) -> None:
        """Its run ended with an exit status."""
        if status in CONCLUDED:
            self._length.pop(playbook, None)
            self._until.pop(playbook, None)
            return
        length = min(2 * self._length[playbook], LONGEST_PAUSE) if playbook in self._length else FIRST_PAUSE
        self._length[playbook] = length
        self._until[playbook] = moment + length


@dataclass(slots=True)
class Work:
    """What the daemon does.

    Args:
        estate: the estate's file, read anew at each tick.
        files: the playbooks; none for all beside the estate, looked for anew at each tick.
        root: where states lie.
        state: the estate's.
        stop: the wish to end.
        patience: seconds that the end waits for a run before it passes the wish on.
        statuses: every exit status so far.
        interrupted: whether a run was told to end.
    """

    estate: Path
    files: Sequence[Path]
    root: Path
    state: State
    stop: Stop
    patience: float
    statuses: set[int] = field(default_factory=set)
    interrupted: bool = False
    _pauses: Pauses = field(default_factory=Pauses)

    def tick(self) -> None:
        """Ask what is due and have it run; whatever goes wrong is told, and the next tick asks again."""
        try:
            for each in self._due():
                if self.stop.asked():
                    return
                self._run(each)
        except DrkitError as error:
            self.statuses.add(error.status)
            tell(f"nothing could be asked: {' / '.join(error.message.splitlines())}")
        except Exception as error:  # noqa: BLE001 - a daemon that a defect ends misses every slot from then on
            self.statuses.add(exits.NOTHING_CONCLUDED)
            tell(f"a defect of drkit: {error!r}")

    def _due(self) -> list[Stands]:
        loaded = load_scheduled(self.estate, self.files)
        refuse_elsewhere(loaded.estate)
        moment = now()
        return [
            each
            for each in stand(loaded.playbooks, read_attempts(self.state.journal), host_name(), moment)
            if (each.standing.due or each.standing.under_way) and not self._pauses.hold(each.name, moment)
        ]

    def _run(self, stands: Stands) -> None:
        tell(f"{stands.name}: begins, slot {text_of(stands.standing.last.at)}")
        # A session of its own: Ctrl-C at a terminal is for the daemon, which then waits for the run.
        process = subprocess.Popen(
            self._command(stands.playbook.path),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        status = self._await(process, stands.name)
        self.statuses.add(status)
        self._pauses.ended(stands.name, status, now())
        tell(f"{stands.name}: ended with {status}: {exits.MEANING.get(status, 'a signal')}")

    def _command(self, playbook: Path) -> list[str]:
        places = ["--estate", str(self.estate), "--state", str(self.root)]
        return [sys.executable, "-m", "drkit", "run", "--due", "--yes", *places, str(playbook)]

    def _await(self, process: subprocess.Popen[bytes], name: str) -> int:
        """The run's exit status; negative, where a signal ended it."""
        waited = 0.0
        while (status := _wait(process, POLL_S)) is None:
            waited = waited + POLL_S if self.stop.asked() else 0.0
            if waited > self.patience:
                return self._end(process, name)
        return status

    def _end(self, process: subprocess.Popen[bytes], name: str) -> int:
        self.interrupted = True
        tell(f"{name}: still under way after {self.patience:.0f} s, told to end")
        process.send_signal(signal.SIGINT)  # which a run hears, and says in the evidence
        if (status := _wait(process, LAST_WORDS_S)) is not None:
            return status
        process.kill()
        return process.wait()


def _wait(process: subprocess.Popen[bytes], seconds: float) -> int | None:
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
