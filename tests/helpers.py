"""What tests share beside fixtures: drkit as a process, and questions to the sandbox past drkit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(slots=True)
class Drkit:
    """drkit as a user runs it: a process, an environment, a working directory."""

    directory: Path
    environment: dict[str, str]

    def __call__(self, *words: str | Path, prefix: tuple[str, ...] = (), **variables: str) -> Ran:
        done = subprocess.run(
            self.command(*words, prefix=prefix),
            cwd=self.directory,
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
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
