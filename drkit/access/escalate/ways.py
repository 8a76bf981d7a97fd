"""The ways to more rights, as data: what has to be allowed, on what, and what is gained by it.

A way is one call, and further calls that make it count. The first is on a thing of a kind; its caller needs the
role passed too where one is. The further ones may be somebody else's whom the same person can act as.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto

USER, GROUP, ROLE, POLICY, PROVIDER = "user", "group", "role", "policy", "provider"
NOTHING = ""  # a way that begins with something new


class Gain(StrEnum):
    """What a way gives."""

    BECOME = auto()  # to act as the user or the role
    PASS = auto()  # to act as a role that the service may take
    CODE = auto()  # to act as the role that the thing runs with
    PROVE = auto()  # to act as every role that trusts the provider
    EVERYBODY = auto()  # to act as every user of the account
    RAISE = auto()  # every right for the user, the role, or the group's members
    EDIT = auto()  # another text for the policy
    REVERT = auto()  # an older text for the policy
    JOIN = auto()  # the group's rights for a user
    UNBIND = auto()  # no boundary for the user or the role
    REMOVE = auto()  # the user, the role or the group without a policy of its own
    LEAVE = auto()  # a user without the group's policies
    EVERYTHING = auto()  # a new principal with every right


class When(StrEnum):
    """Of whom a way holds."""

    ALWAYS = auto()
    SECOND_FACTOR = auto()  # the user logs in with one
    NO_SECOND_FACTOR = auto()
    CONSOLE = auto()  # the user can log in
    NO_CONSOLE = auto()


@dataclass(frozen=True, slots=True)
class Way:
    """A way.

    Args:
        action: the first call.
        gain: what it gives.
        kind: what the first call is on: a kind of principal, or of workload; for PASS it is the role.
        further: calls that are needed too, on anything of their kind.
        services: PASS: who takes the role.
        passing: PASS: whether the role has to be passed (``PassRole``).
        when: of which users it holds.
        needs: a kind of workload of which the account has to have one.
        certain: whether it is known to work; else it may.
        source: what tells of it.
    """

    action: str
    gain: Gain
    kind: str
    further: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    passing: bool = True
    when: When = When.ALWAYS
    needs: str = ""
    certain: bool = True
    source: str = ""
