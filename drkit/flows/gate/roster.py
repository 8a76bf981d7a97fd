"""``drkit gate roster | signers``: who may ask and agree, for root keys to sign, and for auditors."""

from __future__ import annotations

import argparse
from pathlib import Path

from drkit.core import exits
from drkit.core.approval import history, people, signers, sshsig
from drkit.core.approval.people import Version
from drkit.core.approval.staff import Staff, next_version
from drkit.core.configuration.reading import Reader
from drkit.core.errors import ApprovalError, UsageError
from drkit.core.results import json_text, result, write_result
from drkit.core.times import now
from drkit.core.verdicts import Outcome, Verdict
from drkit.flows.gate.place import open_place
from drkit.flows.gate.signing import sign

PASSED = Verdict(Outcome.PASS)


def roster(arguments: argparse.Namespace) -> int:
    """Write the next version of the roster, or sign the latest one."""
    if arguments.staff is not None:
        version = _write(arguments.staff, arguments.to)
    elif arguments.key is not None:
        version = _latest(arguments.to)
    else:
        raise UsageError("write or sign what?", hint="name a file of people, or sign with --key")
    place = arguments.to / str(version.number)
    if arguments.key is not None:
        armored = sign(version.raw, arguments.key, sshsig.ROSTER)
        _refuse_stranger(arguments.to, version, armored)
        history.add_signature(arguments.to, version.number, armored)
    write_result(_told(arguments.format, version, place), arguments.output)
    return exits.OK


def allowed(arguments: argparse.Namespace) -> int:
    """Print the ``allowed_signers`` by which stock ``ssh-keygen -Y verify`` checks approvals."""
    text = signers.write(open_place(arguments).roster().allowed_signers())
    if arguments.format == "json":
        lines = text.splitlines()
        text = json_text(
            result("gate signers", PASSED, summary={"signers": len(lines)}, allowed_signers=lines)
        )
    write_result(text or "# nobody\n", arguments.output)
    return exits.OK


def _write(staff: Path, directory: Path) -> Version:
    reader = Reader()
    read = reader.read(staff, Staff)
    reader.finish()
    assert read is not None
    version = next_version(read.value, _latest(directory) if directory.exists() else None, now())
    history.add(directory, version)
    return version


def _refuse_stranger(directory: Path, version: Version, armored: bytes) -> None:
    """Only keepers sign: those of this version, and those of the one before who let it follow.

    Raises:
        ApprovalError: the key is nobody's of them.
    """
    keepers = set(version.root.keys)
    if version.number > 1:
        keepers |= set(people.read(history.read_history(directory)[-2].raw).root.keys)
    key = sshsig.parse(armored).key
    if key not in keepers:
        raise ApprovalError(
            f"{key.fingerprint} is no key of the root of this roster",
            hint="nothing was filed; sign with a key that stands under `root` in the file of people",
        )


def _latest(directory: Path) -> Version:
    return people.read(history.read_history(directory)[-1].raw)


def _told(form: str, version: Version, place: Path) -> str:
    signed = len(list((place / history.SIGNATURES).glob("*.sig")))
    if form == "json":
        summary = {"version": version.number, "signatures": signed, "approvals": version.root.approvals}
        return json_text(
            result(
                "gate roster",
                PASSED,
                summary=summary,
                digest=version.digest,
                path=str(place / history.ROSTER),
            )
        )
    said = f"{len(version.people)} people, signed {signed} of {version.root.approvals}"
    lines = [
        f"version {version.number} of the roster: {said}: {place / history.ROSTER}",
        f"each keeper of the root signs it: drkit gate roster --to {place.parent} --key KEY",
        f"  or: ssh-keygen -Y sign -n {sshsig.ROSTER} -f KEY roster.json, into {place / history.SIGNATURES}/NAME.sig",
    ]
    if version.number == 1:
        lines.append(f"pin it in the estate: approvals.pin: {version.digest}")
    return "\n".join(lines)
