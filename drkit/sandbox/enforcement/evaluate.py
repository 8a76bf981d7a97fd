"""The decision: an explicit deny wins, then an allow, else it is denied (598/10605)."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from drkit.sandbox.enforcement.conditions import Circumstances
from drkit.sandbox.enforcement.documents import Policy, Statement
from drkit.sandbox.enforcement.patterns import Owner, action_fits, resource_fits


@dataclass(frozen=True, slots=True)
class Rights:
    """What a caller has: the policies that grant, and limits that each have to allow as well.

    A limit is a permissions boundary or a session policy.
    """

    granting: tuple[Policy, ...]
    limits: tuple[Policy, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """One question.

    Args:
        actions: the action's name, and other names by which an allow may mean it.
        resource: six segments, or ``*``.
        owner: the root account of the caller's policies.
        seen: the values that the call has for a key of a condition, None where it has no such key.
    """

    actions: tuple[str, ...]
    resource: str
    owner: Owner
    seen: Circumstances


def permitted(rights: Rights, asked: Asked) -> bool:
    """Whether the caller may."""
    everything = (*rights.granting, *rights.limits)
    if any(
        concerns(one, asked) for policy in everything for one in about(policy, asked.actions, allow=False)
    ):
        return False
    return allows(rights.granting, asked) and all(allows((limit,), asked) for limit in rights.limits)


def allows(policies: Sequence[Policy], asked: Asked) -> bool:
    """Whether one of the policies has a statement that allows it."""
    return any(
        concerns(one, asked) for policy in policies for one in about(policy, asked.actions, allow=True)
    )


@functools.lru_cache(maxsize=16_384)
def about(policy: Policy, actions: tuple[str, ...], *, allow: bool) -> tuple[Statement, ...]:
    """The statements of a policy that allow, or deny, an action on something."""
    names = actions if allow else actions[:1]
    return tuple(
        one
        for one in policy.statements
        if one.allow is allow
        if any(action_fits(pattern, name, wide=allow) for pattern in one.actions for name in names)
    )


def concerns(statement: Statement, asked: Asked) -> bool:
    """Whether a statement about the action is about the resource and the circumstances too."""
    wide = statement.allow
    return any(
        resource_fits(one, asked.resource, asked.owner, wide=wide) for one in statement.resources
    ) and all(one.holds(asked.seen, asked.owner.variables, wide=wide) for one in statement.conditions)
