"""Signatures are made by ``ssh-keygen``, with keys, agents and touches that people have already."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from drkit.core.approval import sshsig
from drkit.core.errors import UsageError
from drkit.core.text import harmless

PATIENCE = 300  # seconds for a passphrase, or a touch


def sign(raw: bytes, key: Path, namespace: str) -> bytes:
    """An armored signature (``ssh-keygen -Y sign``); it asks for a passphrase at the terminal by itself.

    Args:
        raw: what is signed.
        key: a private key, or the public half of one that an agent or a security key holds.
        namespace: what for.

    Raises:
        UsageError: there is no ssh-keygen, or it did not sign.
    """
    program = shutil.which("ssh-keygen")
    if program is None:
        raise UsageError("there is no ssh-keygen on this machine", hint="install the OpenSSH client")
    command = [program, "-q", "-Y", "sign", "-n", namespace, "-f", str(key)]
    try:
        done = subprocess.run(command, input=raw, capture_output=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"ssh-keygen did not sign: {type(error).__name__}") from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").split("\n")
        why = harmless(next((line for line in reversed(said) if line.strip()), "it does not say why"))
        raise UsageError(
            f"ssh-keygen did not sign with {key}: {why}", hint="see that the key is yours and readable"
        )
    return done.stdout


def by_hand(path: Path, person: str) -> str:
    """How to approve without drkit, for a person to copy."""
    target = path.parent / "approvals" / f"{person}.sig"
    return (
        f"ssh-keygen -Y sign -n {sshsig.APPROVE} -f KEY {path}\n"
        f"  mkdir -p {target.parent} && mv {path}.sig {target}"
    )
