"""``drkit broker``: alone holds the power to destroy; carries out what other people approved, and nothing else."""

from __future__ import annotations

import argparse
import grp
import os
import pwd
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drkit.core import exits
from drkit.core.approval.settings import Approvals, Broker
from drkit.core.errors import UsageError
from drkit.core.estate import Estate
from drkit.core.evidence.log import EvidenceLog
from drkit.core.evidence.signing import signer
from drkit.core.state import open_state, state_root
from drkit.core.times import now
from drkit.flows.broker.commands import Commander
from drkit.flows.broker.desk import Desk
from drkit.flows.broker.glass import Reviews
from drkit.flows.broker.growing import Grower
from drkit.flows.broker.guarding import refuse_writable
from drkit.flows.broker.ledger import Ledger
from drkit.flows.broker.licences import Office
from drkit.flows.broker.scratch import Sweeper
from drkit.flows.broker.server import listening
from drkit.flows.broker.visits import Visits
from drkit.flows.clouds import all_on_this_machine
from drkit.flows.loading import estate_path, load_estate
from drkit.flows.talking import say

OVERFLOW = 65534  # user_namespaces(7); whoever it is


def broker(arguments: argparse.Namespace) -> int:
    """Serve until it is told to end."""
    path = estate_path(arguments.estate)
    if not arguments.same_user:
        refuse_writable(path)  # before it is read: what passes here stays what it is
    estate = load_estate(path)
    approvals, settings = _settings(estate)
    allowed = _allowed(arguments.user, estate, same_user=arguments.same_user)
    group = _group(arguments.group, allowed)
    state = open_state(state_root(arguments.state) / "broker", estate.estate)
    if not arguments.same_user:
        refuse_writable(state.evidence if state.evidence.exists() else state.directory)
    with (
        state.lock("drkit broker"),
        EvidenceLog.open(state.evidence, signer(state.keys, estate.estate)) as log,
    ):
        office = Office(estate, approvals, state, log, now, Ledger(log))
        office.watch()
        evidence = settings.evidence or state_root(arguments.state) / estate.estate / "evidence"
        desk = Desk(
            office,
            Sweeper(office, Path(evidence)),
            Grower(office),
            Commander(office, trying=arguments.same_user),
            Reviews(office),
        )
        _serve(desk, Path(settings.socket), allowed, group)
    return exits.OK


def _serve(desk: Desk, path: Path, allowed: frozenset[int], group: int | None) -> None:
    with listening(path, group) as listener, _told_to_end() as stopped:
        say(f"the broker listens at {path}")
        Visits(listener, desk, allowed, say).serve(stopped)


def _settings(estate: Estate) -> tuple[Approvals, Broker]:
    if estate.approvals is None or estate.broker is None:
        missing = "approvals" if estate.approvals is None else "broker"
        raise UsageError(
            f"the estate says nothing of `{missing}`", hint="see docs/broker.md for what it needs"
        )
    if estate.approvals.requests is None:
        raise UsageError(
            "the estate does not say where requests lie, and the broker does not look into the runner's state",
            hint="name a directory that both can read: approvals.requests",
        )
    return estate.approvals, estate.broker


def _allowed(names: list[str], estate: Estate, *, same_user: bool) -> frozenset[int]:
    """The users who may ask; this one only where there is nothing but a sandbox to destroy."""
    found = set()
    for name in names:
        try:
            found.add(int(name) if name.isascii() and name.isdigit() else pwd.getpwnam(name).pw_uid)
        except KeyError:
            raise UsageError(f"there is no user '{name}' on this machine") from None
    own = os.geteuid()
    if same_user:
        if not all_on_this_machine(account.cloud for account in estate.accounts.values()):
            raise UsageError(
                "--same-user is for a sandbox on this machine, and the clouds are elsewhere",
                hint="run the broker as a user of its own, and name the runner's with --user",
            )
        return frozenset(found | {own})
    if own in found:
        raise UsageError(
            "the broker's own user may not ask it: whoever runs playbooks would hold the power to destroy",
            hint="run the broker as a user of its own; to try it against the sandbox: --same-user",
        )
    if OVERFLOW in found:
        raise UsageError(
            f"user {OVERFLOW} may not ask: this number stands for everybody whom a user namespace does not know"
        )
    if not found:
        raise UsageError("who may ask the broker?", hint="name the user who runs playbooks: --user NAME")
    return frozenset(found)


def _group(name: str | None, allowed: frozenset[int]) -> int | None:
    """The group that may connect; only root and this user can do so without."""
    if name is None:
        if allowed - {0, os.geteuid()}:
            raise UsageError(
                "without --group nobody but root may connect to the socket",
                hint="name a group in which both this user and the one who asks are: --group NAME",
            )
        return None
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        raise UsageError(f"there is no group '{name}' on this machine") from None


@contextmanager
def _told_to_end() -> Iterator[int]:
    """A descriptor that can be read once this process is told to end."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    before = {
        number: signal.signal(number, lambda *_: os.write(writing, b"!"))
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield reading
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(reading)
        os.close(writing)
