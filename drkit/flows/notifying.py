"""What is told beside the report: what changed, that drkit is alive, and which waivers do not count."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from drkit.core.errors import DrkitError
from drkit.core.estate import Account, Estate
from drkit.core.files import write_whole
from drkit.core.times import text_of
from drkit.core.verdicts import Verdict
from drkit.core.waivers import not_counting
from drkit.flows.recording import Recorder
from drkit.flows.talking import say
from drkit.notify.changes import Change, change
from drkit.notify.command import deliver

KEYS = ("SECRET_ID", "SECRET_KEY", "TOKEN", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN")


def say_waivers(estate: Estate, now: datetime) -> None:
    """Tell of each waiver that does not count."""
    for waiver, reason in not_counting(estate.waivers, now):
        say(f"drkit: the waiver of {waiver.finding} by {waiver.owner} does NOT count: {reason}")


class Notifying:
    """Around the conclusion of one run: what is to be told is written down before it, and told after it.

    So a run whose process dies in between, or whose message did not get through, is known, and the next
    run's message tells what changed since the last one that did. Nothing here changes a verdict.
    """

    def __init__(self, estate: Estate, playbook: str, run: str, recorder: Recorder) -> None:
        self._estate = estate
        self._recorder = recorder
        self._about = {"estate": estate.estate, "playbook": playbook, "run": run}
        self._change: Change | None = None

    def intend(self, verdict: Verdict) -> None:
        """Find out what changed, and write down that it is to be told."""
        if not self._estate.notify:
            return
        playbook, run = self._about["playbook"], self._about["run"]
        try:
            self._change = change(self._recorder.entries(), playbook, run, verdict.outcome.value)
        except (DrkitError, KeyError, TypeError, AttributeError) as error:
            # Older entries that nobody can read must not keep this run from its conclusion.
            reason = (
                error.message if isinstance(error, DrkitError) else "it has entries that drkit did not write"
            )
            say(f"drkit: nobody is told, since the evidence cannot be understood: {reason}")
            self._recorder.record("notify.failed", command="", reason=reason)
            return
        if found := self._change:
            new = [finding["fingerprint"] for finding in found.new]
            self._recorder.record("notify.intended", was=found.was, new=new, gone=list(found.gone))

    def tell(self, verdict: Verdict, now: datetime) -> bool:
        """Leave a sign of life and tell people; whether that left something in the evidence to be signed."""
        beaten = self._beat(verdict, now)
        if self._change is None:
            return not beaten
        message = {
            **self._about,
            "verdict": verdict.outcome.value,
            "reason": verdict.reason,
            "was": self._change.was,
            "new": self._change.new,
            "gone": self._change.gone,
            "not_seen": self._change.not_seen,
            "waived": self._change.waived,
        }
        self._notify(json.dumps(message).encode() + b"\n")
        return True

    def _notify(self, message: bytes) -> None:
        environment = _without_keys(self._estate.accounts)
        told = [self._told(notified.command, message, environment) for notified in self._estate.notify]
        if all(told):
            self._recorder.record("notify.told", commands=len(told))

    def _told(self, command: tuple[str, ...], message: bytes, environment: dict[str, str]) -> bool:
        reason = deliver(command, message, environment)
        if reason:
            # The program alone: its arguments may hold an address that is as good as a password.
            say(f"drkit: nobody was told by {command[0]}: {reason}; the next run tries again")
            self._recorder.record("notify.failed", command=command[0], reason=reason)
        return not reason

    def _beat(self, verdict: Verdict, now: datetime) -> bool:
        if self._estate.heartbeat is None:
            return True
        path = Path(self._estate.heartbeat.file)
        sign: dict[str, Any] = {**self._about, "verdict": verdict.outcome.value, "at": text_of(now)}
        try:
            write_whole(path, json.dumps(sign).encode() + b"\n")
        except OSError as error:
            reason = error.strerror or type(error).__name__
            say(f"drkit: the heartbeat {path} was NOT written: {reason}")
            self._recorder.record("heartbeat.failed", file=str(path), reason=reason)
            return False
        return True


def alarm(estate: Estate, message: Mapping[str, Any]) -> tuple[str, ...]:
    """Tell people at once, whatever comes of anything; why each program that did not take it did not."""
    raw, environment = json.dumps(dict(message)).encode() + b"\n", _without_keys(estate.accounts)
    told = [(each.command[0], deliver(each.command, raw, environment)) for each in estate.notify]
    return tuple(f"{program}: {reason}" for program, reason in told if reason)


def _without_keys(accounts: dict[str, Account]) -> dict[str, str]:
    """The environment for a program that has no business with the clouds."""
    # The shell may hold pairs that the estate does not name: of the clouds' own tools, of other estates.
    pairs = ("_SECRET_KEY", "_SECRET_ACCESS_KEY")
    found = {name.removesuffix(pair) for name in os.environ for pair in pairs if name.endswith(pair)}
    prefixes = (
        {"TENCENTCLOUD", "AWS"}
        | found
        | {
            prefix
            for account in accounts.values()
            for prefix in (account.credentials.look, account.credentials.make, account.credentials.destroy)
            if prefix
        }
    )
    keys = {f"{prefix}_{key}" for prefix in prefixes for key in KEYS}
    return {name: value for name, value in os.environ.items() if name not in keys}
