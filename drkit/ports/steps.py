"""What a step is: named functions around one model of arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel

from drkit.core.actions import Action, Outcome, Pending, Plan
from drkit.core.estate import Estate
from drkit.core.verdicts import Conclusion
from drkit.ports.facts import Facts, Query

if TYPE_CHECKING:
    from drkit.core.journal import Told
    from drkit.ports.cloud import Hands
    from drkit.ports.rooms import Read, Room

Arguments = TypeVar("Arguments", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Setting:
    """What a step knows beside its arguments: the same setting and facts give the same plan.

    Args:
        made: what runs of this playbook made for this slot, by its id, with the intention that it came of. It
            is what this estate's journal knows: nothing where there is none, or where nobody asked it.
        proofs: what was found out when snapshots were proven, in any run, the oldest first; from the same journal.
    """

    estate: Estate
    playbook: str
    slot: datetime
    made: Mapping[str, Action] = field(default_factory=dict)
    proofs: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class Work(Generic[Arguments]):
    """The half of a step that changes something.

    Args:
        verbs: of the actions that it plans; no other step plans actions of these verbs.
        plan: pure; the actions that facts and arguments call for.
        run: carries one action out; raises a `drkit.ports.errors.CloudError`.
        find: what came of an action that was intended, where nobody wrote that down; None where it
            surely was not begun.
        poll: raises nothing; asks for many pending actions at once; answers by the action's key.
        existed: pure; how many of the things that its actions destroy or change are there still that were
            there at a moment; None where the facts do not tell. Absent where nothing is destroyed.
    """

    verbs: frozenset[str]
    plan: Callable[[Facts, Arguments, Setting], Plan]
    run: Callable[[Action, Hands], Outcome]
    find: Callable[[Action, Hands], Outcome | None]
    poll: Callable[[Mapping[str, tuple[Action, Pending]], Hands], Mapping[str, Outcome]]
    existed: Callable[[Facts, datetime], int | None] | None = None


@dataclass(frozen=True, slots=True)
class Step(Generic[Arguments]):
    """One verb of playbooks, found under its name in ``drkit.<room>.steps.<verb>`` as ``STEP``.

    Args:
        arguments: the model that is the verb's YAML schema.
        problems: pure; what the arguments name that the estate does not have, as (path, sentence).
        needs: pure; what the step has to know.
        conclude: pure; the verdict on facts and on what came of the actions (by key).
        work: absent for a step that only looks.
        read: reads what no region answers, for as long as that takes, when the playbook runs and not when it is
            planned; it changes nothing but the step's own records. Absent where the regions tell all.
    """

    arguments: type[Arguments]
    problems: Callable[[Arguments, Estate], Iterable[tuple[tuple[str | int, ...], str]]]
    needs: Callable[[Arguments, Setting], Query]
    conclude: Callable[[Facts, Plan, Mapping[str, Outcome], Arguments, Setting], Conclusion]
    work: Work[Arguments] | None = None
    read: Callable[[Arguments, Setting, Room], Read] | None = None


AnyStep = Step[Any]
AnyWork = Work[Any]
