"""A dataset with copies in Beijing, Shanghai, Nanjing and a second cloud, each told of by mirrored inventories."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from helpers import ROOT, Drkit, Ran
from inventories import cos_inventory, rows_of, s3_inventory

PLAYBOOK = ROOT / "playbooks" / "verify-cold-copies.yaml"
COPIES = {
    "beijing": ("home", "ap-beijing"),
    "shanghai": ("home", "ap-shanghai"),
    "nanjing": ("home", "ap-nanjing"),
    "abroad": ("abroad", "us-east-1"),
}
ACCOUNTS = {
    "home": {
        "cloud": "tencent",
        "account": "100000000001",
        "environment": "production",
        "regions": ["ap-beijing", "ap-shanghai", "ap-nanjing"],
    },
    "abroad": {
        "cloud": "aws",
        "account": "210000000001",
        "environment": "production",
        "regions": ["us-east-1"],
    },
}


@dataclass(slots=True)
class Cold:
    """The estate, and what its inventories tell each night."""

    drkit: Drkit
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    night: int = 0

    def __post_init__(self) -> None:
        self.rows = {name: rows_of(40) for name in COPIES}
        self.estate()

    @property
    def state(self) -> Path:
        return Path(self.drkit.environment["DRKIT_STATE"]) / "cold"

    def chain(self, copy: str) -> Path:
        return self.state / "copies" / "chains" / "archive" / copy

    def directory(self, copy: str) -> Path:
        """Where the mirror of a copy's inventories is."""
        return self.drkit.directory / "mirror" / copy

    def estate(self, **changed: Any) -> Path:
        """Write the estate; ``changed`` goes into it."""
        copies = {
            name: {"account": account, "region": region, "inventory": str(self.inventories(name))}
            for name, (account, region) in COPIES.items()
        }
        copies["abroad"]["immutable"] = "locked"
        estate = {
            "estate": "cold",
            "accounts": ACCOUNTS,
            "datasets": {"archive": {"reference": "beijing", "copies": copies}},
            **changed,
        }
        path = self.drkit.write("estate.yaml", yaml.safe_dump(estate))
        self.drkit.environment["DRKIT_ESTATE"] = str(path)
        return path

    def inventories(self, copy: str) -> Path:
        """The directory of dated inventories."""
        if COPIES[copy][0] == "abroad":
            return self.directory(copy) / "inventories" / "cold" / "daily"
        return self.directory(copy) / "cos_bucket_inventory" / "1250000000" / "cold-1250000000" / "daily"

    def write(self, copy: str) -> Path:
        """Tonight's inventory of a copy; the directory of its manifest."""
        begun = datetime.now(UTC) - timedelta(hours=2)
        home = self.directory(copy)
        changes = {"creationTimestamp": str(int(begun.timestamp() * 1000))}
        write = s3_inventory if COPIES[copy][0] == "abroad" else cos_inventory
        made = write(home, self.rows[copy], **changes)
        name = f"{begun:%Y-%m-%dT%H-%MZ}" if COPIES[copy][0] == "abroad" else f"{begun:%Y%m%d}"
        target = made.parent / name
        if target.exists():
            for file in target.iterdir():
                file.unlink()
            target.rmdir()
        return made.rename(target)

    def write_all(self) -> None:
        """Tonight's inventory of every copy."""
        for copy in COPIES:
            self.write(copy)

    def run(self, *words: str | Path) -> Ran:
        """The playbook that the project ships."""
        return self.drkit("run", PLAYBOOK, "--yes", "--format", "json", *words)


def found(ran: Ran) -> set[tuple[str, str]]:
    """What was found: each finding's name and subject."""
    return {(finding["id"], finding["subject"]) for finding in ran.json["findings"]}


def unknown(ran: Ran) -> list[str]:
    """The reasons of steps that are UNKNOWN."""
    [run] = ran.json["runs"]
    return [step["reason"] for step in run["steps"] if step["verdict"] == "unknown"]
