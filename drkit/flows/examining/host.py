"""Who could change what drkit believes on this host, and what is installed on it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

from drkit.core.errors import DrkitError, UsageError
from drkit.core.estate import Estate
from drkit.core.evidence import keys, layout
from drkit.core.evidence.verify import verify
from drkit.core.state import State, find_state
from drkit.core.verdicts import Outcome, Verdict
from drkit.flows.examining.examined import Examined, bad, good, unknown
from drkit.flows.sending import outside_directories

FILES, PRIVATE_KEY, STATE, EVIDENCE, SDK = (
    f"doctor/{name}" for name in ("files", "private-key", "state", "evidence", "sdk")
)
OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
WHOLE_SDK = "tencentcloud-sdk-python"


def examine_host(estate: Estate, estate_file: Path, state: State) -> Iterator[Examined]:
    """Files, state, evidence and installation."""
    yield _owned(estate_file, "the estate")
    if estate.approvals:
        yield _owned(Path(estate.approvals.roster), "the roster")
    if not state.directory.is_dir():
        yield unknown(STATE, str(state.directory), "there is no state: nothing has run yet", "run a playbook")
    else:
        yield _owned(state.directory, "the state")
        yield _schema(state)
        yield _private_key(state)
        yield _evidence(estate, state)
    yield _installed()


def _owned(path: Path, what: str) -> Examined:
    """Nobody but this user and root may change a file, or replace it or a directory above it."""
    try:
        culprit = _changeable(path)
    except OSError as error:
        return unknown(
            FILES, str(path), f"{what} cannot be looked at: {error.strerror}", "see that it is there"
        )
    if culprit:
        fix = f"chmod go-w {culprit}, and see that it belongs to this user or to root"
        return bad(FILES, str(path), f"others can change {what}: {culprit}", fix)
    return good(FILES, str(path), f"nobody but this user and root can change {what}")


def _changeable(path: Path) -> Path | None:
    """The first of a path, all in it and all above it that somebody else may change.

    A directory above in which everybody may write, but nobody may replace another's file (sticky), is none.
    """
    # A link is replaced where it lies, and what it names where that lies.
    for place in (*path.absolute().parents, *path.resolve().parents):
        if _open_to_others(place) and not place.stat().st_mode & stat.S_ISVTX:
            return place
    inside = [Path(top) / name for top, folders, names in os.walk(path) for name in (*folders, *names)]
    return next(
        (place for place in (path, *inside) if not place.is_symlink() and _open_to_others(place)), None
    )


def _open_to_others(place: Path) -> bool:
    status = place.lstat()
    return bool(status.st_mode & OTHERS_MAY_WRITE) or status.st_uid not in {0, os.geteuid()}


def _schema(state: State) -> Examined:
    try:
        find_state(state.directory.parent, state.directory.name)
    except UsageError as error:
        return bad(STATE, str(state.directory), error.message, error.hint)
    return good(STATE, str(state.directory), "this drkit understands it")


def _private_key(state: State) -> Examined:
    """The key that signs the evidence is whole, and readable by nobody else."""
    try:
        keys.load(state.keys)
    except DrkitError as error:
        return bad(PRIVATE_KEY, str(state.keys), error.message, error.hint)
    return good(PRIVATE_KEY, str(state.keys), "it is whole, and nobody else can read it")


def _evidence(estate: Estate, state: State) -> Examined:
    """As ``drkit evidence verify``, against the outsides of the estate."""
    beside = state.evidence / layout.VERIFIER_KEY
    try:
        verifiers = keys.read_verifier_keys(beside) if beside.exists() else []
        found = verify(state.evidence, verifiers, outside_directories(estate))
    except (DrkitError, OSError) as error:
        return unknown(EVIDENCE, str(state.evidence), str(error), "drkit evidence verify")
    if not found.problems:
        return good(
            EVIDENCE, str(state.evidence), f"{found.size} entries, all under a checkpoint kept outside"
        )
    first = found.problems[0]
    verdict = Verdict(Outcome(found.verdict), first.what)
    return Examined(EVIDENCE, str(state.evidence), verdict, "`drkit evidence verify` tells all of it")


def _installed() -> Examined:
    """The whole SDK and its parts write the same files: together, neither is what its version says."""
    names = {str(each.metadata["Name"]).lower() for each in distributions() if each.metadata["Name"]}
    parts = sorted(name for name in names if name.startswith(f"{WHOLE_SDK}-"))
    if WHOLE_SDK in names and parts:
        why = f"{WHOLE_SDK} and {parts[0]} write the same files, and both are installed"
        return bad(SDK, WHOLE_SDK, why, "give drkit an environment of its own")
    return good(SDK, WHOLE_SDK, f"one kind of it is installed: {', '.join(parts) or WHOLE_SDK}")
