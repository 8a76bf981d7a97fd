"""Which of the watched actions somebody may do: rather too many than too few.

A condition counts as met in an allow and as not met in a deny, a resource as the one that hurts; a deny takes away
only what it surely denies everywhere. So what is found may be less in truth, and what is not found is not there,
unless something could not be read, which is told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from drkit.access.checks.frame import allows, denies, every_resource
from drkit.access.known import Held, Holder, Known
from drkit.access.language.form import Dialect, Document, Statement
from drkit.access.watched import Harm, harms, reached

# Keys that ask for a second factor, or for a place that one has to be at.
GUARDS = (
    *("qcs:mfa", "qcs:ip", "aws:multifactorauthpresent", "aws:multifactorauthage", "aws:sourceip"),
    *("aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip"),
)
EVERYWHERE = frozenset({"0.0.0.0/0", "::/0"})


@dataclass(frozen=True, slots=True)
class Right:
    """A watched action that somebody may do, and the statement that allows it first."""

    action: str
    policy: str
    statement: int


def allowed_by(document: Document) -> Iterator[tuple[Statement, frozenset[str]]]:
    """Each statement that allows watched actions, with these."""
    for each in allows(document):
        if found := named(document.dialect, each):
            yield each, found


def named(dialect: Dialect, statement: Statement) -> frozenset[str]:
    """The watched actions that a statement names, also by those that it leaves out."""
    if statement.not_actions is not None:
        left_out = (reached(dialect, one) for one in statement.not_actions)
        return frozenset(harms(dialect)) - frozenset().union(*left_out)
    return frozenset().union(*(reached(dialect, one) for one in statement.actions or ()))


def denied_by(document: Document) -> frozenset[str]:
    """The watched actions that a document surely denies on everything."""
    if document.strange:
        return frozenset()
    found = (
        named(document.dialect, each)
        for each in denies(document)
        if not each.conditions and every_resource(each) and each.not_actions is None
    )
    return frozenset().union(*found)


def rights(known: Known, holder: Holder) -> dict[str, Right]:
    """What somebody may do of what is watched, by action."""
    held = list(known.held(holder))
    found = _allowed(held)
    kept = found.keys() - frozenset().union(*(denied_by(each.document) for each in held))
    if isinstance(holder.boundary, str) and holder.boundary:
        limit = known.document(holder.boundary)
        if not limit.strange:
            within = frozenset().union(*(actions for _, actions in allowed_by(limit))) - denied_by(limit)
            kept &= within
    return {action: right for action, right in found.items() if action in kept}


def _allowed(held: Iterable[Held]) -> dict[str, Right]:
    found: dict[str, Right] = {}
    for each in held:
        for statement, actions in allowed_by(each.document):
            for action in sorted(actions):
                found.setdefault(action, Right(action, each.policy, statement.index))
    return found


def of_harm(dialect: Dialect, actions: Iterable[str], *wanted: Harm) -> list[str]:
    """The actions that do one of these."""
    by_action = harms(dialect)
    return sorted(action for action in actions if by_action[action] in wanted)


def guarded(statement: Statement) -> bool:
    """Whether a condition asks for a second factor or a place, and not for any place at all."""
    return any(
        each.key.lower() in GUARDS
        and not each.operator.lower().endswith(("_if_exist", "ifexists"))
        and not EVERYWHERE & {str(value) for value in each.values}
        for each in statement.conditions
    )


def some(names: Iterable[str], most: int = 5) -> str:
    """A few of many names, in words."""
    listed = sorted(names)
    more = len(listed) - most
    return ", ".join(listed[:most]) + (f" and {more} more" if more > 0 else "")
