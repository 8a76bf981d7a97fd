"""The versions of the roster as files, for people who sign them with plain tools.

    <number>/roster.json           the version
    <number>/signatures/*.sig      by root keys (namespace roster@drkit)

Nothing here is believed: `open_roster` holds it against the pin.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from drkit.core.approval import people, sshsig, store
from drkit.core.approval.errors import RosterError, StoreError
from drkit.core.approval.people import Version
from drkit.core.approval.roster import Pin, Roster, Signed, open_roster
from drkit.core.files import write_whole

ROSTER, SIGNATURES = "roster.json", "signatures"
MOST_SIGNATURES = 100


def open_pinned(directory: Path, pin: str, seen: dict[str, datetime]) -> Roster:
    """The roster of a directory, whose first version has the pinned digest.

    Args:
        directory: of the versions.
        pin: the sha256 of the first version; its root is pinned with it, since it stands in it.
        seen: as in `open_roster`.

    Raises:
        ApprovalError: absent, unreadable, or no chain from the pinned version.
    """
    history = read_history(directory)
    first = people.read(history[0].raw)
    if first.digest != pin:
        raise RosterError(
            f"the first version of the roster in {directory} is not the pinned one",
            hint="restore it; a new first roster is a new pin, which whoever keeps the estate decides",
        )
    return open_roster(Pin(pin, first.root), history, seen)


def read_history(directory: Path) -> tuple[Signed, ...]:
    """Every version, from the first.

    Raises:
        RosterError: there is none, or one is missing between others.
        StoreError: something cannot be read, or is not what belongs there.
    """
    numbers = _numbers(directory)
    if not numbers:
        raise RosterError(f"there is no roster in {directory}", hint="make one: drkit gate roster")
    if numbers != list(range(1, len(numbers) + 1)):
        raise RosterError(f"versions of the roster are missing in {directory}: there are {numbers}")
    return tuple(_signed(directory / str(number)) for number in numbers)


def add(directory: Path, version: Version) -> Path:
    """File a version that is to be signed; the path of its document.

    Raises:
        StoreError: it is there already, or could not be written.
    """
    path = directory / str(version.number) / ROSTER
    if path.exists():
        raise StoreError(f"{path} is there already")
    try:
        (path.parent / SIGNATURES).mkdir(parents=True, exist_ok=True)
        write_whole(path, version.raw)
    except OSError as error:
        raise StoreError(f"{path} could not be written: {error.strerror}") from error
    return path


def add_signature(directory: Path, number: int, armored: bytes) -> Path:
    """File a signature under a version, by the name of its key; its path.

    Raises:
        SignatureError: it is none. StoreError: it could not be written.
    """
    key = sshsig.parse(armored).key
    name = "".join(each if each.isalnum() else "-" for each in key.fingerprint)
    path = directory / str(number) / SIGNATURES / f"{name}{store.SUFFIX}"
    try:
        write_whole(path, armored)
    except OSError as error:
        raise StoreError(f"{path} could not be written: {error.strerror}") from error
    return path


def _numbers(directory: Path) -> list[int]:
    try:
        names = [path.name for path in directory.iterdir() if not path.name.startswith(".")]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError(f"{directory} cannot be listed: {error.strerror}") from None
    return sorted(int(name) for name in names if name.isascii() and name.isdigit())


def _signed(place: Path) -> Signed:
    raw = store.content(place / ROSTER, people.LARGEST)
    try:
        paths = sorted((place / SIGNATURES).glob(f"[!.]*{store.SUFFIX}"))[:MOST_SIGNATURES]
    except OSError as error:
        raise StoreError(f"{place} cannot be listed: {error.strerror}") from None
    return Signed(raw, tuple(store.content(path, sshsig.LARGEST_SIGNATURE) for path in paths))
