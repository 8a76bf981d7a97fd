"""Read a disk on this host: check its file system, and compare its files with a manifest of hashes.

usage: prove.py [--devices DIRECTORY]    answer one question, a line of JSON such as
                                         {"disk": "disk-3xvkxyxp", "manifest": ".drkit-manifest", "seconds": 3600}
       prove.py --write DIRECTORY        write DIRECTORY/.drkit-manifest, of all files below it

The disk is one that was made of a snapshot and is removed after this. Where its journal is not empty it is replayed,
as a boot would do; nothing else is written. The kernel never mounts it: files are read by debugfs, since what is on
the disk may be broken. The manifest is what `sha256sum` writes, with paths from the top of the file system. The answer
is one line of JSON. The program ends when its input does, also in the middle. Python 3.6 and e2fsprogs suffice.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, BinaryIO

DEVICES = "/dev/disk/by-id"
WRITTEN = ".drkit-manifest"
DISK = re.compile(r"(disk|vol)-[0-9a-z]{8,40}")
MANIFEST = re.compile(r'[^/\x00-\x1f"][^\x00-\x1f"]{0,200}')
LINE = re.compile(rb'(\\?)([0-9a-f]{64}) [ *](?:\./)?([^\x00-\x1f"\\/][^\x00-\x1f"\\]{0,4000})')
# How udev names a disk on a host: by its serial, which is its id (virtio); or by model and serial, which is the id
# without its dash (NVMe on EC2: EBS User Guide, "Map Amazon EBS volumes to NVMe device names").
NAMES = ("virtio-{0}", "nvme-Amazon_Elastic_Block_Store_{1}")
# Which hypervisor a host runs on (Linux, Documentation/ABI/stable/sysfs-hypervisor-xen); not there on the Nitro System.
HYPERVISOR = "/sys/hypervisor/type"
APPEARS = 60  # seconds within which a disk that was attached is there
LARGEST = 64 * 1024 * 1024  # bytes of a manifest
MOST = 5  # names of files that are told
PART = 1024 * 1024
LONGEST, DAY = 4000, 86400  # bytes of a question; seconds
EXT, JOURNALLED = b"\x53\xef", "ext"
# What else may be there: where it says so, and what it is.
OTHERS = (
    (0, b"XFSB", "xfs"),
    (0x10040, b"_BHRfS_M", "btrfs"),
    (0, b"LUKS\xba\xbe", "LUKS"),
    (512, b"LABELONE", "LVM"),
    (3, b"NTFS    ", "NTFS"),
    (4086, b"SWAPSPACE2", "swap"),
)
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "DEBUGFS_PAGER": "cat"}


class GivenError(Exception):
    """An answer that was found before the end."""

    def __init__(self, result: str, kind: str, why: str) -> None:
        super().__init__(why)
        self.result, self.kind, self.why = result, kind, why


class Reading:
    """One volume that is read, for so many seconds at most."""

    def __init__(self, seconds: float) -> None:
        self.ends = time.monotonic() + seconds
        self.filesystem, self.recovered, self.files, self.bytes, self.manifest = "", False, 0, 0, ""

    def left(self) -> float:
        """Seconds that are left."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise GivenError("unknown", "given-up", "reading took longer than it may")
        return left

    def run(self, words: "list[str]") -> "tuple[int, bytes]":
        """A program's status, and what it said at its end."""
        with tempfile.TemporaryFile() as said:
            process = start(words, said, subprocess.STDOUT)
            try:
                status = process.wait(self.left())
            except subprocess.TimeoutExpired:
                raise GivenError("unknown", "given-up", words[0] + " took longer than it may") from None
            finally:
                end(process)
            said.seek(max(0, said.tell() - 4000))
            return status, said.read()

    def answer(self, result: str, kind: str, why: str) -> "dict[str, Any]":
        """All that was found out."""
        return {
            "result": result,
            "kind": kind,
            "why": plain(why),
            "filesystem": self.filesystem,
            "recovered": self.recovered,
            "files": self.files,
            "bytes": self.bytes,
            "manifest": self.manifest,
        }


def start(words: "list[str]", out: "Any", err: "Any") -> "subprocess.Popen[bytes]":
    """A program without input, in this one's group."""
    try:
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=ENVIRONMENT)
    except OSError as error:
        raise GivenError(
            "unknown", "not-understood", words[0] + " cannot be run: " + str(error.strerror)
        ) from None


def end(process: "subprocess.Popen[bytes]") -> None:
    """See that a program is over."""
    if process.poll() is None:
        process.kill()
    process.wait()


def plain(text: str) -> str:
    """Text that fits into one line and does nothing to a terminal."""
    return "".join(each if each.isprintable() else "?" for each in text)[:900]


