"""What tests of scratch share: an estate that declares it, a broker, disks in the cloud, records in the evidence."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from accounting import state_of
from gating import People, broker
from helpers import Drkit, ask

from drkit.core.actions import Action, Done, Effect, outcome_as_data
from drkit.core.evidence.log import EvidenceLog
from drkit.core.evidence.reading import read
from drkit.core.evidence.signing import signer
from drkit.core.state import open_state
from drkit.core.times import text_of
from drkit.sandbox.testing import Running

REGION = "ap-beijing"
SCRATCH = {"accounts": ["production"], "regions": [REGION]}
# The one data disk of this service in Beijing, and a full copy of it by way of scratch.
FULL = """\
playbook: full
schedule: {every: day}
after_crash: %s
steps:
  - uses: snapshots.full
    with: {regions: [ap-beijing], tags: {service: search}, data_disks_only: true, keep_for: 90d}
"""
TAKE = """\
playbook: take
schedule: {every: day}
steps:
  - uses: snapshots.take
    with: {regions: [ap-beijing], tags: {service: search}, keep_for: 7d}
"""


_KNOWN: dict[str, Path | str] = {}


def known_people(drkit: Drkit) -> People:
    """People in a directory; their keys and their roster are made once in a process of tests, and copied."""
    if not _KNOWN:
        people = People(drkit)
        kept = Path(tempfile.mkdtemp(prefix="drkit-people-"))
        atexit.register(shutil.rmtree, kept, ignore_errors=True)
        for name in ("keys", "roster"):
            shutil.copytree(drkit.directory / name, kept / name)
        _KNOWN.update(directory=kept, pin=people.pin)
        return people
    for name in ("keys", "roster"):
        shutil.copytree(Path(_KNOWN["directory"]) / name, drkit.directory / name)
    people = object.__new__(People)
    people.drkit, people.names, people.keepers = drkit, People.__dataclass_fields__["names"].default, ()
    people.roster, people.pin = drkit.directory / "roster", str(_KNOWN["pin"])
    return people


@dataclass(slots=True)
class Scene:
    """An estate with a broker, pointed at the sandbox."""

    drkit: Drkit
    sandbox: Running
    people: People = field(init=False)

    def __post_init__(self) -> None:
        self.people = known_people(self.drkit)
        self.estate()

    def estate(self, **changed: Any) -> None:
        """Write the estate; it declares scratch in Beijing, unless changed."""
        socket, evidence = self.people.socket, state_of(self.drkit) / "evidence"
        listens = {"socket": str(socket), "evidence": str(evidence)}
        self.people.estate(**{"scratch": SCRATCH, "broker": listens, **changed})

    def take(self) -> None:
        """Every disk of the service has a good snapshot."""
        self.sandbox.create_in(0)
        ran = self.drkit("run", "--yes", self.drkit.write("take.yaml", TAKE))
        assert ran.status == 0, ran.out + ran.err

    def full(self, after_crash: str = "resume") -> Path:
        """The playbook of full copies."""
        return self.drkit.write("full.yaml", FULL % after_crash)

    def broker(self) -> AbstractContextManager[object]:
        """A broker that listens, with the key pair that the runner does not have."""
        return broker(self.people, self.sandbox)

    def entries(self) -> list[dict[str, Any]]:
        """All that the evidence tells."""
        evidence = state_of(self.drkit) / "evidence"
        return [entry for _, entry in read(evidence)] if evidence.exists() else []

    # --- the cloud, past drkit ---

    def disks(self, beginning: str = "drkit-full-") -> list[dict[str, Any]]:
        """The disks of Beijing whose names begin so."""
        found = ask(self.sandbox, "DescribeDisks", REGION, Limit=100)["DiskSet"]
        return [disk for disk in found if disk["DiskName"].startswith(beginning)]

    def exists(self, disk: str) -> bool:
        """Whether the cloud still lists a disk."""
        filters = [{"Name": "disk-id", "Values": [disk]}]
        return bool(ask(self.sandbox, "DescribeDisks", REGION, Filters=filters)["TotalCount"])

    def make_disk(self, run: str, until: datetime, name: str = "drkit-full-made") -> str:
        """A disk that somebody made and marked as drkit's scratch."""
        tags = [
            {"Key": "drkit:run", "Value": run},
            {"Key": "drkit:scratch-until", "Value": text_of(until)},
        ]
        made = ask(
            self.sandbox,
            "CreateDisks",
            REGION,
            Placement={"Zone": "ap-beijing-3"},
            DiskChargeType="POSTPAID_BY_HOUR",
            DiskType="CLOUD_PREMIUM",
            DiskSize=10,
            DiskName=name,
            Tags=tags,
        )
        self.sandbox.advance(timedelta(seconds=10))
        id_: str = made["DiskIdSet"][0]
        return id_

    def snapshot(self, disk: str) -> str:
        """A snapshot that somebody else made of a disk."""
        id_: str = ask(self.sandbox, "CreateSnapshot", REGION, DiskId=disk, SnapshotName="theirs")[
            "SnapshotId"
        ]
        self.sandbox.advance(timedelta(seconds=10))
        return id_

    # --- the evidence ---

    def record(self, disk: str, run: str, until: datetime, name: str = "drkit-full-made") -> None:
        """Evidence, by the estate's own key, that a run made a disk as scratch just now."""
        arguments = {"source": "disk-source", "name": name, "scratch_until": text_of(until)}
        action = Action(
            "disks.create_scratch", Effect.CREATE, "production", REGION, "disk-source", arguments, ""
        )
        usual = {"at": text_of(datetime.now(UTC)), "run": run}
        confirmed = {"account": "100000000001", "principal": "p"}
        started = {
            "estate": "weimob",
            "playbook": "full",
            "playbook_sha256": "0" * 64,
            "description": "",
            "slot": usual["at"],
            "drkit": "0",
            "accounts": {"production": {"look": confirmed, "make": confirmed}},
        }
        concluded = {"verdict": "pass", "reason": "", "statuses": [7]}
        settled = {"step": "full", "key": action.key, "target": "disk-source", **outcome_as_data(Done(disk))}
        state = open_state(Path(self.drkit.environment["DRKIT_STATE"]), "weimob")
        with EvidenceLog.open(state.evidence, signer(state.keys, "weimob")) as log:
            for entry in (
                {"kind": "run.started", **started},
                {"kind": "action.intended", "step": "full", "action": action.as_data()},
                {"kind": "action.settled", **settled},
                {"kind": "run.concluded", **concluded},
            ):
                log.append({**usual, **entry})
            log.checkpoint()
