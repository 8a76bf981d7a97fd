"""Coverage for a monitoring system: OpenMetrics 1.0, the text format.

Numbers alone: what UNKNOWN means stands in a count of its own, and never among what is covered. A volume without
any good snapshot has no age; that is what the counts are for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from drkit.core.text import harmless

VOLUMES = "drkit_snapshots_volumes"
AGE = "drkit_snapshots_newest_good_age_seconds"
LOOKED = "drkit_snapshots_looked_timestamp_seconds"
LABELS = ("account", "region", "host", "disk", "name")
Row = Mapping[str, Any]


def openmetrics(rows: Iterable[Row], statuses: Iterable[str], looked_at: datetime) -> str:
    """The exposition of one look.

    Args:
        rows: of `snapshots.cover`.
        statuses: every status that a volume can have, so that a count of none is told too.
        looked_at: when the clouds were asked.
    """
    return "\n".join([*_volumes(list(rows), list(statuses), looked_at), "# EOF", ""])


def _volumes(rows: list[Row], statuses: list[str], looked_at: datetime) -> Iterator[str]:
    yield from family(VOLUMES, "", "Volumes by what can be said of them.")
    counts = Counter((row["account"], row["region"], row["status"]) for row in rows)
    for account, region in sorted({(row["account"], row["region"]) for row in rows}):
        for status in statuses:
            labels = {"account": account, "region": region, "status": status}
            yield sample(VOLUMES, labels, counts[account, region, status])
    yield from family(AGE, "seconds", "The greatest age of the newest good snapshot of a volume.")
    aged = {
        tuple(str(row[name]) for name in LABELS): row["seconds"] for row in rows if row["seconds"] is not None
    }
    for values, seconds in aged.items():
        yield sample(AGE, dict(zip(LABELS, values, strict=True)), seconds)
    yield from family(LOOKED, "seconds", "When the clouds were asked.")
    yield sample(LOOKED, {}, int(looked_at.timestamp()))


def family(name: str, unit: str, text: str) -> Iterator[str]:
    """What stands before the samples of a gauge."""
    yield f"# TYPE {name} gauge"
    if unit:
        yield f"# UNIT {name} {unit}"
    yield f"# HELP {name} {text}"


def sample(name: str, labels: Mapping[str, str], value: int) -> str:
    """One line."""
    inside = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"{name}{{{inside}}} {value}" if inside else f"{name} {value}"


def _escaped(text: str) -> str:
    """A label's value: backslash, quote and line end are escaped; nothing else may stand for a line end."""
    return harmless(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
