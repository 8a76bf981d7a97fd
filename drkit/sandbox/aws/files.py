"""Volumes and snapshots that hold something: a file each, which a host finds while the volume hangs on it."""

from __future__ import annotations

import logging
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from drkit.sandbox.volumes.contents import copy_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from drkit.sandbox.aws.inside import Answer, Ec2, Handler, Parameters, Thing

LOG = logging.getLogger("drkit.sandbox")
# How udev names a volume on the Nitro System: by model and serial, which is its id without the dash (EBS User Guide,
# "Map Amazon EBS volumes to NVMe device names").
FOUND_AS = "nvme-Amazon_Elastic_Block_Store_{0}"
# What lies in the directory: files named after what they are of, and what a copy that was cut off left behind.
OURS = re.compile(r"\.?(vol|snap)-[0-9a-f]{8,17}(\..*)?")
# After these volumes, snapshots and what hangs where may be other ones.
MOVING = (
    *("AttachVolume", "DetachVolume", "DescribeVolumes", "CreateVolume", "DeleteVolume"),
    *("CreateSnapshot", "CreateSnapshots", "DeleteSnapshot", "TerminateInstances"),
)


class Files:
    """The files of one life of the AWS server, which begins empty: so does the directory.

    A host finds a link; the volume's one file is behind it, and what is written there is the volume's.
    """

    def __init__(self, directory: Path, ec2: Ec2) -> None:
        self.directory = directory
        self.ec2 = ec2
        self.places: dict[str, Path] = {}
        self.links: dict[Path, str] = {}
        self.seen: set[str] = set()  # snapshots that hold what they should, or nothing
        with suppress(OSError):
            self._forget(self.ours())
            directory.rmdir()

    def take_over(self) -> None:
        """Bring the files to where the volumes are after each action that may move them."""
        for name in MOVING:
            if handler := self.ec2.handlers.get(name):
                self.ec2.handlers[name] = self._settled(handler)

    def _settled(self, handler: Handler) -> Handler:
        def answer(parameters: Parameters) -> Answer:
            answered = handler(parameters)
            self.settle()
            return answered

        return answer

    def fill(self, volume: str, image: Path) -> None:
        """Let a volume hold what a file holds now; snapshots that it has already hold nothing.

        Raises:
            ValueError: there is no such volume, or it hangs where a host finds it, or the file cannot be read.
        """
        if volume not in self.ec2.all_volumes() or volume in self.links.values():
            raise ValueError(f"there is no volume {volume}, or it is in use")
        self.seen |= {id_ for id_, each in self.ec2.all_snapshots().items() if each.get("VolumeId") == volume}
        try:
            self.directory.mkdir(mode=0o700, exist_ok=True)
            copy_file(image, self.directory / volume)
        except OSError as error:
            raise ValueError(f"{image} cannot be read: {error.strerror}") from None

    def place(self, host: str, directory: Path) -> None:
        """Let a host find its volumes in a directory.

        Raises:
            ValueError: it is none.
        """
        if not directory.is_absolute() or not directory.is_dir():
            raise ValueError(f"{directory} is no directory, or not told from the root")
        self.places[host] = directory
        self.settle()

    def settle(self) -> None:
        """Bring everything to where it is now; what cannot be written is told in the log."""
        if not self.directory.is_dir():
            return
        try:
            volumes, snapshots = self.ec2.all_volumes(), self.ec2.all_snapshots()
            self._keep_snapshots(snapshots)
            self._make_volumes(volumes)
            self._link(volumes)
            there = volumes.keys() | snapshots.keys()
            self._forget(each for each in self.ours() if each.name not in there)
        except OSError:
            LOG.exception("the contents of volumes are not where they should be")

    def ours(self) -> list[Path]:
        """The files of this directory that were laid here."""
        return [each for each in self.directory.iterdir() if OURS.fullmatch(each.name)]

    def _forget(self, files: Iterable[Path]) -> None:
        for file in files:
            file.unlink()

    def _keep_snapshots(self, snapshots: dict[str, Thing]) -> None:
        """A new snapshot holds what its volume holds now."""
        for id_ in snapshots.keys() - self.seen:
            volume = self.directory / snapshots[id_].get("VolumeId", "")
            if volume.is_file():
                copy_file(volume, self.directory / id_)
            self.seen.add(id_)

    def _make_volumes(self, volumes: dict[str, Thing]) -> None:
        """A volume that was made of a snapshot holds what that holds."""
        for id_, volume in volumes.items():
            made_from = self.directory / (volume.get("SnapshotId") or "")
            if made_from.is_file() and not (self.directory / id_).exists():
                copy_file(made_from, self.directory / id_)

    def _link(self, volumes: dict[str, Thing]) -> None:
        """Hosts find what hangs on them, and nothing else."""
        wanted = dict(self._wanted(volumes))
        for path in self.links.keys() - wanted.keys():
            path.unlink(missing_ok=True)
        for path in wanted.keys() - self.links.keys():
            path.symlink_to(self.directory / wanted[path])
        self.links = wanted

    def _wanted(self, volumes: dict[str, Thing]) -> Iterator[tuple[Path, str]]:
        for id_, volume in volumes.items():
            for each in volume["Attachments"]:
                place = self.places.get(each["InstanceId"])
                if place and each["State"] == "attached" and (self.directory / id_).is_file():
                    yield place / FOUND_AS.format(id_.replace("-", "")), id_
