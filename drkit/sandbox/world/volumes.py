"""What disks and snapshots hold, where they hold anything: names of files that `drkit.sandbox.volumes` keeps."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Spoiling:
    """What becomes of the content of a disk when it is made: a byte is flipped, or all from there on is cut off."""

    kind: str
    offset: int


@dataclass(slots=True)
class Volumes:
    """Contents by their names; a content never changes.

    ``disks`` and ``snapshots`` say what each holds; a disk that hangs on a host with a place holds what the file there
    says by now. A snapshot that was made before its disk held anything holds the empty name. ``places`` are the
    directories of hosts. ``spoilt`` has the disks that are to be made wrong.
    """

    disks: dict[str, str] = field(default_factory=dict)
    snapshots: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    spoilt: dict[str, Spoiling] = field(default_factory=dict)

    def contents(self) -> set[str]:
        """The names of all that is held."""
        return {*self.disks.values(), *self.snapshots.values()} - {""}
