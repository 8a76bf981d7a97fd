"""Approved commands: begun once, by a process of their own, and looked after until it is known what came of them."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import pwd
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from drkit.core.actions import (
    Action,
    Failed,
    Outcome,
    Pending,
    Uncertain,
    outcome_as_data,
    outcome_from_data,
)
from drkit.core.approval import store
from drkit.core.approval.document import Document
from drkit.core.approval.fields import SHA256
from drkit.core.calls import BoundCall, wanted_in
from drkit.core.commands import Bound
from drkit.core.errors import ApprovalError
from drkit.core.files import sync_directory
from drkit.flows.approving.commands import command_of, intend_command
from drkit.flows.approving.judging import Judge, Judged, no_bound
from drkit.flows.approving.noting import must_note, note_roster, note_used
from drkit.flows.broker import calling
from drkit.flows.broker.glass import break_glass
from drkit.flows.broker.hosts import program_for
from drkit.flows.broker.ledger import Begun
from drkit.flows.broker.licences import Office, accept
from drkit.flows.broker.messages import VERSION
from drkit.flows.broker.recorder import Work
from drkit.flows.broker.recordings import Place, parts, place_of
from drkit.flows.recording import Recorder

STEP = "gate"
POLL_AFTER = 0.5  # seconds
TOLD = 1024 * 1024  # bytes of what a command said that one answer tells
KEPT = (
    "PATH",
    "PYTHONPATH",
    "PYTHONDONTWRITEBYTECODE",
    "LANG",
)  # of the environment: none of them is a secret


@dataclass(frozen=True, slots=True)
class Commander:
    """Carries approved commands out, one process each.

    Args:
        trying: this broker runs as the user who asks, against a sandbox: commands may run as that user too.
        processes: that were begun; those that have ended are let go of.
    """

    office: Office
    trying: bool
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def handle(self, message: Mapping[str, Any], peer: Mapping[str, Any]) -> Mapping[str, Any]:
        """Begin an approved command, or say what became of one that was begun: the same message asks for both.

        Raises:
            ApprovalError: it does not hold; the message gives every reason.
            DrkitError: something needed for the decision cannot be read or written.
        """
        self.processes[:] = [each for each in self.processes if each.poll() is None]
        approval = message.get("approval")
        if (
            message.get("version") != VERSION
            or not isinstance(approval, str)
            or not SHA256.fullmatch(approval)
        ):
            raise ApprovalError("the client speaks another version", hint="use the same drkit on both sides")
        document = store.load(self.office.requests, approval).document
        action, run = command_of(document), run_of(document)
        recorder = Recorder(self.office.log, run, self.office.clock)
        begun = self.office.ledger.of(run)
        again = action.key in begun
        if not again and message.get("ask") != "command":
            raise ApprovalError("it was never begun", hint="drkit gate run begins it")
        if not again:
            outcome = self._begin(recorder, document, action, peer)
        else:
            outcome = self._look(recorder, action, run, begun[action.key])
        place = place_of(self.office.state.directory, run)
        told = {"outcome": outcome_as_data(outcome), "run": run, "again": again}
        return {**told, "said": list(_said(place, message))}

    def _begin(
        self, recorder: Recorder, document: Document, action: Action, peer: Mapping[str, Any]
    ) -> Outcome:
        recorder.record("licence.asked", approval=document.id, peer=dict(peer), actions=1)
        try:
            judged = self._accept(recorder, document, action)
            wanted = wanted_in(action)
            work = self._work(wanted, run_of(document)) if isinstance(wanted, Bound) else None
            if wanted.break_glass:
                break_glass(self.office, recorder, judged, action.thing)
        except ApprovalError as refused:
            recorder.record("licence.refused", approval=document.id, reason=refused.message)
            self.office.log.checkpoint()
            raise
        if isinstance(wanted, BoundCall):
            return self._call(recorder, action, wanted, run_of(document))
        assert work is not None
        return self._start(recorder, action, work, run_of(document))

    def _start(self, recorder: Recorder, action: Action, work: Work, run: str) -> Outcome:
        """Begin a command."""
        begun = self._intend(recorder, action, run)
        try:
            self.processes.append(_begun(work))
        except OSError as error:
            problem = f"the process that would carry it out could not be begun: {error}"
            return self._settle(recorder, action, run, Failed("NotBegun", problem))
        begun[action.key] = Pending(run, POLL_AFTER)
        return self._look(recorder, action, run, begun[action.key])

    def _call(self, recorder: Recorder, action: Action, call: BoundCall, run: str) -> Outcome:
        """Make a call; raises CloudError, UsageError or AccountError where the role is not to be had."""
        opened = calling.open_for(self.office.estate, action, call, run)
        principals = {action.account: opened.caller.principal}
        recorder.record("power.assumed", principals=principals, unbound=[opened.unbound])
        self._intend(recorder, action, run)
        place = place_of(self.office.state.directory, run)
        return self._settle(recorder, action, run, calling.call(opened, call, place))

    def _intend(self, recorder: Recorder, action: Action, run: str) -> Begun:
        """Write down that it is about to begin, before it can."""
        recorder.intended(STEP, action)
        self.office.log.checkpoint()
        begun = self.office.ledger.of(run)
        begun[action.key] = None
        return begun

    def _accept(self, recorder: Recorder, document: Document, action: Action) -> Judged:
        """Decide, and write down that the approval is spent; raises as `Office.give`."""
        office, run = self.office, run_of(document)
        roster, past = note_roster(office.approvals, office.log, office.clock)
        filed = store.load(office.requests, document.id)
        past = office.note_ended(past, filed.answer)
        judge = Judge(roster, past, office.clock(), run, no_bound)
        judged = accept(judge, filed, intend_command(office.estate, action))
        if must_note(judged, past, run):
            note_used(recorder, judged, (action,))
        return judged

    def _look(self, recorder: Recorder, action: Action, run: str, known: Outcome | None) -> Outcome:
        """What is known by now; a command that was begun is never begun again, whatever became of it."""
        if known is not None and not isinstance(known, Pending):
            return known
        place = place_of(self.office.state.directory, run)
        alive = _alive(place)  # asked first: one that ends in between has settled by then
        if place.settled.exists():
            outcome = outcome_from_data(json.loads(place.settled.read_bytes()))
        elif alive:
            return Pending(run, POLL_AFTER)
        elif place.begun.exists():
            outcome = Uncertain("the process that carried it out is gone: nobody knows how the command ended")
        else:
            outcome = Failed("NotBegun", "the broker ended before it began")
        return self._settle(recorder, action, run, outcome)

    def _settle(self, recorder: Recorder, action: Action, run: str, outcome: Outcome) -> Outcome:
        recorder.settled(STEP, action, outcome)
        self.office.log.checkpoint()
        self.office.ledger.of(run)[action.key] = outcome
        return outcome

    def _work(self, bound: Bound, run: str) -> Work:
        """What the process is told.

        Raises:
            ApprovalError: this broker cannot run it so.
        """
        place = place_of(self.office.state.directory, run)
        question = {
            name: value
            for name, value in bound.as_arguments().items()
            if name in ("words", "program", "program_sha256", "script", "files", "directory", "user")
            or name in ("environment", "seconds")
        }
        program = program_for(self.office, bound.host)
        if program is None:
            self._refuse_own_user(bound.user)
        return Work(
            str(place.directory),
            str(place.key),
            question,
            program.as_data() if program else None,
            bound.user if program is None else None,
        )

    def _refuse_own_user(self, user: str) -> None:
        """A command of the broker's own user could read the broker's keys.

        Raises:
            ApprovalError: it would be one, or cannot be another's.
        """
        own = pwd.getpwuid(os.geteuid()).pw_name
        if self.trying and user == own:
            return
        if user == own:
            raise ApprovalError(
                f"the broker runs nothing as {own}, which is itself: such a command could read its keys",
                hint="run it as another user, on a host that the estate names under gate.hosts",
            )
        if os.geteuid() != 0:
            raise ApprovalError(
                f"the broker is not root, and cannot run a command as {user} on its own host",
                hint="name this host with an SSH key under gate.hosts",
            )


def _said(place: Place, message: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What the command said that the client has not heard yet, as much as one message takes."""
    number, at, size = message.get("number", 0), message.get("at", 0), 0
    if type(number) is not int or type(at) is not int or min(number, at) < 0 or not place.output.exists():
        return
    for part in parts(place, number, at):
        content = base64.b64encode(part.content).decode()
        yield {"channel": part.channel, "content": content, "number": part.number + 1, "at": part.end}
        size += len(content)
        if size > TOLD:
            return


def run_of(document: Document) -> str:
    """The run of a command's request: there is one, ever."""
    return f"{document.requested_at:%Y%m%dT%H%M%SZ}-{document.id[:6]}"


def _begun(work: Work) -> subprocess.Popen[bytes]:
    """The process that carries it out; raises OSError.

    It inherits a lock which ends with it, so that it is known to live from its first moment on.
    """
    place = Place(Path(work.directory), Path(work.key))
    place.directory.mkdir(mode=0o700, parents=True)
    with place.begun.open("x") as begun:
        fcntl.flock(begun, fcntl.LOCK_EX)
        sync_directory(place.directory)
        process = subprocess.Popen(
            [sys.executable, "-m", "drkit.flows.broker.recorder"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={name: value for name, value in os.environ.items() if name in KEPT},
            pass_fds=(begun.fileno(),),
            cwd="/",  # from where Python takes modules
            start_new_session=True,  # it outlives the broker
        )
    assert process.stdin is not None
    with process.stdin:
        process.stdin.write(json.dumps(asdict(work)).encode() + b"\n")
    return process


def _alive(place: Place) -> bool:
    """Whether somebody carries it out: the lock ends with the process."""
    try:
        with place.begun.open() as begun:
            fcntl.flock(begun, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
