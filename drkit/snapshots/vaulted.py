"""What came of making copies in a vault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from drkit.core.actions import Action, Done, Failed, Outcome, Pending, Plan, Ref, Skipped, Uncertain, Why
from drkit.core.verdicts import Conclusion, Finding, Severity, Verdict, worst
from drkit.core.verdicts import Outcome as VerdictOutcome
from drkit.ports.facts import Facts
from drkit.ports.steps import Setting
from drkit.snapshots import trouble
from drkit.snapshots.concluding import NOT_CARRIED_OUT, otherwise, unread_verdicts
from drkit.snapshots.elsewhere import NEVER_ARRIVED
from drkit.snapshots.elsewhere import VERB as COPY
from drkit.snapshots.lendable import VERB as CREATE_LENDABLE
from drkit.snapshots.lending import LEND, TAKE_BACK
from drkit.snapshots.making import CREATE_FULL, CREATE_SCRATCH, DELETE_SCRATCH
from drkit.snapshots.vaulting import KEY_REFUSED

Place = tuple[str, str, str]
"""Account, region and the disk that is copied."""
Chain = dict[str, list[tuple[Action, Outcome]]]
"""By verb, what was done for one disk and what came of it."""
PASSES = ("copied", "already there", "scratch", "taken back")
FIXES: Mapping[str, str] = {
    "impossible": "leave it out, copy it in another way, or see that `snapshots.take` makes a good snapshot",
    "not-shareable": "copy it in another way. Tencent Cloud shares data disks' snapshots alone (362/38073), and of "
    "encrypted ones says nothing there, so its answer counts; AWS shares none that an account's default key encrypts "
    "(EBS User Guide, Share an Amazon EBS snapshot): encrypt with a key of your own there",
    "key-refused": "let the vault's account use the key that encrypts the snapshot: DescribeKey, CreateGrant, Decrypt, "
    "GenerateDataKey and ReEncrypt, in the key's policy and for who makes the copies",
    "share-quota": "a snapshot is shared with 50 accounts at most: take some back",
    "share-refused": "see what the broker or the cloud said; the next run of the same slot tries again",
    "disk-failed": "see what the cloud said of the vault's scratch disk: its balance, its zone, its quota of disks",
    "quota": "raise the vault's quota of snapshots in this region; then run the slot again",
    "never-arrived": "see in the vault what became of it; the snapshot itself is good",
    "failed": "see what the cloud said; the next run of the same slot tries again",
}
STILL_SHARED = "take the share back by hand, or see that the broker runs: the next run tries again"
_ARRIVED_NEVER = ("Vanished", "Spoiled", NEVER_ARRIVED)
_SHARING = {
    "InvalidSnapshot.NotSupported": "not-shareable",
    "OperationNotPermitted": "not-shareable",
    "ResourceInsufficient.OverQuota": "share-quota",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One disk: whether the vault has its copy, and what became of the scratch disk and of the loan.

    A copy of that copy in another region of the vault has a row of its own, with the vault's account and that region.
    """

    account: str
    region: str
    disk: str
    status: str
    why: str = ""
    vault: str = ""
    snapshot: str = ""
    scratch: str = ""
    share: str = ""

    @property
    def verdict(self) -> Verdict:
        """FAIL where the vault surely has no copy or a loan did not end, UNKNOWN where nobody can say."""
        if self.status in FIXES:
            return Verdict(VerdictOutcome.FAIL, f"{self.disk}: {self.why}")
        if self.is_still_shared:
            return Verdict(VerdictOutcome.FAIL, f"{self.disk}: {self.share}")
        if self.status in PASSES:
            return Verdict(VerdictOutcome.PASS)
        return Verdict(VerdictOutcome.UNKNOWN, f"{self.disk}: {self.why}")

    @property
    def is_still_shared(self) -> bool:
        """Whether a snapshot of it was lent and is not known to have been taken back."""
        return self.share not in ("", "taken back")

    def findings(self) -> Iterator[Finding]:
        """What is surely wrong."""
        where = f"{self.account}/{self.region}"
        if self.status in FIXES:
            id_ = f"snapshots.vault/{self.status}"
            yield Finding(id_, Severity.HIGH, self.disk, where, self.why, FIXES[self.status])
        if self.is_still_shared:
            id_ = "snapshots.vault/still-shared"
            yield Finding(id_, Severity.HIGH, self.disk, where, self.share, STILL_SHARED)

    def as_data(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {name: getattr(self, name) for name in Row.__slots__}


def conclude(
    facts: Facts,
    plan: Plan,
    outcomes: Mapping[str, Outcome],
    arguments: Any,
    _setting: Setting,
) -> Conclusion:
    """FAIL where the vault surely has no copy of this slot, or sees what it should not see any more."""
    chains = _chains(plan, outcomes)
    skipped = {(each.account, each.region, each.target): each for each in plan.skipped}
    places = {**chains, **skipped}
    rows = [_row(place, chains.get(place, {}), skipped.get(place), arguments.vault) for place in places]
    verdicts = [*unread_verdicts(facts), *(row.verdict for row in rows)]
    counts = Counter(row.status for row in rows)
    return Conclusion(
        verdict=_with_count(worst(verdicts), rows),
        summary={"disks": sum(row.account != row.vault for row in rows), **dict(sorted(counts.items()))},
        findings=tuple(finding for row in rows for finding in row.findings()),
        rows=tuple(row.as_data() for row in rows),
        otherwise=otherwise(verdicts),
    )


def _chains(plan: Plan, outcomes: Mapping[str, Outcome]) -> dict[Place, Chain]:
    chains: dict[Place, Chain] = {}
    for action in plan.actions:
        outcome = outcomes.get(action.key, NOT_CARRIED_OUT)
        chains.setdefault(_place(action), {}).setdefault(action.verb, []).append((action, outcome))
    return chains


def _place(action: Action) -> Place:
    arguments = action.arguments
    if action.verb == COPY:
        return action.account, str(arguments["to"]), str(arguments["source"])
    return str(arguments.get("owner", action.account)), action.region, str(arguments["disk"])


def _best(chain: Chain, verb: str) -> tuple[Action, Outcome] | None:
    """An action that was planned anew upon a known id stands beside the one that was given up."""
    found = chain.get(verb, [])
    good = [each for each in found if isinstance(each[1], Done)]
    good = good or [each for each in found if isinstance(each[1], Pending)]
    return (good or found)[-1] if found else None


def _row(place: Place, chain: Chain, skipped: Skipped | None, vault: str) -> Row:
    status, why, snapshot = _copy(chain, skipped)
    return Row(*place, status, why, vault, snapshot, _scratch(chain), _share(chain))


def _copy(chain: Chain, skipped: Skipped | None) -> tuple[str, str, str]:
    """Status, reason and snapshot of a disk."""
    made = _best(chain, CREATE_FULL) or _best(chain, COPY)
    if made and isinstance(made[1], Done):
        return "copied", "", made[1].created
    if skipped and skipped.why is Why.DONE:
        return "already there", skipped.reason, ""
    if skipped is None and chain.keys() == {TAKE_BACK} and _share(chain) == "taken back":
        return "taken back", "the disk is gone, and a snapshot of it was still lent", ""
    return (
        _first_wrong(chain)
        or (skipped and (skipped.why.value, skipped.reason, ""))
        or ("uncertain", NOT_CARRIED_OUT.reason, "")
    )


def _first_wrong(chain: Chain) -> tuple[str, str, str] | None:
    """The first that is not done is the reason of all that come after it."""
    for verb in (CREATE_LENDABLE, LEND, CREATE_SCRATCH, CREATE_FULL, COPY):
        match _best(chain, verb):
            case (_, Failed(code, reason)):
                return _kind(verb, code), reason, ""
            case (_, Uncertain(reason)):
                return "uncertain", reason, ""
            case (_, Pending(token)):
                return "pending", f"{token} is still being made", ""
    return None


def _kind(verb: str, code: str) -> str:
    if verb == LEND:
        return _SHARING.get(code, "share-refused")
    if code == "NotLent":
        return "share-refused"
    if verb == CREATE_SCRATCH:
        return "disk-failed"
    if code == KEY_REFUSED:
        return "key-refused"
    if code in _ARRIVED_NEVER and verb != CREATE_LENDABLE:
        return "never-arrived"
    return "quota" if trouble.kind_of(code) == trouble.QUOTA else "failed"


def _scratch(chain: Chain) -> str:
    """What became of the scratch disk."""
    found = _best(chain, DELETE_SCRATCH)
    if found is None or isinstance(found[0].target, Ref):
        return ""
    action, outcome = found
    return "removed" if isinstance(outcome, Done) else f"{action.target} was left behind: {_told(outcome)}"


def _share(chain: Chain) -> str:
    """What became of the loans; one that was refused has nothing to take back, nor what was never made."""
    lent = [each for each in chain.get(LEND, []) if not isinstance(each[0].target, Ref)]
    begun = {action.target for action, outcome in lent if not isinstance(outcome, Failed)}
    ended = [each for each in chain.get(TAKE_BACK, []) if not isinstance(each[0].target, Ref)]
    begun |= {action.target for action, _ in ended if action.target not in _refused(chain)}
    back = {action.target for action, outcome in ended if isinstance(outcome, Done)}
    for action, outcome in ended:
        if action.target in begun - back:
            return f"{action.target} is still shared with the vault: {_told(outcome)}"
    for target in sorted(map(str, begun - back)):
        return f"{target} is still shared with the vault: {NOT_CARRIED_OUT.reason}"
    return "taken back" if back & begun else ""


def _refused(chain: Chain) -> set[Any]:
    return {action.target for action, outcome in chain.get(LEND, []) if isinstance(outcome, Failed)}


def _told(outcome: Outcome) -> str:
    return outcome.reason if isinstance(outcome, Failed | Uncertain) else "it is still being done"


def _with_count(verdict: Verdict, rows: list[Row]) -> Verdict:
    """A FAIL says how many, and names the first."""
    if verdict.outcome is not VerdictOutcome.FAIL:
        return verdict
    bad = sum(row.verdict.outcome is VerdictOutcome.FAIL for row in rows)
    return Verdict(
        VerdictOutcome.FAIL,
        f"{bad} of {len(rows)} copies are not as they should be, the first: {verdict.reason}",
    )