def prove(question: "dict[str, Any]", devices: str) -> "dict[str, Any]":
    """What one disk holds."""
    reading = Reading(float(question["seconds"]))
    try:
        volume = find_volume(question["disk"], devices, reading)
        check(volume, reading)
        why = compare(volume, question["manifest"], reading)
    except GivenError as given:
        return reading.answer(given.result, given.kind, given.why)
    except OSError as error:
        return reading.answer("fail", "unreadable", "it cannot be read: " + str(error.strerror or error))
    return reading.answer("pass", "", why)


def find_volume(disk: str, devices: str, reading: Reading) -> str:
    """The disk, or its one partition that has a file system."""
    device = wait_for(disk, devices, reading)
    reading.filesystem = file_system_of(device)
    if reading.filesystem:
        return device
    parts = [f"{device}-part{number}" for number in range(1, 129)]
    found = [(part, file_system_of(part)) for part in parts if Path(part).exists()]
    known = [each for each in found if each[1]]
    if len(known) > 1:
        raise GivenError("unknown", "not-understood", "it has several partitions with a file system")
    if not known:
        raise GivenError("fail", "unreadable", "there is no file system on it")
    volume, reading.filesystem = known[0]
    return volume


def wait_for(disk: str, devices: str, reading: Reading) -> str:
    """Where a disk is, once it has appeared."""
    paths = [Path(devices) / name.format(disk, disk.replace("-", "")) for name in NAMES]
    ends = time.monotonic() + min(APPEARS, reading.left())
    while True:
        for path in paths:
            if path.exists():
                return str(path)
        if time.monotonic() > ends:
            raise absent(disk, devices)
        time.sleep(0.2)


def absent(disk: str, devices: str) -> GivenError:
    """Why a disk is not there: on Xen a volume of EBS may hang here, and no device says that it is this one."""
    if disk.startswith("vol-") and is_on_xen():
        return GivenError(
            "unknown", "no-serial", "this host is on Xen, where no device says which volume it is"
        )
    return GivenError("unknown", "no-device", "no such disk has appeared in " + devices)


def is_on_xen() -> bool:
    """Whether this host says that it runs on Xen."""
    with suppress(OSError):
        return Path(HYPERVISOR).read_text("utf-8").strip() == "xen"
    return False


def file_system_of(path: str) -> str:
    """Which file system a volume says it has, empty where it says none."""
    with Path(path).open("rb") as volume:
        head = volume.read(0x10080)
    if head[1080:1082] == EXT:
        return JOURNALLED
    return next((name for at, magic, name in OTHERS if head[at : at + len(magic)] == magic), "")


def check(volume: str, reading: Reading) -> None:
    """Check the file system, after what a boot would do to it."""
    if reading.filesystem != JOURNALLED:
        raise GivenError("unknown", "not-understood", reading.filesystem + " is not read here")
    # A disk that was in use has a journal to replay, and files that were deleted while they were open.
    status, said = reading.run(["e2fsck", "-p", volume])
    reading.recovered = bool(status & 1)
    if status & ~3:
        raise GivenError("fail", "filesystem", f"e2fsck -p ended with {status}: {told(said)}")
    status, said = reading.run(["e2fsck", "-fn", volume])
    if status:
        raise GivenError("fail", "filesystem", f"e2fsck -fn ended with {status}: {told(said)}")


