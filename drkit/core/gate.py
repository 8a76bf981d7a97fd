"""The section ``gate`` of the estate: what commands may touch, and where approved ones run."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from drkit.core.configuration.types import Name
from drkit.core.protection import Protection
from drkit.core.reached import Reached

Word = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class GateHost(Reached):
    """A host on which the broker runs approved commands; ``user`` is whom they run as."""

    account: Name
    """The account of the estate that it belongs to."""

    runs: Annotated[
        tuple[Word, ...],
        Field(min_length=1, examples=[["/usr/bin/python3", "-I", "/usr/local/sbin/drkit-run"]]),
    ] = ("/usr/bin/python3", "-I", "/usr/local/sbin/drkit-run")
    """The words of the command that runs them there: docs/gate.md."""


class Gate(Protection):
    """Commands that people want to run: what they may touch, and where they run once they are approved."""

    hosts: Annotated[dict[Name, GateHost], Field(default_factory=dict)]
    """Where approved commands run, by a name for people; the broker's own host needs no name."""
