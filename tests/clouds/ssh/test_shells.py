"""Holds on a real SSH server on loopback: taken, let go, and let go also when whoever asked is killed."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from holding import Host, eventually, needs_sshd, ssh_host

from drkit.clouds.ssh import shells
from drkit.clouds.ssh.shells import SshShells
from drkit.ports.errors import RefusedError

pytestmark = needs_sshd


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    with ssh_host(tmp_path) as host:
        yield host


def test_it_is_frozen_for_as_long_as_the_context_lasts(host: Host) -> None:
    with SshShells().held(host.holding()):
        assert host.frozen.exists()

    assert not host.frozen.exists()


def test_an_error_within_lets_go_and_is_not_hidden(host: Host) -> None:
    with pytest.raises(ZeroDivisionError), SshShells().held(host.holding()):
        raise ZeroDivisionError

    eventually(lambda: not host.frozen.exists())


def test_whoever_holds_and_is_killed_lets_go(host: Host) -> None:
    script = (
        "import sys, time, json\n"
        "from drkit.clouds.ssh.shells import SshShells\n"
        "from drkit.ports.shells import hook_from_data\n"
        "with SshShells().held(hook_from_data(json.loads(sys.argv[1]))):\n"
        "    print('in', flush=True); time.sleep(60)\n"
    )
    words = [sys.executable, "-c", script, json.dumps(host.holding().as_data())]
    holder = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert holder.stdout
    assert holder.stdout.readline() == "in\n"
    assert host.frozen.exists()

    holder.send_signal(signal.SIGKILL)
    holder.communicate()

    eventually(lambda: not host.frozen.exists())


def test_the_host_lets_go_when_its_program_is_killed(host: Host) -> None:
    program = subprocess.Popen(host.holding().hold, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert program.stdout
    assert program.stdout.readline() == "held\n"

    program.kill()
    program.communicate()

    eventually(lambda: not host.frozen.exists())


def test_after_its_time_the_host_lets_go_by_itself_and_that_is_told(host: Host) -> None:
    def hold_for_longer() -> None:
        with SshShells().held(host.holding(1)):
            assert host.frozen.exists()
            eventually(lambda: not host.frozen.exists())

    with pytest.raises(RefusedError, match="it said 'expired'") as caught:
        hold_for_longer()

    assert caught.value.code == "HeldTooShort"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"host_key": "the client's"}, "BadHostKeyException"),
        ({"user": "nobody-of-this-name"}, "AuthenticationException"),
        ({"key": "/nonexistent"}, "FileNotFoundError"),
        ({"host_key": "ssh-ed25519 AAAA"}, "no session|cannot be read"),
        ({"hold": ("echo", "hello")}, "its program said 'hello'"),
        ({"hold": ("false",)}, "its program said ''"),
        ({"hold": ("printf", "\\033[31mheld\\n")}, "its program said"),
    ],
    ids=["another host", "no user", "no key", "no host key", "says something else", "fails", "escapes"],
)
def test_what_does_not_hold_is_refused_with_the_reason(host: Host, changes: dict, told: str) -> None:
    if changes.get("host_key") == "the client's":
        changes = {"host_key": " ".join((host.directory / "client.pub").read_text().split()[:2])}

    with pytest.raises(RefusedError, match=told) as caught, SshShells().held(replace(host.hook, **changes)):
        pytest.fail("nothing was held")

    assert caught.value.code == "NotHeld"
    assert "\033" not in caught.value.message


def test_a_server_that_is_not_there_holds_nothing(host: Host) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = replace(host.holding(), port=unused.getsockname()[1])
        with pytest.raises(RefusedError, match="no session"), SshShells().held(nobody):
            pytest.fail("nothing was held")


def test_where_the_command_to_freeze_fails_nothing_is_held_and_it_is_let_go(host: Host) -> None:
    host.frozen.touch()

    with pytest.raises(RefusedError, match="refused"), SshShells().held(host.holding(take=("false",))):
        pytest.fail("nothing was held")

    eventually(lambda: not host.frozen.exists())


def test_words_reach_the_program_as_they_are(host: Host) -> None:
    strange = str(host.directory / "a b'c;$(touch x)")

    with SshShells().held(host.holding(take=("touch", strange), release=("rm", strange))):
        assert Path(strange).exists()

    assert not (host.directory / "x").exists()


def test_a_program_that_never_holds_is_given_up(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shells, "TO_HOLD", 0.5)

    with (
        pytest.raises(RefusedError, match="nothing in time"),
        SshShells().held(replace(host.hook, hold=("sleep", "30"))),
    ):
        pytest.fail("nothing was held")