def told(said: bytes) -> str:
    """The last lines that a program said."""
    lines = [line.strip() for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    return "; ".join(lines[-4:])[:500]


def compare(volume: str, name: str, reading: Reading) -> str:
    """Compare each file of the manifest; a sentence where all are as it says."""
    with tempfile.TemporaryFile() as manifest:
        reading.manifest = copy(volume, name, manifest, LARGEST, reading)
        if not reading.manifest:
            raise GivenError("unknown", "no-manifest", "its file system is sound, and there is no " + name)
        manifest.seek(0)
        different = [wanted for wanted in lines(manifest, name) if not is_same(volume, wanted, reading)]
    if different:
        names = ", ".join(path.decode("utf-8", "replace") for path, _ in different[:MOST])
        why = f"{len(different)} of {reading.files} files differ: {names}"
        raise GivenError("fail", "content-differs", why)
    if not reading.files:
        raise GivenError("unknown", "no-manifest", name + " names no files")
    return f"{reading.files} files are as their manifest says"


def lines(manifest: "BinaryIO", name: str) -> "list[tuple[bytes, str]]":
    """Path and hash of each line."""
    found = []
    for line in manifest.read().split(b"\n"):
        match = LINE.fullmatch(line.rstrip(b"\r"))
        if match and not match.group(1):
            found.append((match.group(3), match.group(2).decode("ascii")))
        elif line.strip():
            # Half a manifest is none: what it says of other files may be missing.
            raise GivenError("fail", "content-differs", name + " has a line that is none: " + repr(line[:80]))
    return found


def is_same(volume: str, wanted: "tuple[bytes, str]", reading: Reading) -> bool:
    """Whether a file is there, and as the manifest says."""
    path, digest = wanted
    reading.files += 1
    return copy(volume, os.fsdecode(path), None, None, reading) == digest


def copy(volume: str, path: str, to: "BinaryIO | None", most: "int | None", reading: Reading) -> str:
    """Read a file of the volume; the sha256 of what is in it, empty where it is not there or was not read whole."""
    with tempfile.TemporaryFile() as errors:
        process = start(["debugfs", "-R", f'cat "/{path}"', volume], subprocess.PIPE, errors)
        watch = threading.Timer(reading.left(), process.kill)
        watch.daemon = True
        watch.start()
        out, digest, size = process.stdout, hashlib.sha256(), 0
        assert out is not None
        try:
            for part in iter(partial(out.read, PART), b""):
                digest.update(part)
                size += len(part)
                if most is not None and size > most:
                    raise GivenError("unknown", "not-understood", path + " is too large for a manifest")
                if to is not None:
                    to.write(part)
        finally:
            watch.cancel()
            end(process)
            out.close()
        reading.left()
        reading.bytes += size
        errors.seek(0)
        if (
            process.returncode
            or complaints(errors.read(10000))
            or (not size and not is_file(volume, path, reading))
        ):
            return ""
        return digest.hexdigest()


def is_file(volume: str, path: str, reading: Reading) -> bool:
    """Whether a file is there, and no pipe or device, of which debugfs reads nothing either."""
    with tempfile.TemporaryFile() as out:
        process = start(["debugfs", "-R", f'stat "/{path}"', volume], out, subprocess.DEVNULL)
        with suppress(subprocess.TimeoutExpired):
            process.wait(reading.left())
        end(process)
        reading.left()
        out.seek(0)
        return re.search(rb"^Inode: .*Type: regular ", out.read(10000)) is not None


def complaints(said: bytes) -> "list[bytes]":
    """What debugfs, whose status is always the same, says beside its version."""
    return [line for line in said.splitlines() if line.strip() and not line.startswith(b"debugfs ")]


def answer(devices: str) -> int:
    """Read a question, and answer it; whoever asked may go away before."""
    asked = read_question()
    if asked is None:
        say({"error": "this is no question"})
        return 1
    threading.Thread(target=end_with_the_input, daemon=True).start()
    say(prove(asked, devices))
    return 0


def read_question() -> "dict[str, Any] | None":
    """The question, if it is one."""
    line = b""
    while not line.endswith(b"\n") and len(line) < LONGEST:
        byte = os.read(0, 1)
        if not byte:
            return None
        line += byte
    try:
        asked = json.loads(line.decode("utf-8"))
        sound = DISK.fullmatch(asked["disk"]) and MANIFEST.fullmatch(asked["manifest"])
        return asked if sound and 0 < float(asked["seconds"]) <= DAY else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def end_with_the_input() -> None:
    """End this program, and those that it runs, when nobody waits for it any more."""
    while os.read(0, 4096):
        pass
    os.killpg(0, 9)


def say(answer: "dict[str, Any]") -> None:
    """One line."""
    print(json.dumps(answer), flush=True)


def write_manifest(directory: str) -> int:
    """Write the manifest of all plain files below a directory, whole or not at all."""
    top = Path(directory)
    whole = b"".join(line_of(path, top) for path in sorted(files_below(top)))
    with tempfile.NamedTemporaryFile("wb", dir=directory, prefix=WRITTEN + ".", delete=False) as new:
        new.write(whole)
        new.flush()
        os.fsync(new.fileno())
    Path(new.name).rename(top / WRITTEN)
    return 0


def line_of(path: Path, top: Path) -> bytes:
    """The line of one file."""
    name = os.fsencode(str(path.relative_to(top)))
    line = b"%s  %s" % (hash_of(path).encode("ascii"), name)
    if not LINE.fullmatch(line):
        sys.exit(f"a name cannot stand in a manifest: {name!r}")
    return line + b"\n"


def files_below(directory: Path) -> "list[Path]":
    """Plain files of this file system, without manifests and what lost+found has."""
    found = []
    device = directory.lstat().st_dev
    for top, names, files in os.walk(str(directory)):
        names[:] = [
            each for each in names if each != "lost+found" and (Path(top) / each).lstat().st_dev == device
        ]
        paths = [Path(top) / each for each in files if not each.startswith(WRITTEN)]
        found += [path for path in paths if path.is_file() and not path.is_symlink()]
    return found


def hash_of(path: Path) -> str:
    """The sha256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for part in iter(partial(file.read, PART), b""):
            digest.update(part)
    return digest.hexdigest()


def main(words: "list[str]") -> int:
    """What the words ask for."""
    if words[:1] == ["--write"] and len(words[1:]) == 1:
        return write_manifest(words[1])
    if words and (words[:1] != ["--devices"] or len(words[1:]) != 1):
        sys.exit(__doc__)
    with suppress(OSError):  # it leads a session, and so a group of its own already
        os.setpgid(0, 0)
    return answer(words[1] if words else DEVICES)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
