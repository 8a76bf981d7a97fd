"""The runner's side of the broker: ask for a licence, then have its actions carried out one by one."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from drkit.core.actions import Action, Outcome, outcome_from_data
from drkit.core.errors import ApprovalError, DrkitError
from drkit.core.estate import Estate
from drkit.core.evidence.log import EvidenceLog
from drkit.flows.broker.messages import VERSION, Channel
from drkit.ports.errors import CloudError, RefusedError, ThrottledError, UncertainError

PATIENCE = 600.0  # seconds for one action, in which the broker may wait for a busy cloud
IDLE = 600.0  # seconds of silence after which the broker may have hung up soon
ERRORS: Mapping[str, type[CloudError]] = {
    each.__name__: each for each in (RefusedError, ThrottledError, UncertainError)
}


class Licence:
    """What the broker agreed to carry out.

    Attributes:
        unbound: sentences on what the cloud cannot bind to the approved things alone.
    """

    def __init__(self, estate: Estate, begin: Mapping[str, Any], actions: tuple[Action, ...]) -> None:
        """Ask for it; see `ask`."""
        self._estate, self._begin = estate, begin
        self._actions = {action.key: action for action in actions}
        self._channel: Channel | None = None
        self._used = 0.0
        self.unbound: tuple[str, ...] = ()
        self._connected()

    def carry_out(self, action: Action) -> Outcome:
        """Have one action carried out; raises as `drkit.flows.tools.Destroyer.carry_out`."""
        self.refuse_others((action,))
        channel = self._connected()
        try:
            channel.send({"ask": "carry_out", "key": action.key})
            return _outcome(channel)
        except UncertainError:
            self.close()  # whatever comes over it now may be the answer to this
            raise

    def refuse_others(self, actions: Iterable[Action]) -> None:
        """See that the licence allows actions, in every detail.

        Raises:
            ApprovalError: not all of them.
        """
        for action in actions:
            if self._actions.get(action.key) != action:
                raise ApprovalError(
                    f"{action.verb} of {action.target} is not what was approved",
                    hint="the world changed since it was asked for: plan again, and ask again",
                )

    def close(self) -> None:
        """Hang up."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None

    def _connected(self) -> Channel:
        """A connection over which the broker gave the licence, anew where it may have hung up meanwhile."""
        if time.monotonic() - self._used > IDLE:
            self.close()
        if self._channel is None:
            channel = _connect(self._estate)
            try:
                channel.send(self._begin)
                answer = _answer(channel)
            except BaseException:
                channel.close()
                raise
            self._channel = channel
            self.unbound = tuple(map(str, answer.get("unbound", ())))
        self._used = time.monotonic()
        return self._channel


def ask(estate: Estate, what: Mapping[str, Any], actions: tuple[Action, ...]) -> Licence:
    """Ask the estate's broker for a licence.

    Args:
        estate: which names the socket.
        what: the fields of the message ``begin`` beside the actions.
        actions: that are to be carried out.

    Raises:
        ApprovalError: the broker refuses, or the estate names none.
        CloudError: the broker does not get the power, or cannot say; the run can ask again.
        DrkitError: there is nobody at the socket.
    """
    data = [action.as_data() for action in actions]
    return Licence(estate, {"ask": "begin", "version": VERSION, "actions": data, **what}, actions)


@dataclass(frozen=True, slots=True)
class BrokerScratch:
    """Has scratch removed by the estate's broker, which judges by its own look at the cloud.

    Args:
        log: the runner's evidence; what it records of the scratch is signed before the broker reads it.
    """

    estate: Estate
    log: EvidenceLog

    def carry_out(self, run: str, action: Action) -> Outcome:
        """Have one removal carried out; raises as `drkit.flows.tools.Scratch.carry_out`."""
        self.log.checkpoint()
        with _connect(self.estate) as channel:
            channel.send({"ask": "scratch", "version": VERSION, "run": run, "action": action.as_data()})
            return _outcome(channel)


@dataclass(frozen=True, slots=True)
class BrokerGrowth:
    """Has lives lengthened by the estate's broker, which judges by its own look at the cloud."""

    estate: Estate

    def carry_out(self, run: str, action: Action) -> Outcome:
        """Have one carried out; raises as `drkit.flows.tools.Growth.carry_out`."""
        with _connect(self.estate) as channel:
            channel.send({"ask": "growth", "version": VERSION, "run": run, "action": action.as_data()})
            return _outcome(channel)


def ask_command(
    estate: Estate, approval: str, number: int, at: int, *, only_look: bool = False
) -> Mapping[str, Any]:
    """Have an approved command begun, or hear what became of it; see `drkit.flows.broker.commands.Commander`.

    Args:
        estate: which names the socket.
        approval: the request's id.
        number: of the first part of what it says that is not known yet, and
        at: its place in the recording.
        only_look: nothing is begun.

    Raises:
        ApprovalError: the broker refuses.
        CloudError, DrkitError: as `ask`.
    """
    with _connect(estate) as channel:
        ask = "output" if only_look else "command"
        channel.send({"ask": ask, "version": VERSION, "approval": approval, "number": number, "at": at})
        return _answer(channel)


def ask_description(estate: Estate, host: str, names: Iterable[str]) -> Mapping[str, Any]:
    """Which programs and files a host has under some names, and what they hash to; raises as `ask_command`."""
    with _connect(estate) as channel:
        channel.send({"ask": "describe", "version": VERSION, "host": host, "names": list(names)})
        return _answer(channel)


def ask_review(estate: Estate, approval: str, review: bytes, signature: bytes) -> Mapping[str, Any]:
    """Have a review of a command that broke the glass written down; raises as `ask_command`."""
    with _connect(estate) as channel:
        said = {"review": review.decode(), "signature": signature.decode()}
        channel.send({"ask": "review", "version": VERSION, "approval": approval, **said})
        return _answer(channel)


def _outcome(channel: Channel) -> Outcome:
    answer = _answer(channel)
    try:
        return outcome_from_data(answer["outcome"])
    except (KeyError, TypeError):
        raise UncertainError("the broker's answer cannot be understood", code="Garbled") from None


def _connect(estate: Estate) -> Channel:
    if estate.broker is None:
        raise ApprovalError(
            "the estate names no broker, and nobody else may destroy or weaken anything",
            hint="run `drkit broker` under another user, and name its socket in the estate: docs/broker.md",
        )
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(estate.broker.socket)
    except OSError as error:
        connection.close()
        raise DrkitError(
            f"the broker does not answer at {estate.broker.socket}: {error.strerror}",
            hint="see that `drkit broker` runs there, and that this user may write to its socket",
        ) from None
    return Channel(connection, PATIENCE)


def _answer(channel: Channel) -> Mapping[str, Any]:
    """The broker's next answer; what it says instead of a result is raised as the error that it was there."""
    answer = channel.receive()
    if answer is None:
        raise UncertainError("the broker hung up", code="Cut", hint="what it wrote to its stderr says why")
    if "refused" in answer:
        raise ApprovalError(f"the broker refuses: {answer['refused']}", hint=str(answer.get("hint", "")))
    if "error" in answer:
        kind = ERRORS.get(str(answer.get("kind")), UncertainError)
        raise kind(str(answer["error"]), code=str(answer.get("code", "Broker")))
    return answer
