"""Planning over saved facts: 100,000 disks with 1.4 million snapshots; as JSON, exit status 1 beyond a limit.

    python benchmarks/snapshots.py [--disks N] [--take] [--custodian PYTHON]

The facts are made up, in four regions: a host for every two disks, fourteen daily snapshots a disk of which half
carry no zone, and written as `drkit collect` writes them. A process of its own reads them and plans
`snapshots.take`, `snapshots.keep` and `snapshots.cover` on them; seconds of its CPU, since it does one thing after
another and other work of the machine is not its own, and the most memory that it held. The limit holds for all of it
at once (``seconds``), though a run plans one playbook, which is less. The same for a tenth and for three tenths of the
disks: what one disk costs must stay the same. Making the facts is not measured.

With ``--take``, 1,000 disks of the sandbox are snapshotted, whose CreateSnapshot lets 20 calls a second of a region
through: drkit takes one region after another, so it is allowed 50 seconds; all regions at once could be a quarter.

With ``--custodian``, a Python that has c7n-tencentcloud (`make custodian`): how long Cloud Custodian and
`drkit snapshots cover` take to say which of the 1,000 disks of the sandbox's seed have no snapshot, a quarter of
them having one; whole processes, the best of three, by the clock and in seconds of their CPU. Cloud Custodian
lists disks and snapshots, which are joined here; it is asked region by region, since one process for all regions
leaves the files of the last one alone. What that process takes is ``custodian_at_once``.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from drkit.core.actions import Plan
from drkit.core.estate import Estate
from drkit.core.times import Reading
from drkit.flows.saved_facts import read_facts, write_facts
from drkit.ports.disks import Disk, Snapshot, SnapshotState
from drkit.ports.facts import Facts, RegionFacts, Scope
from drkit.ports.machines import Host, Volume
from drkit.ports.steps import Setting
from drkit.sandbox.testing import running
from drkit.snapshots.grid import parse_grid
from drkit.snapshots.steps import cover, keep, take

LIMIT_S, LIMIT_MIB, LINEAR = 30.0, 1024.0, 1.5
TIMES_FASTER = 5.0
REGIONS = ("ap-beijing", "ap-shanghai", "ap-guangzhou", "ap-chengdu")
ACCOUNT = "production"
SNAPSHOTS = 14
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
SLOT = datetime(2026, 11, 21, 17, 30, tzinfo=UTC)
CHINA = timedelta(hours=8)
ROUNDS = 3
POLICIES = """\
policies:
  - {name: disks, resource: tencentcloud.cbs}
  - {name: snapshots, resource: tencentcloud.cbs-snapshot}
"""
CALLS_A_SECOND = 20  # of CreateSnapshot, a region (362/15648)
THOUSAND = 1000
TIMES_ALLOWED = 1.2
TAKE_ALL = """\
playbook: all
schedule: {every: day}
steps:
  - {uses: snapshots.take, with: {keep_for: 7d}}
"""
TAKE_BEIJING = """\
playbook: quarter
schedule: {every: day}
steps:
  - {uses: snapshots.take, with: {regions: [ap-beijing], keep_for: 7d}}
