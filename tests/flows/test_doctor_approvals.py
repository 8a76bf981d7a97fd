"""What the doctor says of the roster and of the broker, by real signatures and real processes of other users."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from gating import People
from helpers import Drkit

from drkit.core.estate import Estate
from drkit.core.state import State
from drkit.flows.examining.approvals import examine_approvals
from drkit.flows.examining.examined import Examined
from drkit.flows.loading import load_estate

OPERATOR, OTHER = 65_001, 65_002  # users that nothing on the machine belongs to
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become two other users")


def examined(estate: Estate, directory: Path) -> dict[str, Examined]:
    """What the doctor says, by the name of the check."""
    found = examine_approvals(estate, State(directory / "state" / estate.estate))
    return {each.check.partition("/")[2]: each for each in found}


def said(estate: Estate, directory: Path, check: str) -> tuple[str, str]:
    found = examined(estate, directory)[check]
    return found.verdict.outcome.value, found.verdict.reason


@pytest.fixture
def people(drkit: Drkit) -> People:
    if not shutil.which("ssh-keygen"):
        pytest.skip("ssh-keygen is not on this machine: install openssh-client")
    return People(drkit)


def test_a_roster_that_hangs_on_its_pin_and_needs_two_to_change_passes(people: People) -> None:
    estate = load_estate(people.estate())

    verdict, reason = said(estate, people.drkit.directory, "roster")

    assert (verdict, "2 root keys may change it" in reason) == ("pass", True)


def test_a_roster_that_one_keeper_alone_may_change_is_a_finding(people: People) -> None:
    shutil.rmtree(people.roster)
    root = {"keys": [people.public(name) for name in people.keepers], "approvals": 1}
    people.pin = people.publish({**people.staff(), "root": root}, people.keepers[:1])

    verdict, reason = said(load_estate(people.estate()), people.drkit.directory, "roster")

    assert (verdict, "one root key alone" in reason) == ("fail", True)


def test_a_roster_that_is_not_the_pinned_one_is_a_finding(people: People) -> None:
    people.pin = "0" * 64

    verdict, reason = said(load_estate(people.estate()), people.drkit.directory, "roster")

    assert (verdict, "is not the pinned one" in reason) == ("fail", True)


def test_a_roster_that_is_gone_is_a_finding(people: People) -> None:
    estate = load_estate(people.estate())
    shutil.rmtree(people.roster)

    assert said(estate, people.drkit.directory, "roster")[0] == "fail"


@pytest.mark.parametrize("part", ["approvals", "broker", "destroy_role"])
def test_half_of_what_destroying_needs_is_a_finding(people: People, part: str) -> None:
    estate = load_estate(people.estate())
    without = {part: None}
    if part == "destroy_role":
        production = estate.accounts["production"].model_copy(update=without)
        without = {"accounts": {"production": production}}

    verdict, reason = said(estate.model_copy(update=without), people.drkit.directory, "set-up")

    assert (verdict, part in reason) == ("fail", True)


def test_an_estate_that_destroys_nothing_needs_none_of_it(people: People) -> None:
    estate = load_estate(people.estate())
    production = estate.accounts["production"].model_copy(update={"destroy_role": None})
    nothing = {"approvals": None, "broker": None, "accounts": {"production": production}}

    found = examined(estate.model_copy(update=nothing), people.drkit.directory)

    assert {name: each.verdict.outcome.value for name, each in found.items()} == {"set-up": "pass"}


def as_user(user: int, work: Callable[[], Any]) -> Any:
    """What a function answers in a process of another user."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
            os.write(writing, pickle.dumps(work()))
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        answer = stream.read()
    os.waitpid(child, 0)
    return pickle.loads(answer)


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory in which everybody may make files; other users cannot reach pytest's own."""
    directory = Path(mkdtemp(prefix="drkit-"))
    directory.chmod(0o1777)
    yield directory
    shutil.rmtree(directory)


@contextmanager
def listening(user: int, path: Path) -> Iterator[None]:
    """A process of a user that listens at a socket to which everybody may write."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgid(user)
            os.setuid(user)
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            listener.bind(str(path))
            path.chmod(0o666)
            listener.listen()
            os.write(writing, b"ready")
            signal.pause()
        finally:
            os._exit(0)
    try:
        assert os.read(reading, 5) == b"ready"
        yield
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reading)
        os.close(writing)


def broker_said(place: Path) -> tuple[str, str]:
    """What the doctor, run by the operator, says of the broker at a socket."""
    estate = Estate.model_validate_json(
        f"""{{"estate": "weimob", "broker": {{"socket": "{place / "broker.sock"}"}}, "accounts": {{"production":
        {{"cloud": "tencent", "account": "100000000001", "environment": "production",
          "regions": ["ap-beijing"]}}}}}}"""
    )
    answer: tuple[str, str] = as_user(OPERATOR, lambda: said(estate, place, "broker"))
    return answer


@as_root
def test_a_broker_of_another_user_passes(place: Path) -> None:
    with listening(OTHER, place / "broker.sock"):
        assert broker_said(place) == ("pass", f"the user {OTHER} listens, and this is the user {OPERATOR}")


@as_root
def test_a_broker_of_this_very_user_is_a_finding(place: Path) -> None:
    with listening(OPERATOR, place / "broker.sock"):
        verdict, reason = broker_said(place)

    assert (verdict, f"runs as this user ({OPERATOR})" in reason) == ("fail", True)


@as_root
def test_a_socket_at_which_nobody_listens_any_more_is_a_finding(place: Path) -> None:
    with listening(OTHER, place / "broker.sock"):
        pass

    assert broker_said(place) == ("fail", "nobody answers: Connection refused")


@as_root
def test_a_doctor_that_is_root_says_that_root_can_become_the_broker(people: People) -> None:
    verdict, reason = said(load_estate(people.estate()), people.drkit.directory, "broker")

    assert (verdict, "this process is root" in reason) == ("fail", True)
