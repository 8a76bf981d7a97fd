"""What changed for a playbook since people were last told, as the evidence says it; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Entry = Mapping[str, Any]
Findings = dict[str, dict[str, Any]]
"""By fingerprint."""


@dataclass(slots=True)
class Concluded:
    """What the evidence tells of one run.

    Args:
        verdict: empty until it concluded.
        owed: people were to be told of it, and nothing says that they were.
        open: by the step's name, since a step that is told of twice counts as it was told last.
        unsure: by the step's name, whether something could not be judged.
    """

    verdict: str = ""
    owed: bool = False
    open: dict[str, Findings] = field(default_factory=dict)
    waived: dict[str, Findings] = field(default_factory=dict)
    unsure: dict[str, bool] = field(default_factory=dict)

    @property
    def state(self) -> tuple[str, frozenset[str]]:
        """What people are told about: the verdict, and which findings are open."""
        return self.verdict, frozenset(_all(self.open))


@dataclass(frozen=True, slots=True)
class Change:
    """The difference between a run and the last one that nobody has to be told of any more.

    Args:
        was: the verdict then; None where there was no such run.
        new: findings that are open now and were not.
        gone: fingerprints that were open and surely are no more: mended, or waived.
        not_seen: fingerprints that were open and were not found by a run that could not judge everything.
        waived: all findings that are waived now, each with its waiver.
    """

    was: str | None
    new: tuple[dict[str, Any], ...]
    gone: tuple[str, ...]
    not_seen: tuple[str, ...]
    waived: tuple[dict[str, Any], ...]


def change(entries: Iterable[Entry], playbook: str, run: str, verdict: str) -> Change | None:
    """What is to be told of a run that is about to conclude with a verdict; None where nothing changed.

    It is compared with the last concluded run of its playbook; one whose message did not get through is
    passed over, so that its news is told by the next. A playbook's first run is a change.
    """
    runs, before = _gather(entries, playbook, run)
    now = runs.get(run, Concluded())
    now.verdict = verdict
    if before is not None and before.state == now.state:
        return None
    is_open, waived, was_open = _all(now.open), _all(now.waived), _all(before.open) if before else {}
    missing = [fingerprint for fingerprint in was_open if fingerprint not in is_open]
    not_seen = [each for each in missing if each not in waived] if any(now.unsure.values()) else []
    return Change(
        was=before.verdict if before else None,
        new=tuple(finding for fingerprint, finding in is_open.items() if fingerprint not in was_open),
        gone=tuple(each for each in missing if each not in not_seen),
        not_seen=tuple(not_seen),
        waived=tuple(waived.values()),
    )


def _gather(
    entries: Iterable[Entry], playbook: str, run: str
) -> tuple[dict[str, Concluded], Concluded | None]:
    """The playbook's runs by their ids, and the one to compare with."""
    runs: dict[str, Concluded] = {}
    order: list[str] = []
    for entry in entries:
        name = entry.get("run")
        if entry.get("kind") == "run.started" and entry.get("playbook") == playbook:
            runs.setdefault(str(name), Concluded())
        elif isinstance(name, str) and name in runs:
            if entry.get("kind") == "run.concluded":
                order.append(name)
            _add(runs[name], entry)
    told = [runs[name] for name in order if name != run and not runs[name].owed]
    return runs, told[-1] if told else None


def _add(run: Concluded, entry: Entry) -> None:
    match entry.get("kind"):
        case "step.concluded":
            run.open[entry["step"]] = _by_fingerprint(entry["findings"])
            run.unsure[entry["step"]] = entry.get("unsure", entry["verdict"] == "unknown")
            run.waived[entry["step"]] = _by_fingerprint(entry.get("waived", []))
        case "run.concluded":
            run.verdict = entry["verdict"]
        case "notify.intended":
            run.owed = True
        case "notify.told":
            run.owed = False


def _by_fingerprint(findings: Iterable[dict[str, Any]]) -> Findings:
    return {finding["fingerprint"]: finding for finding in findings}


def _all(by_step: Mapping[str, Findings]) -> Findings:
    """Those of all steps; a finding of two steps is one."""
    return {
        fingerprint: finding for findings in by_step.values() for fingerprint, finding in findings.items()
    }
