"""Where something is done: protected, scratch or neither; an estate says it, or what is usual on a host.

Paths are compared as text, part by part; what a link on the host leads to is not known here.
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from drkit.gate.classify.markers import ANY, HOLE, HOLES, ONE, STAR, TAME, has, unknown

Parts = tuple[str, ...]


class Place(IntEnum):
    """What kind of place a path is, the mildest first."""

    SCRATCH = 0
    ORDINARY = 1
    UNKNOWN = 2  # only known when it runs
    WHOLE = 3  # the whole working directory, or whatever lies above it
    PROTECTED = 4
    ROOT = 5  # the root of the file system, or a directory without which no host starts


# Data, and what a host needs to run; a part of a path may have `*`, within itself.
USUAL_PROTECTED = (
    "/data*", "/backup*", "/srv", "/mnt", "/media", "/export*", "/nfs*", "/vault", "/archive*", "/snapshots*",
    "/var", "/etc", "/usr", "/opt", "/root", "/boot", "/efi", "/bin", "/sbin", "/lib*", "/dev", "/proc", "/sys",
    "/run", "/home/*", "/snap", "/nix", "/mysql*", "/pgdata*", "/postgres*", "/oracle*", "/u0*", "/db*",
    "/storage*", "/volume*", "/pool*", "/tank*", "/cold*", "/warm*",
)  # fmt: skip
USUAL_SCRATCH = ("/tmp", "/var/tmp", "/dev/shm", "/scratch", "/var/cache/apt/archives")  # noqa: S108 - names
# Below these a home is its owner's own business, but for what starts programs or opens doors.
HOMES = re.compile(r"/home/[^/]+/[^/].*|/root/[^/].*")
DOORS = re.compile(
    r"/(home/[^/]+|root)/\.(ssh|gnupg|aws|kube|docker|tccli|azure|bash\w*|profile|zsh\w*|zprofile|login|pam_\w+|"
    r"config|local|netrc|pgpass|my\.cnf|gitconfig|vimrc|inputrc|tmux\.conf|rhosts|forward)(/.*)?"
)
GIT_DOORS = re.compile(r"(^|/)\.git/(hooks/.|config$|modules/.*/hooks/.)")  # from which git runs programs
HARMLESS_DEVICES = re.compile(r"/dev/(null|zero|full|std(in|out|err)|tty|fd/\d+|u?random|ptmx)")
STARTS_THE_HOST = frozenset(
    [
        "/",
        "/etc",
        "/usr",
        "/bin",
        "/sbin",
        "/lib",
        "/lib64",
        "/boot",
        "/dev",
        "/var",
        "/proc",
        "/sys",
        "/usr/bin",
        "/usr/lib",
    ]
)


@dataclass(frozen=True)
class Places:
    """What an estate protects and what it calls scratch.

    Args:
        protected: absolute paths; all that lies below them is protected.
        scratch: absolute paths, below which anything may go.
        directory: where relative paths begin; None where nobody said.
    """

    protected: tuple[str, ...] = USUAL_PROTECTED
    scratch: tuple[str, ...] = USUAL_SCRATCH
    directory: str | None = None
    own: tuple[str, ...] = ()  # said by the estate: a home, or scratch above it, exempts nothing of it

    def of(self, path: str, directories: Iterable[str | None] = (None,)) -> Place:
        """The worst that a path may be, from each directory in which the script may be."""
        return max(_place(self, path, self._from(each)) for each in directories)

    def below(self, path: str, directories: Iterable[str | None] = (None,)) -> Place:
        """The same for whatever is done to all that lies below it."""
        return max(_place(self, path, self._from(each), tree=True) for each in directories)

    def _from(self, directory: str | None) -> str | None:
        """A directory that the script went to, seen from where it began."""
        if directory is None or self.directory is None or directory.startswith(("/", HOLE, HOLES)):
            return directory or self.directory
        return f"{self.directory}/{directory}"


@lru_cache(maxsize=8192)
def _place(places: Places, path: str, directory: str | None, *, tree: bool = False) -> Place:
    if directory is not None and not path.startswith(("/", HOLE, HOLES)):
        path = f"{directory}/{path}"
    if unknown(path):
        return _of_unknown(places, path)
    normal = posixpath.normpath(path) if path else "."
    if normal.startswith("//"):
        normal = normal[1:]
    if normal.startswith("/"):
        return _absolute(places, normal, tree=tree)
    return _relative(places, normal, tree=tree)


def _of_unknown(places: Places, path: str) -> Place:
    """What is sure before the unknown part may already be protected; it can never be scratch."""
    head = re.split(f"[{HOLE}{HOLES}]", path)[0]
    if head.startswith("/") and head.count("/") > 1:
        sure = _absolute(places, posixpath.normpath(posixpath.dirname(head)), tree=False)
        if sure >= Place.PROTECTED:
            return Place.PROTECTED
    return Place.UNKNOWN


def _relative(places: Places, path: str, *, tree: bool) -> Place:
    parts = path.split("/")
    if parts[0] == "..":
        rest = "/".join(part for part in parts if part != "..")
        if not rest or _absolute(places, f"/{rest}", tree=tree) >= Place.PROTECTED:
            return Place.WHOLE
        return Place.ORDINARY
    if GIT_DOORS.search(path):
        return Place.PROTECTED
    if path == "." or (len(parts) == 1 and not path.strip(STAR + "." + ONE)):
        return Place.WHOLE
    return Place.ORDINARY


def _absolute(places: Places, path: str, *, tree: bool) -> Place:  # noqa: PLR0911 - one rule, one return
    parts = tuple(path.split("/")[1:]) if path != "/" else ()
    if path in STARTS_THE_HOST or parts in ((STAR,), ("." + STAR,)):
        return Place.ROOT
    if HARMLESS_DEVICES.fullmatch(path):
        return Place.SCRATCH
    said = max((len(each) for each in _split(places.own) if _within(parts, each)), default=0)
    free = [len(each) for each in _split(places.scratch) if len(parts) > len(each) and _within(parts, each)]
    holds = any(_above(parts, each) for each in _split(places.own))
    if free and max(free) > said and not holds and not has(path, ANY - {STAR, ONE, TAME}):
        return Place.SCRATCH
    if said or holds:
        return Place.PROTECTED
    if HOMES.fullmatch(path) and not has(path.split("/")[2], ANY - {TAME}):
        doors = DOORS.fullmatch(path) or GIT_DOORS.search(path)
        return Place.PROTECTED if doors or _most_of_a_home(parts) else Place.ORDINARY
    if any(_within(parts, each) for each in _split(places.protected)):
        return Place.PROTECTED
    if any(_above(parts, each) for each in _split(places.protected + places.scratch)):
        return Place.PROTECTED
    return Place.ORDINARY if len(parts) > 1 or not tree else Place.PROTECTED


def _most_of_a_home(parts: Parts) -> bool:
    """``~/*`` and ``~/.*``."""
    first = parts[1 if parts[0] == "root" else 2]
    return not first.strip(STAR + ".") or first.startswith("." + STAR)


@lru_cache(maxsize=64)
def _split(paths: tuple[str, ...]) -> tuple[Parts, ...]:
    return tuple(tuple(part for part in path.split("/") if part) for path in paths)


def _within(parts: Parts, place: Parts) -> bool:
    """Whether a path may be the place, or lie below it."""
    return len(parts) >= len(place) and all(map(_fits, parts, place))


def _above(parts: Parts, place: Parts) -> bool:
    """Whether the place may lie below the path."""
    return len(parts) < len(place) and all(map(_fits, parts, place[: len(parts)]))


@lru_cache(maxsize=16384)
def _fits(part: str, pattern: str) -> bool:
    """Whether a part of a path, with its own unknowns, may be a part of a place."""
    if part == pattern:
        return True
    if part.isascii():
        return "*" in pattern and fnmatch.fnmatchcase(part, pattern)
    own = "".join(".*" if each in (STAR, TAME) else "." if each == ONE else re.escape(each) for each in part)
    plain = pattern.replace("*", "")
    if "*" not in pattern:
        return re.fullmatch(own, plain) is not None
    prefix = re.match(r"[^\udc02\udc03\udc04]*", part)
    head = prefix.group() if prefix else ""
    return head.startswith(plain) or plain.startswith(head)
