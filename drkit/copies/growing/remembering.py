"""What the evidence tells a night: the manifests of each copy so far, and what this run found of it already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from drkit.copies.refusal import RefusedError

Copy = tuple[str, str]
"""A dataset and one of its copies, by name."""
Keys = Mapping[str, frozenset[str]]
"""Keys by what came of them, in the words of `comparing.LOST`."""

LACKING = MappingProxyType(
    {
        "missing": ("vanished", "version-deleted"),
        "size_differs": ("overwritten",),
        "checksum_differs": ("overwritten",),
    }
)
"""What `copies.reconcile` counts, and how the same is called since the last night."""


@dataclass(slots=True)
class Remembered:
    """What the evidence tells.

    Args:
        heads: the digests of the heads of every copy's manifests, from the first, as `copies.grow` told its rows.
        above: what open findings of this run's earlier steps name; only where they name every key.
    """

    heads: Mapping[Copy, list[str]] = field(default_factory=dict)
    above: Mapping[Copy, Keys] = field(default_factory=dict)


def remembered(entries: Iterable[Mapping[str, Any]]) -> Remembered:
    """Read the evidence once, to its end; the run that began or went on last is this one.

    Raises:
        RefusedError: a manifest is left out between others.
    """
    heads: dict[Copy, dict[int, str]] = {}
    rows: dict[str, dict[Copy, Mapping[str, Any]]] = {}  # of runs that have not ended
    above: dict[str, dict[Copy, Keys]] = {}
    this = ""
    for entry in entries:
        run = str(entry.get("run"))
        match entry.get("kind"):
            case "run.started" | "run.resumed":
                this = run
            case "run.concluded":
                rows.pop(run, None)
                above.pop(run, None)
            case "step.rows":
                for row in _of_copies(entry["rows"]):
                    copy = (row["dataset"], row["copy"])
                    if isinstance(row.get("manifest"), dict) and "growth" in row:
                        heads.setdefault(copy, {})[row["manifest"]["number"]] = row["manifest"]["head"]
                    if row.get("keys"):
                        rows.setdefault(run, {})[copy] = row["keys"]
            case "step.concluded":
                above.setdefault(run, {}).update(_named(rows.pop(run, {}), entry))
    return Remembered({copy: _in_order(copy, each) for copy, each in heads.items()}, above.get(this, {}))


def _of_copies(rows: Iterable[Any]) -> list[Mapping[str, Any]]:
    return [row for row in rows if isinstance(row, dict) and "dataset" in row and "copy" in row]


def _named(rows: Mapping[Copy, Mapping[str, Any]], concluded: Mapping[str, Any]) -> dict[Copy, Keys]:
    """The keys that open findings of a step name; what is waived is none."""
    is_open = {(each["id"], each["subject"]) for each in concluded["findings"]}
    found: dict[Copy, Keys] = {}
    for copy, keys in rows.items():
        named: dict[str, frozenset[str]] = {}
        for how, fates in LACKING.items():
            if (f"copies.reconcile/{how.replace('_', '-')}", "/".join(copy)) in is_open:
                named |= {fate: named.get(fate, frozenset()) | set(keys.get(how, ())) for fate in fates}
        found[copy] = named
    return found


def _in_order(copy: Copy, heads: dict[int, str]) -> list[str]:
    if sorted(heads) != list(range(1, len(heads) + 1)):
        raise RefusedError("chain-unknown", f"the evidence leaves out a manifest of {'/'.join(copy)}")
    return [heads[number] for number in sorted(heads)]
