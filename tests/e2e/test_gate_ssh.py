"""Approved commands on another host: a real SSH server, its key pinned, cut in the middle."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gating import People, approve, broker
from holding import Host, eventually, make_key, needs_sshd, ssh_host

from drkit.clouds.ssh.handout import run as handout
from drkit.sandbox.testing import Running

pytestmark = needs_sshd


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """An SSH server of this user's."""
    (tmp_path / "ssh").mkdir()
    with ssh_host(tmp_path / "ssh") as host:
        yield host


def estate(people: People, host: Host, **changed: str) -> None:
    """An estate in which that host runs commands; one other person is enough."""
    hook = host.hook
    reached = {"address": hook.address, "port": hook.port, "user": hook.user, "key": hook.key}
    people.estate(
        approvals={"roster": str(people.roster), "pin": people.pin, "destroy": 1},
        gate={
            "hosts": {
                "db1": {
                    **reached,
                    "host_key": hook.host_key,
                    "account": "production",
                    "runs": [sys.executable, "-I", str(handout.__file__)],
                    **changed,
                }
            }
        },
    )


def ask(people: People, *words: str) -> Any:
    """A request for a command on that host."""
    return people.drkit(
        "gate", "request", "--reason", "ticket 4711", "--as", "alice", "--key", people.key("alice"),
        "--format", "json", "--host", "db1", "--", *words,
    )  # fmt: skip


def test_an_approved_command_runs_on_the_host_that_it_was_bound_to(
    people: People, sandbox: Running, host: Host
) -> None:
    estate(people, host)
    (host.directory / "old").write_text("old")
    with broker(people, sandbox):
        asked = ask(people, "rm", "-v", str(host.directory / "old"))
        assert asked.status == 0, asked.err
        approve(people, asked.json["request"], "bob")
        shown = people.drkit("gate", "show", asked.json["request"]["id"]).out
        assert f"on db1, {host.hook.host_key}" in shown
        done = people.drkit("gate", "run", asked.json["request"]["id"])
    assert (done.status, "removed" in done.out) == (0, True), done.err
    assert not (host.directory / "old").exists()


def test_a_host_with_another_key_than_the_estates_is_told_nothing(
    people: People, sandbox: Running, host: Host
) -> None:
    estate(people, host, host_key=make_key(host.directory / "other"))
    with broker(people, sandbox):
        asked = ask(people, "true")
    assert (asked.status, "not reached" in asked.err) == (1, True), asked.err
    assert not list((people.drkit.directory / "requests").iterdir())


def test_a_session_that_is_cut_leaves_nothing_running_and_nobody_says_how_it_ended(
    people: People, sandbox: Running, host: Host
) -> None:
    estate(people, host)
    mark = host.directory / "pid"
    with broker(people, sandbox):
        asked = ask(
            people,
            "sh",
            "-c",
            f"echo $$ > {mark}.new; mv {mark}.new {mark}; setsid sleep 271.25 & sleep 271.25",
        )
        assert asked.status == 0, asked.err
        approve(people, asked.json["request"], "bob")
        client = people.drkit.start("gate", "run", asked.json["request"]["id"])
        eventually(mark.exists)
        shell = int(mark.read_text())
        os.kill(session_of(shell), signal.SIGKILL)  # sshd's process, as when the host's network dies
        _, told = client.communicate(timeout=30)
        assert (client.returncode, "nobody knows how it ended" in told) == (1, True), told
        eventually(lambda: not is_alive(shell) and not sleepers())
        again = people.drkit("gate", "run", asked.json["request"]["id"])
        assert (again.status, "never carried out again" in again.err) == (5, True), again.err
    log = people.drkit.directory / "state" / "broker" / "weimob" / "evidence" / "log.jsonl"
    outcomes = [json.loads(line) for line in log.read_text().splitlines() if '"action.settled"' in line]
    assert [each["outcome"] for each in outcomes] == ["uncertain"]


def session_of(process: int) -> int:
    """The process of sshd that serves the session of a process."""
    while "sshd" not in (Path("/proc") / str(process) / "comm").read_text():
        process = int((Path("/proc") / str(process) / "stat").read_text().rpartition(")")[2].split()[1])
    return process


def is_alive(process: int) -> bool:
    """Whether it runs, and is no corpse that nobody has buried."""
    try:
        return (Path("/proc") / str(process) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def sleepers() -> bool:
    """Whether what went into a session of its own still sleeps."""
    return (
        subprocess.run(["pgrep", "-x", "-f", "sleep 271.25"], capture_output=True, check=False).returncode
        == 0
    )
