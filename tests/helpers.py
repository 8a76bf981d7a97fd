"""What tests share beside fixtures: drkit as a process, and questions to the sandbox past drkit."""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from drkit.sandbox.testing import Running

ROOT = Path(__file__).parent.parent
# The disks of one service in Beijing: few, so that a test is quick.
SMALL = """\
playbook: small
schedule: {every: day}
steps:
  - uses: snapshots.take
    with:
      regions: [ap-beijing]
      tags: {service: redis}
      keep_for: 7d
"""

LONGEST = 120  # seconds that a drkit process may take
# Where coverage is measured, each process has to start by itself.
FRESH = os.environ.get("DRKIT_TEST_FRESH") == "1"
AT_START = ("PYTHON", "LC_", "LANG", "TZ", "MALLOC_", "LD_")
SETTINGS = ("DRKIT_", "TENCENTCLOUD_", "AWS_", "XDG_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


@dataclass(frozen=True, slots=True)
class Ran:
    """How one drkit process ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """stdout as JSON."""
        data: dict[str, Any] = json.loads(self.out)
        return data


class Warm:
    """One process that drkit processes are forked from; see `warm.py`."""

    def __init__(self) -> None:
        self._files = tempfile.TemporaryDirectory()
        self._process = subprocess.Popen(
            [sys.executable, str(ROOT / "tests" / "warm.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self,
        words: list[str],
        directory: Path,
        environment: dict[str, str],
        die: tuple[str, str, int] | None = None,
    ) -> Ran:
        """One drkit process, from its start to its end."""
        out, err = (Path(self._files.name, name) for name in ("out", "err"))
        for file in (out, err):
            file.write_bytes(b"")
        order = {"words": words, "directory": str(directory), "environment": environment, "die": die}
        self._write({**order, "out": str(out), "err": str(err)})
        # A process that hangs is ended, and the test fails at its status.
        ends = threading.Timer(LONGEST, os.kill, (self._read("pid"), signal.SIGABRT))
        ends.start()
        status = self._read("status")
        ends.cancel()
        return Ran(status, out.read_text("utf-8"), err.read_text("utf-8"))

    def _write(self, order: dict[str, Any]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    def _read(self, name: str) -> int:
        assert self._process.stdout
        return int(json.loads(self._process.stdout.readline())[name])

    def close(self) -> None:
        """End it by the end of its input."""
        self._process.communicate()
        self._files.cleanup()


@cache
def warm() -> Warm:
    """The one of this process of tests."""
    made = Warm()
    atexit.register(made.close)
    return made


def _starts_otherwise(environment: Mapping[str, str]) -> bool:
    """Whether Python itself would start otherwise: what it reads at its start cannot be given to a fork."""

    def read_at_start(variables: Mapping[str, str]) -> dict[str, str]:
        return {name: value for name, value in variables.items() if name.startswith(AT_START)}

    return read_at_start(environment) != read_at_start(os.environ)


@dataclass(slots=True)
class Drkit:
    """drkit as a user runs it: a process, an environment, a working directory."""

    directory: Path
    environment: dict[str, str]

    def __call__(self, *words: str | Path, prefix: tuple[str, ...] = (), **variables: str) -> Ran:
        environment = {**self.environment, **variables}
        if prefix or FRESH or _starts_otherwise(environment):
            ran = self._fresh(self.command(*words, prefix=prefix), environment)
        else:
            ran = warm().run(list(map(str, words)), self.directory, environment)
        assert "Traceback" not in ran.err, ran.err
        return ran

    def killed(self, what: str, when: str, point: int, *words: str | Path) -> Ran:
        """A command that dies by SIGKILL at one write of its journal or its evidence; see `killed.py`."""
        return warm().run(list(map(str, words)), self.directory, self.environment, (what, when, point))

    def _fresh(self, command: list[str], environment: dict[str, str]) -> Ran:
        done = subprocess.run(
            command,
            cwd=self.directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def start(self, *words: str | Path) -> subprocess.Popen[str]:
        """A process that the test goes on with."""
        return subprocess.Popen(
            self.command(*words),
            cwd=self.directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def command(self, *words: str | Path, prefix: tuple[str, ...] = ()) -> list[str]:
        """The words of a drkit process."""
        return [*prefix, sys.executable, "-m", "drkit", *map(str, words)]

    def write(self, name: str, content: str) -> Path:
        """A file in the working directory."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return path


def bare_environment(home: Path) -> dict[str, str]:
    """The environment without what a developer's shell may say, and with a HOME of its own."""
    kept: Mapping[str, str] = {
        key: value for key, value in os.environ.items() if not key.upper().startswith(SETTINGS)
    }
    return {**kept, "HOME": str(home)}


def ask(sandbox: Running, action: str, region: str, **parameters: Any) -> dict[str, Any]:
    """One question to CBS by the official SDK, past everything of drkit's."""
    http = HttpProfile(protocol="http", endpoint=f"127.0.0.1:{sandbox.port}", reqTimeout=10)
    credential = Credential(sandbox.secret_id, sandbox.secret_key)
    client = CommonClient("cbs", "2017-03-12", credential, region, ClientProfile(httpProfile=http))
    answer: dict[str, Any] = client.call_json(action, parameters)["Response"]
    return answer


def snapshots_named(sandbox: Running, beginning: str) -> list[dict[str, Any]]:
    """All snapshots whose name begins so, in both regions of the seed."""
    return [
        snapshot
        for region in ("ap-beijing", "ap-shanghai")
        for offset in range(0, 400, 100)
        for snapshot in ask(sandbox, "DescribeSnapshots", region, Limit=100, Offset=offset)["SnapshotSet"]
        if snapshot["SnapshotName"].startswith(beginning)
    ]
