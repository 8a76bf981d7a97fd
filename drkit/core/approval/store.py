"""Requests, signatures and answers as files, for everybody who signs with plain tools.

    <id>/request.json             the document, whose sha256 is the directory's name
    <id>/request.sig              by which the requester shows that it is his
    <id>/approvals/<person>.sig   by which a person approves
    <id>/answer.json              a denial or a withdrawal

Nothing here decides anything: who may write into the directory may put there what he likes, and `decide`
holds all of it against the roster.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from drkit.core.approval import answers, document, sshsig
from drkit.core.approval.answers import Answer
from drkit.core.approval.document import Document
from drkit.core.approval.errors import DocumentError, SignatureError, StoreError
from drkit.core.approval.fields import PERSON, SHA256
from drkit.core.canonical import canonical
from drkit.core.configuration.problems import quote
from drkit.core.files import write_whole

REQUEST, PROOF, APPROVALS, ANSWER, SUFFIX = "request.json", "request.sig", "approvals", "answer.json", ".sig"
MOST_SIGNATURES = 100  # of one request; each is read and verified before anything is decided
_SIGNATURE = re.compile(PERSON.pattern + re.escape(SUFFIX))


@dataclass(frozen=True, slots=True)
class Filed:
    """Everything that lies there for one request.

    Args:
        signatures: of approvers, by the names of their files, which prove nothing.
        proof: the requester's signature.
    """

    document: Document
    signatures: dict[str, bytes]
    proof: bytes | None
    answer: Answer | None


def add(directory: Path, request: Document) -> Path:
    """File a request; the path of its document, for people to sign.

    Raises:
        StoreError: it could not be written.
    """
    path = directory / request.id / REQUEST
    _write(path, request.raw)
    return path


def prove(directory: Path, identifier: str, armored: bytes) -> None:
    """File the requester's own signature; raises as `approve`."""
    _write(_existing(directory, identifier) / PROOF, _readable(armored))


def approve(directory: Path, identifier: str, person: str, armored: bytes) -> None:
    """File a person's signature, in the place of an earlier one of his.

    Raises:
        StoreError: no such request, no such name, not an SSH signature, or it could not be written.
    """
    if not PERSON.fullmatch(person):
        raise StoreError(f"{quote(person)} cannot be the name of a person")
    _write(_existing(directory, identifier) / APPROVALS / f"{person}{SUFFIX}", _readable(armored))


def answer(directory: Path, given: Answer) -> None:
    """File a denial or a withdrawal; the first one stays.

    Raises:
        StoreError: no such request, it was answered before, or it could not be written.
    """
    path = _existing(directory, given.id) / ANSWER
    raw = canonical(given.as_data())
    try:
        answers.read(raw)
    except DocumentError as error:
        raise StoreError(f"this answer cannot be filed: {error}") from None
    if path.exists():
        raise StoreError(f"the request {given.id[:16]} was answered before")
    _write(path, raw)


def load(directory: Path, identifier: str) -> Filed:
    """Everything that lies there for a request.

    Raises:
        StoreError: no such request, or anything in its place that is not what it should be: an unreadable
            denial must not count as none.
    """
    place = _existing(directory, identifier)
    try:
        found = document.read(content(place / REQUEST, document.LARGEST))
        ended = answers.read(content(place / ANSWER, answers.LARGEST)) if _is_there(place / ANSWER) else None
    except DocumentError as error:
        raise StoreError(f"{place}: {error}") from None
    if found.id != identifier or (ended is not None and ended.id != identifier):
        raise StoreError(f"{place} holds the request or the answer of another place")
    proof = content(place / PROOF, sshsig.LARGEST_SIGNATURE) if _is_there(place / PROOF) else None
    signatures = {
        name: content(place / APPROVALS / f"{name}{SUFFIX}", sshsig.LARGEST_SIGNATURE)
        for name in signed(place)
    }
    return Filed(found, signatures, proof, ended)


def signed(place: Path | str) -> list[str]:
    """The names under which signatures lie in a request's directory, sorted.

    Raises:
        StoreError: something else lies among them, too many do, or they cannot be listed.
    """
    try:
        # Twice as fast as making an entry or a path of each name, and a listing does it for ten thousand.
        names = [name for name in os.listdir(f"{place}/{APPROVALS}") if name[0] != "."]  # noqa: PTH208
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError(f"{APPROVALS} cannot be listed: {error.strerror}") from None
    if len(names) > MOST_SIGNATURES:
        raise StoreError(f"there are more than {MOST_SIGNATURES} files among the approvals")
    for name in names:
        if not _SIGNATURE.fullmatch(name):
            raise StoreError(f"{quote(name)} among the approvals is not a signature of a person")
    return sorted([name.removesuffix(SUFFIX) for name in names])


def content(path: Path | str, largest: int) -> bytes:
    """The bytes of a plain file; a link, a pipe or a device is none, and what is too large is not read.

    Raises:
        StoreError: absent, not a plain file, too large, or unreadable.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode) or status.st_size > largest:
                raise StoreError(f"{Path(path).name} is not a plain file of at most {largest} bytes")
            return os.read(handle, status.st_size)
        finally:
            os.close(handle)
    except OSError as error:
        raise StoreError(f"{Path(path).name} cannot be read: {error.strerror}") from None


def _existing(directory: Path, identifier: str) -> Path:
    if not SHA256.fullmatch(identifier) or not (directory / identifier / REQUEST).is_file():
        raise StoreError(
            f"there is no request {quote(identifier)}", hint="drkit gate inbox lists all of them"
        )
    return directory / identifier


def _readable(armored: bytes) -> bytes:
    try:
        sshsig.parse(armored)
    except SignatureError as error:
        raise StoreError(f"not a signature: {error}", hint="ssh-keygen -Y sign makes one") from None
    return armored


def _write(path: Path, raw: bytes) -> None:
    try:
        for place in reversed(path.parents):
            _make(place)
        write_whole(path, raw)
    except OSError as error:
        raise StoreError(f"{path} could not be written: {error.strerror}") from error


def _make(place: Path) -> None:
    """Make a directory where there is none; a group that may write into the one above may write into it, too.

    Else the requester's umask would decide whether anybody can put an approval beside his request.
    """
    if place.is_dir():
        return
    place.mkdir()
    above = place.parent.stat().st_mode
    if above & stat.S_IWGRP:
        place.chmod(stat.S_IMODE(above) & ~stat.S_IWOTH & ~stat.S_ISVTX)


def _is_there(path: Path) -> bool:
    return os.path.lexists(path)
