"""``drkit demo``: real commands, one after the other, against a sandbox of their own; writes a report."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from drkit.core import exits
from drkit.core.errors import DrkitError, UsageError

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
    """

    title: str
    words: tuple[str, ...]
    status: int
    lines: int = 12


def demo(arguments: argparse.Namespace) -> int:
    """Play every act.

    Raises:
        UsageError: the directory for the results is in use.
        DrkitError: an act did not end as it should.
    """
    target = arguments.to or Path("drkit-demo")
    if target.exists() and not (target / MARKER).is_file():
        raise UsageError(f"{target} is there already, and no demo made it", hint="choose another --to DIR")
    with tempfile.TemporaryDirectory(prefix="drkit-demo-") as scratch:
        results = Path(scratch) / "results"
        results.mkdir()
        (results / MARKER).touch()
        _play_in_sandbox(Path(scratch), results)
        if target.exists():
            shutil.rmtree(target)
        shutil.move(results, target)
    print(f"\nThe page:     {target / 'report.html'}")
    print(f"The evidence: {target / 'evidence'}, its checkpoint from outside: {target / 'checkpoint'}")
    return exits.OK


def _play_in_sandbox(scratch: Path, results: Path) -> None:
    environment = {**os.environ, "DRKIT_SANDBOX": str(scratch / "sandbox")}
    playbooks = scratch / "estate"
    _play(
        Act("A cloud of our own: one account, 40 hosts, 60 disks", ("sandbox", "up", "--detach"), 0),
        environment,
    )
    try:
        variables = _drkit(("sandbox", "env", "--format", "json"), environment).stdout
        environment |= json.loads(variables)["environment"]
        _play(Act("Playbooks to start from", ("init", str(playbooks)), 0), environment)
        for act in _thread(playbooks / "playbooks" / "daily-snapshots.yaml"):
            _play(act, environment)
        evidence = Path(environment["DRKIT_STATE"]) / "weimob" / "evidence"
        _keep_outside(evidence, results)
        for act in _proof(results):
            _play(act, environment)
        _play(
            Act(
                "One page for those who read",
                ("report", "--format", "html", "--output", str(results / "report.html")),
                0,
            ),
            environment,
        )
    finally:
        _drkit(("sandbox", "down"), environment)


def _thread(playbook: Path) -> tuple[Act, ...]:
    name = str(playbook)
    return (
        Act("Before: which volumes have a fresh snapshot?", ("snapshots", "cover"), exits.BAD, 6),
        Act("What would the daily playbook do?", ("plan", name), exits.OK, 4),
        Act("Do it", ("run", "--yes", name), exits.OK),
        Act("Again: nothing is taken twice", ("run", "--yes", name), exits.OK),
    )


def _proof(results: Path) -> tuple[Act, ...]:
    key, outside = str(results / "verifier-key"), str(results / "checkpoint")
    options = ("--key", key, "--outside", outside)
    return (
        Act("Prove the evidence", ("evidence", "verify", str(results / "evidence"), *options), exits.OK),
        Act(
            "The same, one byte flipped",
            ("evidence", "verify", str(results / "tampered"), *options),
            exits.BAD,
        ),
    )


def _keep_outside(evidence: Path, results: Path) -> None:
    """Copy the evidence, as if its checkpoint and key had gone to another place; and spoil a second copy."""
    shutil.copytree(evidence, results / "evidence")
    shutil.copy(evidence / "checkpoint", results / "checkpoint")
    shutil.copy(evidence / "verifier-key", results / "verifier-key")
    shutil.copytree(evidence, results / "tampered")
    log = results / "tampered" / "log.jsonl"
    content = bytearray(log.read_bytes())
    middle = content.index(b"snap-", len(content) // 2) + len(b"snap-")
    content[middle] ^= 1
    log.write_bytes(content)


def _play(act: Act, environment: Mapping[str, str]) -> None:
    print(f"\n# {act.title}\n$ drkit {' '.join(act.words)}", flush=True)
    done = _drkit(act.words, environment)
    lines = (done.stdout + done.stderr).splitlines()
    for line in lines[: act.lines]:
        print(line)
    if len(lines) > act.lines:
        print(f"… {len(lines) - act.lines} more lines")
    if done.returncode != act.status:
        print("\n".join(lines[act.lines :]))
        raise DrkitError(
            f"drkit {' '.join(act.words)} ended with status {done.returncode}, not {act.status}",
            hint="this is a defect: please report it with the output above",
        )


def _drkit(words: tuple[str, ...], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "drkit", *words],
        env={**environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LONGEST_ACT,
        check=False,
    )