"""


def estate() -> Estate:
    """The estate that the facts are of."""
    account = {"cloud": "tencent", "account": "100000000001", "environment": "production", "regions": REGIONS}
    return Estate.model_validate_json(json.dumps({"estate": "large", "accounts": {ACCOUNT: account}}))


def made_up(disks: int) -> Facts:
    """Facts whose snapshots are made while they are written."""
    return Facts(NOW, tuple(region(name, range(at, disks, len(REGIONS))) for at, name in enumerate(REGIONS)))


def region(name: str, numbers: range) -> RegionFacts:
    """One region."""
    hosts = tuple(
        Host(f"ins-{first:08}", f"node-{first}", f"{name}-3", "RUNNING", volumes(numbers[at : at + 2]), {})
        for at, first in enumerate(numbers)
        if at % 2 == 0
    )
    disks = tuple(disk(name, number, numbers) for number in numbers)
    snapshots = (snapshot(number, day) for number in numbers for day in range(SNAPSHOTS))
    return RegionFacts(Scope(ACCOUNT, name), hosts, disks, cast("tuple[Snapshot, ...]", snapshots), ())


def volumes(numbers: range) -> tuple[Volume, ...]:
    """Those of one host."""
    return tuple(Volume(f"disk-{number:08}", local=False) for number in numbers)


def disk(region_name: str, number: int, numbers: range) -> Disk:
    """A disk of a host."""
    first = numbers[numbers.index(number) // 2 * 2]
    tags = {"environment": "production", "service": f"service-{number % 50}"}
    return Disk(
        f"disk-{number:08}",
        f"node-{first}-data",
        f"{region_name}-3",
        "ATTACHED",
        busy=False,
        can_snapshot=True,
        host=f"ins-{first:08}",
        tags=tags,
        size=100,
        kind="CLOUD_PREMIUM",
        system=number % 2 == 0,
        created=Reading(NOW - timedelta(days=400), NOW - timedelta(days=400)),
    )


def snapshot(number: int, day: int) -> Snapshot:
    """One of the daily snapshots of a disk; every eleventh disk missed the last three."""
    made = SLOT - timedelta(days=day + (3 if number % 11 == 0 else 0), seconds=-(number % 1800))
    early = made - CHINA if number % 2 else made
    until = made + timedelta(days=400)  # as `snapshots.keep` left it
    return Snapshot(
        f"snap-{number:06}{day:02}",
        f"drkit-daily-{made - timedelta(seconds=number % 1800):%Y%m%dT%H%M}-14d",
        f"disk-{number:08}",
        SnapshotState.GOOD,
        Reading(early, made),
        Reading(until - CHINA, until),
        tags={"drkit:run": f"{made:%Y%m%d}T173000Z-abcdef"},
    )


def plan_all(directory: Path) -> dict[str, Any]:
    """Read the facts and plan on them; the figures of this process."""
    setting = Setting(estate(), "daily", SLOT)
    begin = time.process_time()
    parts: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        start = time.process_time()
        made = work()
        parts[f"{name}_s"] = round(time.process_time() - start, 2)
        return made

    facts = timed("read", lambda: read_facts(directory))
    taken = timed("take", lambda: counted_take(facts, setting))
    kept = timed("keep", lambda: counted_keep(facts, setting))
    rows = timed("cover", lambda: counted_cover(facts, setting))
    seconds = time.process_time() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = {"take": taken, "keep": kept, "rows": rows}
    return {"seconds": round(seconds, 2), "mib": round(peak), **parts, "found": found}


def counted_take(facts: Facts, setting: Setting) -> int:
    """How many snapshots are to be taken."""
    assert take.STEP.work
    arguments = take.Take(keep_for=timedelta(days=14))
    return len(take.STEP.work.plan(facts, arguments, setting).actions)


def counted_keep(facts: Facts, setting: Setting) -> int:
    """How many deadlines are to be extended, and snapshots to be marked."""
    assert keep.STEP.work
    arguments = keep.Keep(grid=parse_grid("24x1h 14x1d 8x1w 12x1M"), time_zone=ZoneInfo("Asia/Shanghai"))
    return len(keep.STEP.work.plan(facts, arguments, setting).actions)


def counted_cover(facts: Facts, setting: Setting) -> dict[str, int]:
    """How many volumes are what."""
    conclusion = cover.STEP.conclude(facts, Plan(), {}, cover.Cover(), setting)
    return dict(Counter(row["status"] for row in conclusion.rows))


def planned(disks: int) -> dict[str, Any]:
    """The figures of a process that plans on facts of so many disks."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        write_facts(made_up(disks), directory)
        command = [sys.executable, __file__, "--plan", name]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return {"disks": disks, "snapshots": disks * SNAPSHOTS, **figures}


def taken() -> dict[str, Any]:
    """How long a run takes that snapshots all 1,000 disks, beside what the rate limit allows."""
    with tempfile.TemporaryDirectory() as name, running(seed="thousand") as sandbox:
        sandbox.fault("throttle", service="cbs", action="CreateSnapshot", rate=CALLS_A_SECOND, times=None)
        directory = Path(name)
        environment = {**os.environ, **sandbox.environment(), "DRKIT_STATE": str(directory / "state")}
        (directory / "all.yaml").write_text(TAKE_ALL)
        drkit = Drkit(directory, environment)
        took_all = took(lambda: drkit.take("all.yaml"))
    one_after_another = THOUSAND / CALLS_A_SECOND
    return {
        "take": took_all.as_data(),
        "allowed_s": one_after_another,
        "allowed_all_regions_at_once_s": one_after_another / len(REGIONS),
        "times_allowed": round(took_all.wall / one_after_another, 2),
    }


@dataclass(frozen=True)
class Took:
    """What one way to ask took: the sandbox's own CPU is not in it, but is in the wall time.

    Args:
        wall: seconds.
        cpu: seconds of the processes that asked.
        missing: how many disks were said to have no snapshot; None where it does not say.
    """

    wall: float
    cpu: float
    missing: int | None

    def as_data(self) -> dict[str, float]:
        """Plain JSON data."""
        return {"wall_s": round(self.wall, 2), "cpu_s": round(self.cpu, 2)}


def took(ask: Callable[[], int | None]) -> Took:
    """What asking takes."""
    begin, cpu = time.perf_counter(), cpu_of_children()
    missing = ask()
    return Took(time.perf_counter() - begin, cpu_of_children() - cpu, missing)


