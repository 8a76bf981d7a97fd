"""``copies.reconcile``: the promised copies of datasets are there, identical, fresh, and as many as the rule says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from drkit.copies.objectives import reading
from drkit.copies.objectives.chosen import NOTHING_PROMISED, Chosen, chosen, needs, problems
from drkit.core import actions
from drkit.core.verdicts import Conclusion, Outcome, Verdict, worst
from drkit.ports.facts import Facts
from drkit.ports.rooms import Read, Room
from drkit.ports.steps import Setting, Step

# What a comparison counts against an earlier one, which is `copies.grow`'s here.
SINCE = frozenset({"vanished", "overwritten", "appeared"})


class Reconcile(Chosen):
    """Which datasets are compared, and how."""

    versions: bool = False
    """Compare every version, and not the current one of each key."""


def read(arguments: Reconcile, setting: Setting, room: Room) -> Read:
    """Compare the copies of each dataset, one dataset after the other."""
    return Read(
        {
            name: reading.read(name, dataset, room, arguments.memory, versions=arguments.versions)
            for name, dataset in chosen(arguments, setting.estate).items()
        }
    )


def conclude(
    facts: Facts,
    _plan: actions.Plan,
    _outcomes: Mapping[str, actions.Outcome],
    arguments: Reconcile,
    setting: Setting,
) -> Conclusion:
    """A row a copy; FAIL where one surely differs or too few are promised, UNKNOWN where one cannot be judged."""
    if not setting.estate.datasets:
        return Conclusion(Verdict(Outcome.UNKNOWN, NOTHING_PROMISED))
    if facts.read is None:
        return Conclusion(Verdict(Outcome.UNKNOWN, "the copies were not read"))
    told = [
        reading.conclude(name, dataset, facts.read[name], setting.estate)
        for name, dataset in chosen(arguments, setting.estate).items()
    ]
    summary: Counter[str] = Counter()
    for name, each in zip(facts.read, told, strict=True):
        counts = {**facts.read[name].conclusion.summary, **each.summary}
        summary.update({name: count for name, count in counts.items() if name not in SINCE})
    return Conclusion(
        verdict=worst(each.verdict for each in told),
        summary=dict(summary),
        findings=tuple(finding for each in told for finding in each.findings),
        rows=tuple(row for each in told for row in each.rows),
        otherwise=worst(each.otherwise or each.verdict for each in told),
    )


STEP = Step(arguments=Reconcile, problems=problems, needs=needs, conclude=conclude, read=read)
