"""What came of proving snapshots, and when each disk was proven last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Protocol

from drkit.core.actions import Action, Done, Failed, Outcome, Pending, Plan, Ref, Skipped, Uncertain, Why
from drkit.core.journal import Told
from drkit.core.times import text_of
from drkit.core.verdicts import Conclusion, Finding, Severity, Verdict, worst
from drkit.core.verdicts import Outcome as VerdictOutcome
from drkit.ports.disks import Disk
from drkit.ports.facts import Facts, Unread
from drkit.ports.steps import Setting
from drkit.snapshots import proofs
from drkit.snapshots.concluding import NOT_CARRIED_OUT, otherwise, unread_verdicts
from drkit.snapshots.making import CREATE_SCRATCH, DELETE_SCRATCH
from drkit.snapshots.proofs import ATTACH, PROVE
from drkit.snapshots.sampling import turn_of
from drkit.snapshots.scratch import is_scratch
from drkit.snapshots.selection import Selection, matches

Place = tuple[str, str, str]
"""Account, region and the disk."""
Chain = dict[str, tuple[Action, Outcome]]
"""By verb, what was done for one disk and what came of it."""
WEEK = timedelta(days=7)
PASSES = ("proven", "already proven", "not its turn")
SKIPPED = {Why.DONE: "already proven", Why.IMPOSSIBLE: "no-snapshot"}
WRONG = {
    "unreadable": "take another snapshot of the disk today, and find out what it was made of",
    "filesystem": "check the disk itself: its file system may be broken too; take another snapshot",
    "content-differs": "see which files differ; what was written after the manifest belongs into no manifest",
    "not-made": "see what the cloud said: no disk could be made of the snapshot",
    "not-attached": "see what the cloud or the broker said: the disk was made, and nobody could read it",
    "no-snapshot": "take a snapshot: `snapshots.cover` says why there is none",
}


class Sampled(Protocol):
    """The arguments of the step, as far as they say whose turn it is."""

    sample: int | str
    turn: timedelta
    data_disks_only: bool


def is_eligible(arguments: Any, disk: Disk) -> bool:
    """Whether a turn comes to a disk."""
    selected: Selection = arguments
    return (
        matches(selected, disk) and not is_scratch(disk) and not (arguments.data_disks_only and disk.system)
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One disk.

    Args:
        snapshot: that was read in this run, or was to be.
        scratch: what became of the disk that was made.
        filesystem, files, manifest: what was found on it; the manifest by the sha256 of its bytes.
        proven: when a snapshot of the disk was last found to be good.
        weeks: within how many weeks that was; None where it never was.
    """

    account: str
    region: str
    disk: str
    status: str
    why: str = ""
    snapshot: str = ""
    scratch: str = ""
    filesystem: str = ""
    files: int = 0
    manifest: str = ""
    proven: str = ""
    weeks: int | None = None

    @property
    def verdict(self) -> Verdict:
        """FAIL where a snapshot surely is no good, UNKNOWN where nobody can say."""
        if self.status in PASSES:
            return Verdict(VerdictOutcome.PASS)
        outcome = VerdictOutcome.FAIL if self.status in WRONG else VerdictOutcome.UNKNOWN
        return Verdict(outcome, f"{self.disk}: {self.why}")

    def as_data(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {each.name: getattr(self, each.name) for each in fields(Row)}


def conclude(
    facts: Facts, plan: Plan, outcomes: Mapping[str, Outcome], arguments: Any, setting: Setting
) -> Conclusion:
    """FAIL where a snapshot cannot be read, or holds something else; UNKNOWN where it was not read, or not compared."""
    chains = _chains(plan, outcomes)
    skipped = {(each.account, each.region, each.target): each for each in plan.skipped}
    last = _last(setting)
    rows = [
        *(
            _row(place, chains.get(place, {}), skipped.get(place), facts, last)
            for place in {**chains, **skipped}
        ),
        *_others(facts, arguments, {**chains, **skipped}, last),
    ]
    verdicts = [*unread_verdicts(facts), *_unread_hosts(facts), *(row.verdict for row in rows)]
    return Conclusion(
        verdict=_with_count(worst(verdicts), rows),
        summary=_summary(facts, arguments, setting, rows),
        findings=tuple(_findings(rows)),
        rows=tuple(row.as_data() for row in rows),
        otherwise=otherwise(verdicts),
    )


def _unread_hosts(facts: Facts) -> Iterator[Verdict]:
    for region in facts.regions:
        if isinstance(region.hosts, Unread):
            told = f"the hosts of {region.scope} were not read: {region.hosts.reason}"
            yield Verdict(VerdictOutcome.UNKNOWN, told)


def _chains(plan: Plan, outcomes: Mapping[str, Outcome]) -> dict[Place, Chain]:
    chains: dict[Place, Chain] = {}
    for action in plan.actions:
        place = action.account, action.region, str(action.arguments["source"])
        chain = chains.setdefault(place, {})
        # An action that was planned anew upon a known id stands beside the one that was given up.
        if not isinstance(chain.get(action.verb, (action, None))[1], Done | Pending):
            chain[action.verb] = action, outcomes.get(action.key, NOT_CARRIED_OUT)
    return chains


def _row(
    place: Place, chain: Chain, skipped: Skipped | None, facts: Facts, last: Mapping[Place, Told]
) -> Row:
    status, why, told = _found(chain, skipped)
    snapshot = next(
        (str(each.arguments["snapshot"]) for each, _ in chain.values() if "snapshot" in each.arguments), ""
    )
    if status == "proven":
        proven: str = text_of(facts.looked_at)
    else:
        proven = last[place].at if place in last else ""
    return Row(
        *place,
        status,
        why,
        snapshot,
        _scratch(chain),
        filesystem=str(told.get("filesystem", "")),
        files=int(told.get("files", 0)),
        manifest=str(told.get("manifest", "")),
        proven=proven,
        weeks=_weeks(proven, facts.looked_at),
    )


def _found(chain: Chain, skipped: Skipped | None) -> tuple[str, str, Mapping[str, Any]]:
    """Status, reason and what the host told of a disk."""
    outcome = chain[PROVE][1] if PROVE in chain else None
    if isinstance(outcome, Done):
        return _told(outcome.told)
    if skipped:
        return SKIPPED.get(skipped.why, "unknown"), skipped.reason, {}
    if PROVE not in chain:
        return "not its turn", "what was left of an earlier process was torn down", {}
    return (*_in_the_way(chain), {})


def _in_the_way(chain: Chain) -> tuple[str, str]:
    """The first that kept a disk from being read."""
    for verb, status in ((CREATE_SCRATCH, "not-made"), (ATTACH, "not-attached"), (PROVE, "not-attached")):
        match chain.get(verb, (None, None))[1]:
            case Failed(_, reason):
                return status, reason
            case Uncertain(reason):
                return "unknown", reason
            case Pending(token):
                return "unknown", f"the cloud still works on {token}"
    return "unknown", NOT_CARRIED_OUT.reason


def _told(told: Mapping[str, Any]) -> tuple[str, str, Mapping[str, Any]]:
    why = str(told["why"])
    if told["result"] == proofs.PASS:
        return "proven", why, told
    known = told["result"] == proofs.FAIL and told["kind"] in WRONG
    return (str(told["kind"]) if known else "unknown"), why, told


def _scratch(chain: Chain) -> str:
    """What became of the scratch disk."""
    action, outcome = chain.get(DELETE_SCRATCH, (None, None))
    if action is None or isinstance(action.target, Ref):
        return ""
    if isinstance(outcome, Done):
        return "removed"
    reason = outcome.reason if isinstance(outcome, Failed | Uncertain) else "it is still being removed"
    return f"{action.target} was left behind: {reason}"


def _last(setting: Setting) -> dict[Place, Told]:
    """The last proof of each disk that found its snapshot good."""
    return {
        (each.action.account, each.action.region, str(each.action.arguments["source"])): each
        for each in setting.proofs
        if each.told.get("result") == proofs.PASS
    }


def _weeks(proven: str, now: datetime) -> int | None:
    """Within how many weeks that was: one, where it was within the last."""
    return max(1, -((datetime.fromisoformat(proven) - now) // WEEK)) if proven else None


def _others(
    facts: Facts, arguments: Any, known: Mapping[Place, Any], last: Mapping[Place, Told]
) -> Iterator[Row]:
    """The disks whose turn it is not."""
    for region in facts.regions:
        for disk in () if isinstance(region.disks, Unread) else region.disks:
            place = (region.scope.account, region.scope.region, disk.id)
            if place in known or not is_eligible(arguments, disk):
                continue
            proven = last[place].at if place in last else ""
            told = str(last[place].action.arguments["snapshot"]) if place in last else ""
            weeks = _weeks(proven, facts.looked_at)
            yield Row(*place, "not its turn", snapshot=told, proven=proven, weeks=weeks)


def _summary(facts: Facts, arguments: Sampled, setting: Setting, rows: list[Row]) -> dict[str, int]:
    """Counts; in how many turns all disks have had theirs, and how many were never proven."""
    counts = Counter(row.status for row in rows)
    turns = [
        turn_of(ids, arguments.sample, setting.slot, arguments.turn).turns
        for ids in _eligible(facts, arguments)
    ]
    sampled = len(rows) - counts.pop("not its turn", 0)
    return {
        "disks": len(rows),
        "sampled": sampled,
        **dict(sorted(counts.items())),
        "turns": max(turns, default=0),
        "never proven": sum(row.weeks is None for row in rows),
    }


def _eligible(facts: Facts, arguments: Any) -> Iterator[list[str]]:
    for region in facts.regions:
        if not isinstance(region.disks, Unread):
            yield [disk.id for disk in region.disks if is_eligible(arguments, disk)]


def _with_count(verdict: Verdict, rows: list[Row]) -> Verdict:
    """A FAIL says how many, and names the first."""
    if verdict.outcome is not VerdictOutcome.FAIL:
        return verdict
    bad = sum(row.status in WRONG for row in rows)
    return Verdict(
        VerdictOutcome.FAIL, f"{bad} disks have no snapshot that is proven, the first: {verdict.reason}"
    )


def _findings(rows: list[Row]) -> Iterator[Finding]:
    for row in rows:
        if row.status in WRONG:
            yield Finding(
                id=f"snapshots.prove/{row.status}",
                severity=Severity.HIGH,
                subject=row.disk,
                where=f"{row.account}/{row.region}",
                why=f"{row.snapshot}: {row.why}" if row.snapshot else row.why,
                fix=WRONG[row.status],
            )