def cpu_of_children() -> float:
    """Seconds of the processes that have ended; the sandbox has not."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def beside(custodian: str) -> dict[str, Any]:
    """Cloud Custodian and drkit, asked for the same."""
    with tempfile.TemporaryDirectory() as name, running(seed="thousand") as sandbox:
        directory = Path(name)
        environment = {**os.environ, **sandbox.environment(), "DRKIT_STATE": str(directory / "state")}
        (directory / "policies.yaml").write_text(POLICIES)
        (directory / "quarter.yaml").write_text(TAKE_BEIJING)
        ours = Drkit(directory, environment)
        ours.take("quarter.yaml")
        theirs = Custodian(str(Path(custodian).absolute()), directory, environment)
        # Alternating, so that a busy machine is busy for all.
        ways = (ours.cover, theirs.region_by_region, theirs.at_once)
        rounds = [tuple(took(way) for way in ways) for _ in range(ROUNDS)]
    drkit, by_region, at_once = (min(way, key=lambda each: each.wall) for way in zip(*rounds, strict=True))
    found = {each.missing for one in rounds for each in one} - {None}
    return {
        "drkit": drkit.as_data(),
        "custodian": by_region.as_data(),
        "custodian_at_once": at_once.as_data(),
        "times_faster": round(by_region.wall / drkit.wall, 1),
        "times_faster_at_once": round(at_once.wall / drkit.wall, 1),
        "times_less_cpu_at_once": round(at_once.cpu / drkit.cpu, 1),
        "without_snapshot": sorted(found),
    }


class Drkit:
    """`drkit` in a directory of its own."""

    def __init__(self, directory: Path, environment: dict[str, str]) -> None:
        self._directory, self._environment = directory, environment

    def take(self, playbook: str) -> None:
        """Give the disks of a playbook a snapshot, and wait until they are good."""
        done = self._run("run", "--yes", playbook)
        if done.returncode:
            raise SystemExit(f"drkit run {playbook}: {done.returncode}\n{done.stdout.decode()[-2000:]}")

    def cover(self) -> int:
        """How many disks are said to have no snapshot."""
        done = self._run("snapshots", "cover", "--format", "json")
        return int(json.loads(done.stdout)["summary"]["none"])

    def _run(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "drkit", *words]
        return subprocess.run(
            command, cwd=self._directory, env=self._environment, check=False, capture_output=True
        )


class Custodian:
    """Cloud Custodian, with what it takes to find disks without a snapshot: two lists, joined here."""

    def __init__(self, python: str, directory: Path, environment: dict[str, str]) -> None:
        self._python, self._directory = python, directory
        self._environment = {**environment, "TENCENTCLOUD_REGION": "ap-beijing"}

    def region_by_region(self) -> int:
        """How many disks have no snapshot; it is asked region by region, since it overwrites its files."""
        missing = 0
        for name in REGIONS:
            out = self._run(name)
            disks = {each["DiskId"] for each in listed(out / "disks")}
            missing += len(disks - {each["DiskId"] for each in listed(out / "snapshots")})
        return missing

    def at_once(self) -> None:
        """One process for all regions, of which the files hold the last alone: no answer, but its pace."""
        self._run(*REGIONS)

    def _run(self, *regions: str) -> Path:
        driver, out = Path(__file__).with_name("custodian.py"), Path(tempfile.mkdtemp(dir=self._directory))
        words = [word for name in regions for word in ("-r", name)]
        command = [self._python, str(driver.absolute()), "run", "-s", str(out), *words, "policies.yaml"]
        subprocess.run(command, cwd=self._directory, env=self._environment, check=True, capture_output=True)
        return out


def listed(directory: Path) -> Iterator[dict[str, Any]]:
    """What Cloud Custodian found of one policy."""
    yield from json.loads((directory / "resources.json").read_text())


def is_fine(figures: list[dict[str, Any]]) -> bool:
    """Whether planning keeps within its limits, and what one disk costs does not grow."""
    most, each = figures[-1], [figure["seconds"] / figure["disks"] for figure in figures]
    return bool(most["seconds"] < LIMIT_S and most["mib"] < LIMIT_MIB and max(each[1:]) < LINEAR * each[0])


def main(arguments: list[str]) -> int:
    """Print the figures; 1 when one is beyond its limit."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--disks", type=int, default=100_000)
    parser.add_argument("--custodian", metavar="PYTHON")
    parser.add_argument("--beside-only", action="store_true", help="leave the planning out")
    parser.add_argument("--take", action="store_true", help="take 1,000 snapshots; about a minute")
    parser.add_argument("--plan", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.plan:
        print(json.dumps(plan_all(chosen.plan)))
        return 0
    fine = True
    if not chosen.beside_only:
        figures = [planned(chosen.disks * part // 10) for part in (1, 3, 10)]
        print(json.dumps(figures, indent=2))
        fine = is_fine(figures)
    if chosen.take:
        all_taken = taken()
        print(json.dumps(all_taken, indent=2))
        fine = fine and all_taken["times_allowed"] <= TIMES_ALLOWED
    if chosen.custodian:
        compared = beside(chosen.custodian)
        print(json.dumps(compared, indent=2))
        fine = fine and compared["times_faster"] >= TIMES_FASTER and len(compared["without_snapshot"]) == 1
    return int(not fine)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
