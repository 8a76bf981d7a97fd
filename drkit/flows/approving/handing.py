"""The requests that were carried out, with their signatures, for another party to verify with ``ssh-keygen``."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from drkit.core.approval import answers, document, signers, sshsig, store
from drkit.core.approval.errors import StoreError
from drkit.core.approval.fields import SHA256
from drkit.core.errors import ApprovalError
from drkit.core.evidence import layout
from drkit.core.evidence.errors import surfaced
from drkit.core.evidence.export import Attached
from drkit.flows.gate.place import Place

FOLDER = "approvals"
SIGNERS = "allowed_signers"
_MARK = b'"approval.used"'


def hand_out(place: Place, run: str = "") -> Attached:
    """Every request that the log says was used, by runs whose ids begin so, and whose keys count.

    What is missing is said: a request can be taken away by whoever may write where requests lie.

    Raises:
        EvidenceError: the log cannot be read.
    """
    used = list(dict.fromkeys(_used(place.state.evidence / layout.LOG, run)))
    files: dict[str, bytes] = {}
    missing: list[str] = []
    for identifier in used:
        try:
            files |= _files(place.requests, identifier)
        except StoreError as error:
            missing.append(f"the request {identifier[:16]} that was used could not be read: {error.message}")
    if files:
        try:
            files[f"{FOLDER}/{SIGNERS}"] = signers.write(place.roster().allowed_signers()).encode()
        except ApprovalError as error:
            missing.append(f"the roster does not hold: {error.message}")
    return Attached(files, tuple(missing))


def _used(log: Path, run: str) -> Iterator[str]:
    """Ids of approvals; a line that is none of drkit's is for `verify` to find, not for this."""
    with surfaced(log, "read"), log.open("rb") as stream:
        for line in layout.lines(stream):
            if _MARK not in line:
                continue
            try:
                entry = json.loads(line)
                told = entry["kind"], entry["run"], entry["approval"]
            except (ValueError, KeyError, TypeError):
                continue
            if told[0] == "approval.used" and str(told[1]).startswith(run) and isinstance(told[2], str):
                yield told[2]


def _files(requests: Path, identifier: str) -> dict[str, bytes]:
    """What lies there for one request, by its name in the bundle; what it decides is not asked.

    Raises:
        StoreError: it is not there, or is not the one that was used.
    """
    if not SHA256.fullmatch(identifier):
        raise StoreError("its name is not the sha256 of a request")
    place = requests / identifier
    raw = store.content(place / store.REQUEST, document.LARGEST)
    if hashlib.sha256(raw).hexdigest() != identifier:
        raise StoreError("its name is not the sha256 of the request in it")
    found = {store.REQUEST: raw}
    largest = {store.PROOF: sshsig.LARGEST_SIGNATURE, store.ANSWER: answers.LARGEST}
    for name in store.signed(place):
        largest[f"{store.APPROVALS}/{name}{store.SUFFIX}"] = sshsig.LARGEST_SIGNATURE
    for name, most in largest.items():
        if os.path.lexists(place / name):
            found[name] = store.content(place / name, most)
    return {f"{FOLDER}/{identifier}/{name}": content for name, content in found.items()}
