"""``drkit demo``: real commands, one after the other, against a sandbox of their own; writes a report."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from drkit.core import exits
from drkit.core.errors import DrkitError, UsageError
from drkit.flows.demo_gate import play_gate

MARKER = ".drkit-demo"
LONGEST_ACT = 120  # seconds


@dataclass(frozen=True, slots=True)
class Act:
    """One command of the demo.

    Args:
        title: what it shows.
        words: the command's words after ``drkit``.
        status: the exit status that it has to end with.
        lines: how many lines of its output are shown.
        first: with which line they begin; counted from the end where it is below zero.
    """

    title: str
    words: tuple[str, ...]
    status: int
    lines: int = 12
    first: int = 0


CLOUD = Act("A cloud of our own: one account, 40 hosts, 60 disks", ("sandbox", "up", "--detach"), exits.OK)
PAGE = "results/report.html"
PLAYBOOK = "dr/playbooks/daily-snapshots.yaml"
OUTSIDE = ("--key", "results/outside/verifier-key", "--outside", "results/outside/checkpoint")
THREAD = (
    Act("An estate and playbooks to start from, filled by what the cloud says", ("init", "dr"), exits.OK),
    Act("Before: which volumes have a fresh snapshot?", ("snapshots", "cover"), exits.BAD, 6),
    Act("What would the daily playbook do?", ("plan", PLAYBOOK), exits.OK, 4),
    Act("Do it", ("run", "--yes", PLAYBOOK), exits.OK),
    Act("One page for those who read", ("report", "--format", "html", "--output", PAGE), exits.OK),
    Act("Again: nothing is taken twice", ("run", "--yes", PLAYBOOK), exits.OK),
)
PROOF = (
    Act("Prove the evidence", ("evidence", "verify", "results/evidence", *OUTSIDE), exits.OK),
    Act("A copy with one byte flipped", ("evidence", "verify", "tampered", *OUTSIDE), exits.BAD, 6),
)


def demo(arguments: argparse.Namespace) -> int:
    """Play every act.

    Raises:
        UsageError: the directory for the results is in use.
        DrkitError: an act did not end as it should.
    """
    target = (arguments.to or Path("drkit-demo")).absolute()
    if target.exists() and not (target / MARKER).is_file():
        raise UsageError(f"{target} is there already, and no demo made it", hint="choose another --to DIR")
    with tempfile.TemporaryDirectory(prefix="drkit-demo-") as scratch:
        # What the shell says of other clouds and times is not meant for the demo.
        shell = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("TENCENTCLOUD_", "DRKIT_"))
        }
        stage = Stage(Path(scratch), {**shell, "DRKIT_SANDBOX": str(Path(scratch) / "sandbox")})
        stage.play_all()
        if target.exists():
            shutil.rmtree(target)
        shutil.move(stage.results, target)
    print(f"\nThe page:     {target / 'report.html'}")
    print(f"The evidence: {target / 'evidence'}")
    print(f"Its checkpoint and key, as if kept elsewhere: {target / 'outside'}")
    return exits.OK


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the acts play: a directory that vanishes, and the variables that point at the sandbox."""

    directory: Path
    environment: dict[str, str]

    @property
    def results(self) -> Path:
        """What stays when the demo is over."""
        return self.directory / "results"

    def play_all(self) -> None:
        """Every act; the sandbox goes down whatever happens."""
        self.results.mkdir()
        (self.results / MARKER).touch()
        self.play(CLOUD)
        try:
            variables = json.loads(self.drkit("sandbox", "env", "--format", "json").stdout)
            self.environment.update(variables["environment"])
            for act in THREAD:
                self.play(act)
            play_gate(self)
            self.keep_outside()
            for act in PROOF:
                self.play(act)
        finally:
            self.drkit("sandbox", "down")

    def keep_outside(self) -> None:
        """Copy the evidence, its checkpoint and key as if to another place; and spoil a second copy."""
        evidence = Path(self.environment["DRKIT_STATE"]) / "weimob" / "evidence"
        (self.results / "outside").mkdir()
        for name in ("checkpoint", "verifier-key"):
            shutil.copy(evidence / name, self.results / "outside" / name)
        shutil.copytree(evidence, self.results / "evidence")
        shutil.copytree(evidence, self.directory / "tampered")
        log = self.directory / "tampered" / "log.jsonl"
        content = bytearray(log.read_bytes())
        content[content.index(b"snap-", len(content) // 2) + len(b"snap-")] ^= 1
        log.write_bytes(content)

    def play(self, act: Act) -> None:
        """Show one command and what it says.

        Raises:
            DrkitError: it did not end as it should.
        """
        print(f"\n# {act.title}\n$ drkit {shlex.join(act.words)}", flush=True)
        done = self.drkit(*act.words)
        lines = (done.stdout + done.stderr).splitlines()
        shown = lines[act.first :][: act.lines]
        print("\n".join(shown))
        if done.returncode != act.status:
            print("\n".join(lines))
            raise DrkitError(
                f"drkit {' '.join(act.words)} ended with status {done.returncode}, not {act.status}",
                hint="this is a defect: please report it with the output above",
            )
        if len(lines) > len(shown):
            print(f"… {len(lines) - len(shown)} more lines")

    def drkit(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One real drkit process."""
        return subprocess.run(
            [sys.executable, "-m", "drkit", *words],
            cwd=self.directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONGEST_ACT,
            check=False,
        )
