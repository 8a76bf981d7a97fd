"""What the evidence tells a night: the manifests of each copy so far, and what this run found of it already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from drkit.copies.refusal import RefusedError

Copy = tuple[str, str]
"""A dataset and one of its copies, by name."""
Lost = Mapping[str, frozenset[tuple[str, int]]]
"""Keys by what came of them, in the words of `comparing.LOST`, each with the manifest that first lacks it."""

LACKING = MappingProxyType(
    {
        "missing": ("vanished", "version-deleted"),
        "size_differs": ("overwritten",),
        "checksum_differs": ("overwritten",),
    }
)
"""What `copies.reconcile` counts, and how the same is called since the last night."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a finding named when it was opened, and names still: nobody is told of what it came to name after that.

    Args:
        number: of the copy's manifest that was the next to be made then.
    """

    number: int
    keys: frozenset[str]


@dataclass(slots=True)
class Remembered:
    """What the evidence tells.

    Args:
        heads: the digests of the heads of every copy's manifests, from the first, as `copies.grow` told its rows.
        above: what open findings of this run's earlier steps named when they were opened; only where they name every
            key.
    """

    heads: Mapping[Copy, list[str]] = field(default_factory=dict)
    above: Mapping[Copy, Lost] = field(default_factory=dict)


def remembered(entries: Iterable[Mapping[str, Any]]) -> Remembered:
    """Read the evidence once, to its end; the run that began or went on last is this one.

    Raises:
        RefusedError: a manifest is left out between others.
    """
    heads: dict[Copy, dict[int, str]] = {}
    rows: dict[str, dict[Copy, Mapping[str, Any]]] = {}  # of runs that have not ended
    above: dict[str, dict[Copy, Lost]] = {}
    opened: dict[tuple[str, str, Copy], dict[str, Opened]] = {}  # by playbook and step
    playbooks: dict[str, str] = {}
    this = ""
    for entry in entries:
        run = str(entry.get("run"))
        match entry.get("kind"):
            case "run.started" | "run.resumed":
                this = run
                playbooks.setdefault(run, str(entry.get("playbook")))
            case "run.concluded":
                rows.pop(run, None)
                above.pop(run, None)
            case "step.rows":
                for row in _of_copies(entry["rows"]):
                    copy = (row["dataset"], row["copy"])
                    if isinstance(row.get("manifest"), dict) and "growth" in row:
                        heads.setdefault(copy, {})[row["manifest"]["number"]] = row["manifest"]["head"]
                    if "keys" in row:
                        rows.setdefault(run, {})[copy] = row["keys"]
            case "step.concluded":
                for copy, keys in rows.pop(run, {}).items():
                    place = (playbooks.get(run, ""), str(entry.get("step")), copy)
                    now = _open(copy, keys, entry, len(heads.get(copy, ())) + 1)
                    opened[place] = _still(opened.get(place, {}), now)
                    above.setdefault(run, {})[copy] = _lost(opened[place])
    return Remembered({copy: _in_order(copy, each) for copy, each in heads.items()}, above.get(this, {}))


def _of_copies(rows: Iterable[Any]) -> list[Mapping[str, Any]]:
    return [row for row in rows if isinstance(row, dict) and "dataset" in row and "copy" in row]


def _open(
    copy: Copy, keys: Mapping[str, Any], concluded: Mapping[str, Any], number: int
) -> dict[str, Opened]:
    """What the open findings of a step name, as if they were opened now; what is waived is none."""
    is_open = {(each["id"], each["subject"]) for each in concluded["findings"]}
    return {
        how: Opened(number, frozenset(keys.get(how, ())))
        for how in LACKING
        if (f"copies.reconcile/{how.replace('_', '-')}", "/".join(copy)) in is_open
    }


def _still(before: Mapping[str, Opened], now: Mapping[str, Opened]) -> dict[str, Opened]:
    """What is open now, each as it was when it was opened."""
    return {
        how: Opened(before[how].number, before[how].keys & each.keys) if how in before else each
        for how, each in now.items()
    }


def _lost(opened: Mapping[str, Opened]) -> Lost:
    lost: dict[str, frozenset[tuple[str, int]]] = {}
    for how, each in opened.items():
        for fate in LACKING[how]:
            lost[fate] = lost.get(fate, frozenset()) | {(key, each.number) for key in each.keys}
    return lost


def _in_order(copy: Copy, heads: dict[int, str]) -> list[str]:
    if sorted(heads) != list(range(1, len(heads) + 1)):
        raise RefusedError("chain-unknown", f"the evidence leaves out a manifest of {'/'.join(copy)}")
    return [heads[number] for number in sorted(heads)]
