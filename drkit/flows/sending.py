"""What was signed goes out of the host, and nobody overlooks it when it could not."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Self

from drkit.core import exits
from drkit.core.errors import DrkitError, UsageError
from drkit.core.estate import Estate
from drkit.core.evidence.log import EvidenceLog
from drkit.core.evidence.outside import DirectoryOutside, Outside
from drkit.core.evidence.sending import Unsent, send_out
from drkit.core.state import State
from drkit.core.times import now
from drkit.flows.ending import Ended
from drkit.flows.talking import say


def outside_directories(estate: Estate) -> list[Path]:
    """The directories in which the estate has checkpoints kept."""
    return [Path(each.directory) for each in estate.evidence.outside]


def open_outsides(directories: Sequence[Path], state: State) -> list[Outside]:
    """The places that checkpoints are sent to; they need not be reachable.

    Raises:
        UsageError: one lies within the state directory, which is as far inside as can be.
    """
    for directory in directories:
        if directory.resolve().is_relative_to(state.directory.resolve()):
            raise UsageError(
                f"{directory} lies in the state directory {state.directory}: that is not outside",
                hint="name a directory that another host keeps",
            )
    return [DirectoryOutside(directory) for directory in directories]


def say_unsent(unsent: Sequence[Unsent]) -> None:
    """Tell of each checkpoint that an outside did not get."""
    for one in unsent:
        say(f"drkit: the checkpoint of {one.size} entries is NOT kept in {one.outside}: {one.reason}")
        say(f"  help: {one.hint}; then `drkit evidence checkpoint`, or the next run, sends it")


class SendingOut:
    """Around runs: what they sign is sent out at the end, also when something breaks them off.

    The runs' verdicts stay as they are. Their exit status is that of an error where something was not sent,
    and the evidence, and so their report, says so.
    """

    def __init__(self, log: EvidenceLog, estate: Estate, state: State) -> None:
        self._log = log
        self._outsides = open_outsides(outside_directories(estate), state)
        self._done = not self._outsides

    def send(self, ended: Sequence[Ended]) -> list[Ended]:
        """Send what runs signed; the runs again, with the exit status that this adds."""
        if self._done:
            return list(ended)
        self._done = True
        unsent = send_out(self._log, self._outsides, now, [each.run for each in ended])
        say_unsent(unsent)
        added = {exits.NOTHING_CONCLUDED} if unsent else set()
        return [replace(each, statuses=each.statuses | added) for each in ended]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is not None:
            with suppress(DrkitError):  # what broke the runs off is what is to be told
                self.send([])
