"""The program that holds, against a real MariaDB: nothing is written while it holds, and writes go on after it."""

from __future__ import annotations

import getpass
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from holding import eventually

from drkit.clouds.ssh.handout import hold

SERVER = shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin")
INSTALL, CLIENT = shutil.which("mariadb-install-db"), shutil.which("mariadb")
pytestmark = pytest.mark.skipif(
    not (SERVER and INSTALL and CLIENT), reason="there is no MariaDB here, or not all of it"
)


@dataclass(frozen=True, slots=True)
class Database:
    """A server on a socket of its own."""

    socket: Path

    @property
    def client(self) -> list[str]:
        """The words of its client."""
        return [str(CLIENT), "--no-defaults", f"--socket={self.socket}", f"--user={getpass.getuser()}"]

    def ask(self, sql: str) -> str:
        """What it answers; an error of the client is one of the test."""
        words = [*self.client, "--batch", "--skip-column-names", "-e", sql]
        return subprocess.run(words, capture_output=True, text=True, check=True, timeout=30).stdout.strip()

    def alive(self) -> bool:
        words = [*self.client, "-e", "SELECT 1"]
        return subprocess.run(words, capture_output=True, check=False, timeout=30).returncode == 0

    def waits(self) -> bool:
        """Whether a write waits for the lock."""
        asked = "SELECT COUNT(*) FROM information_schema.processlist WHERE STATE LIKE 'Waiting for %'"
        return self.ask(asked) == "1"


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with tempfile.TemporaryDirectory(prefix="drkit-db-") as name:
        directory = Path(name)  # a socket's path may have 107 characters
        data, socket = directory / "data", directory / "s"
        own = ["--no-defaults", f"--datadir={data}", f"--user={getpass.getuser()}"]
        subprocess.run(
            [str(INSTALL), *own, "--auth-root-authentication-method=socket"], check=True, capture_output=True
        )
        words = [
            str(SERVER),
            *own,
            f"--socket={socket}",
            "--skip-networking",
            "--innodb-flush-log-at-trx-commit=0",
        ]
        server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        found = Database(socket)
        try:
            eventually(found.alive)
            found.ask("CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY)")
            yield found
        finally:
            server.terminate()
            server.wait()


@contextmanager
def holding(database: Database, seconds: float = 60) -> Iterator[subprocess.Popen[str]]:
    words = [sys.executable, hold.__file__, str(seconds), "mysql", *database.client]
    program = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert program.stdout
    assert program.stdout.readline() == "held\n"
    try:
        yield program
    finally:
        program.kill()
        program.communicate()


def write(database: Database, number: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([*database.client, "-e", f"INSERT INTO shop.orders VALUES ({number})"])


def test_a_write_waits_until_it_is_let_go(database: Database) -> None:
    with holding(database) as program:
        writing = write(database, 1)
        eventually(database.waits)
        assert database.ask("SELECT COUNT(*) FROM shop.orders WHERE id = 1") == "0"

        said, _ = program.communicate()

    assert (said, program.returncode) == ("released\n", 0)
    assert writing.wait(30) == 0
    assert database.ask("SELECT COUNT(*) FROM shop.orders WHERE id = 1") == "1"


def test_a_write_goes_on_after_the_time_even_if_nobody_lets_go(database: Database) -> None:
    with holding(database, 1) as program:
        writing = write(database, 2)
        assert writing.wait(30) == 0
        assert program.stdout
        assert program.stdout.readline() == "expired\n"
        assert program.wait(30) == 1


def test_a_write_goes_on_when_the_program_is_killed(database: Database) -> None:
    with holding(database) as program:
        writing = write(database, 3)
        eventually(database.waits)
        program.kill()

        assert writing.wait(30) == 0


def test_a_lock_that_cannot_be_had_in_time_is_given_up_and_nobody_waits_for_it_any_more(
    database: Database,
) -> None:
    blocker = subprocess.Popen(
        [*database.client, "--batch", "--unbuffered", "-N"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert blocker.stdin
    assert blocker.stdout
    blocker.stdin.write(b"LOCK TABLES shop.orders WRITE; SELECT 'locked';\n")
    blocker.stdin.flush()
    assert blocker.stdout.readline() == b"locked\n"
    words = [sys.executable, hold.__file__, "1", "mysql", *database.client]

    done = subprocess.run(
        words, capture_output=True, text=True, check=False, stdin=subprocess.PIPE, timeout=30
    )

    assert (done.stdout, done.returncode) == ("refused\n", 1)
    eventually(lambda: not database.waits())
    blocker.communicate()
    assert write(database, 4).wait(30) == 0


def test_a_server_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    client = [str(CLIENT), "--no-defaults", f"--socket={tmp_path / 'none'}"]
    words = [sys.executable, hold.__file__, "5", "mysql", *client]

    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=30)

    assert (done.stdout, done.returncode) == ("refused\n", 1)
