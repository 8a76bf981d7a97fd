"""Days that pass for all at once: for the sandbox, for drkit, and for the broker."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gating import People, broker
from helpers import Drkit, Ran, ask
from shifted import ahead

from drkit.sandbox.testing import Running

DAY = timedelta(days=1)
REGION = "ap-beijing"
SERVICE = [{"Name": "tag:service", "Values": ["redis"]}]
SELECTED = "regions: [ap-beijing], tags: {service: redis}"
TAKE = f"  - uses: snapshots.take\n    with: {{{SELECTED}, keep_for: 2d}}\n"
KEEP = f"  - uses: snapshots.keep\n    with: {{{SELECTED}, last_good: 2d, grid: %s}}\n"
DISCARD = f"  - uses: snapshots.discard\n    with: {{{SELECTED}, last_good: 2d, after: 2d, grid: %s%s}}\n"


class Later(Drkit):
    """drkit by a clock that is ahead."""

    shift = timedelta()

    def __call__(self, *words: str | Path, prefix: tuple[str, ...] = (), **variables: str) -> Ran:
        """One process; without a shift as any other."""
        return super().__call__(*words, prefix=ahead(self.shift) if self.shift else prefix, **variables)


@dataclass(slots=True)
class Weeks:
    """A sandbox with a service of one disk in Beijing, and the estate of people who look after it."""

    people: People
    sandbox: Running
    days: int = 0
    later: Later = field(init=False)

    def __post_init__(self) -> None:
        self.sandbox.create_in(0)
        self.later = Later(self.people.drkit.directory, self.people.drkit.environment)
        self.people.drkit = self.later

    def playbook(self, *steps: str) -> Path:
        """The daily playbook; the same name whatever its steps are."""
        return self.later.write(
            "daily.yaml", f"playbook: daily\nschedule: {{every: day}}\nsteps:\n{''.join(steps)}"
        )

    def next_day(self) -> None:
        """A day passes."""
        self.sandbox.advance(DAY)
        self.days += 1
        self.later.shift = self.days * DAY

    def make(self, days: int, *, lives: timedelta = 30 * DAY) -> list[str]:
        """Snapshots as this playbook takes them, one a day, whose deadlines are later by now; their ids."""
        (disk,) = ask(self.sandbox, "DescribeDisks", REGION, Filters=SERVICE)["DiskSet"]
        made = []
        for _ in range(days):
            wanted = {
                "SnapshotName": f"drkit-daily-{self.now():%Y%m%dT%H%M}-2d",
                "Deadline": (self.now() + lives).isoformat(timespec="seconds"),
                "Tags": [{"Key": "drkit:run", "Value": "20261120T010000Z-aaaaaa"}],
            }
            made.append(ask(self.sandbox, "CreateSnapshot", REGION, DiskId=disk["DiskId"], **wanted))
            self.next_day()
        return [each["SnapshotId"] for each in made]

    def now(self) -> datetime:
        """The time by every clock."""
        return datetime.now(UTC) + self.days * DAY

    def broker(self, **options: Any) -> AbstractContextManager[object]:
        """A broker by the same clock."""
        return broker(self.people, self.sandbox, prefix=ahead(self.days * DAY), **options)

    def run(self, file: Path) -> Ran:
        """One run."""
        return self.later("run", "--yes", file, "--format", "json")

    def planned(self, file: Path) -> list[tuple[str, str]]:
        """Verbs and targets of all that a run would do now."""
        plans = self.later("plan", file, "--format", "json").json["plans"]
        return [(each["verb"], each["target"]) for plan in plans for each in plan["actions"]]

    def snapshots(self, beginning: str = "drkit-daily-") -> list[dict[str, Any]]:
        """What the cloud lists of this playbook's, the oldest first."""
        found = ask(self.sandbox, "DescribeSnapshots", REGION, Limit=100)["SnapshotSet"]
        ours = [each for each in found if each["SnapshotName"].startswith(beginning)]
        return sorted(ours, key=lambda each: str(each["CreateTime"]))


def slot_of(snapshot: dict[str, Any]) -> datetime:
    """The slot that a snapshot is named after."""
    return datetime.strptime(snapshot["SnapshotName"].split("-")[2], "%Y%m%dT%H%M").replace(tzinfo=UTC)


def deadline_of(snapshot: dict[str, Any]) -> datetime:
    """Its deadline; the cloud tells it in Beijing's time."""
    return datetime.fromisoformat(snapshot["DeadlineTime"]).replace(tzinfo=UTC) - timedelta(hours=8)


def is_marked(snapshot: dict[str, Any]) -> bool:
    """Whether it is marked as unneeded."""
    return "drkit:unneeded-since" in {each["Key"] for each in snapshot["Tags"]}
