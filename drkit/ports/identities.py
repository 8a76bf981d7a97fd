"""Who there is in an account and what is attached to whom, as plain data: CAM and IAM in one form.

What could not be read stands as `Unread` in the place of the value: a whole kind (the users), or one field of one
thing (the boundary of one user). Ids: a user of CAM is its UIN, a group its number as text, a role its name, a
policy its number as text. Everything of IAM is its ARN; a policy inside a user, group or role has the id
``HOLDER#NAME``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from drkit.ports.unread import NOT_ASKED, Unread


class Origin(StrEnum):
    """Who wrote a policy."""

    CUSTOM = "custom"
    PRESET = "preset"
    INLINE = "inline"


@dataclass(frozen=True, slots=True)
class Version:
    """One text of a policy that is not in force, but could be put in force."""

    id: str
    document: str | Unread


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy.

    Args:
        version: the id of the text in force; empty where there are no versions.
        document: the text in force, as JSON.
        others: the texts that are not in force.
    """

    id: str
    name: str
    origin: Origin
    version: str
    document: str | Unread
    others: tuple[Version, ...] | Unread = ()
    created: datetime | None = None
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A policy that somebody has, by its id, and since when; None where nobody said."""

    policy: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """An access key, without its secret.

    Args:
        active: None where the cloud did not say.
        last_used: None where it was never used, as far as the cloud knows; CAM knows it a day late.
    """

    id: str
    active: bool | None
    created: datetime | None
    last_used: datetime | Unread | None
    description: str = ""


@dataclass(frozen=True, slots=True)
class User:
    """A user.

    Args:
        console: whether it may log in to the console; None where the cloud did not say.
        second_factor: whether logging in asks for one.
        policies: of its own, without those of its groups.
        boundary: the id of the policy that limits it; empty without one.
        last_login: None where it never logged in, or nobody said.
    """

    id: str
    name: str
    created: datetime | None
    console: bool | Unread | None
    second_factor: bool | Unread
    policies: tuple[Attachment, ...] | Unread
    boundary: str | Unread
    keys: tuple[Key, ...] | Unread
    last_login: datetime | Unread | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A group; its members by the ids of users."""

    id: str
    name: str
    members: tuple[str, ...] | Unread
    policies: tuple[Attachment, ...] | Unread


@dataclass(frozen=True, slots=True)
class Role:
    """A role.

    Args:
        resource: as policies name it: ``qcs::cam::uin/OWNER:roleName/NAME``, or the ARN.
        trust: the document that says who may assume it.
        linked: whether a service of the cloud made it for itself.
        session: the longest session, in seconds; None where nobody said.
        last_used: None where it was never used, or nobody said.
    """

    id: str
    name: str
    resource: str
    trust: str | Unread
    policies: tuple[Attachment, ...] | Unread
    boundary: str | Unread
    created: datetime | None = None
    linked: bool = False
    session: int | None = None
    last_used: datetime | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """Somebody outside who says who people are: ``saml`` or ``oidc``."""

    id: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Trail:
    """What keeps the account's audit trail longer than the cloud does by itself.

    Args:
        active: None where the cloud did not say.
        whole: whether every action is kept; None where the cloud did not say.
        to: the bucket or the like that it goes to.
    """

    id: str
    name: str
    active: bool | None
    whole: bool | None
    to: str


@dataclass(frozen=True, slots=True)
class Use:
    """What somebody did, counted over the audit trail.

    Args:
        principal: the id of the user or role; the account's number for the root.
        action: as policies name it, such as ``cvm:RunInstances``.
        last: when it was last done.
        key: the access key that it was last done with; empty where the trail does not say.
    """

    principal: str
    action: str
    count: int
    last: datetime
    key: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of who may do what, as the audit trail tells it.

    Args:
        id: of the event.
        principal: who did it, as in `Use`.
        parameters: what was asked for, as JSON; secrets are not in the trail.
        refused: whether the cloud said no.
    """

    id: str
    at: datetime
    principal: str
    action: str
    parameters: str
    refused: bool


@dataclass(frozen=True, slots=True)
class Activity:
    """What the audit trail tells of a span of time; it holds nothing from before ``since``."""

    since: datetime
    uses: tuple[Use, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Root:
    """The account's owner, whom no policy limits.

    Args:
        keys: of the root itself; CAM shows them to nobody else.
    """

    keys: tuple[Key, ...] | Unread
    second_factor: bool | Unread


@dataclass(frozen=True, slots=True)
class Workload:
    """Something that runs code with a role.

    Args:
        kind: ``ec2_instances``, ``lambda_functions``, ``cvm_instances`` …
        role: the id of its role; empty without one.
    """

    kind: str
    id: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Identities:
    """Who there is in one account, and what each may do.

    Args:
        account: its name in the estate, or in the directory that it was read from.
        cloud: ``tencent`` or ``aws``; the language of its policies follows from it.
        number: the account's own number.
        app_id: of CAM, its other number; empty where it has none.
        policies: those that somebody made, and the presets that somebody has.
    """

    account: str
    cloud: str
    number: str
    app_id: str | Unread
    users: tuple[User, ...] | Unread
    groups: tuple[Group, ...] | Unread
    roles: tuple[Role, ...] | Unread
    policies: tuple[Policy, ...] | Unread
    providers: tuple[Provider, ...] | Unread
    root: Root
    trails: tuple[Trail, ...] | Unread = NOT_ASKED
    activity: Activity | Unread = NOT_ASKED
    workloads: tuple[Workload, ...] | Unread = NOT_ASKED

    def counts(self) -> dict[str, object]:
        """How many of each kind were read, or why none were."""
        kinds = {name: getattr(self, name) for name in ("users", "groups", "roles", "policies", "providers")}
        return {
            name: {"unread": read.reason} if isinstance(read, Unread) else len(read)
            for name, read in (*kinds.items(), ("trails", self.trails))
        }


class People(Protocol):
    """The identities of one account.

    Raises nothing of a cloud: what cannot be read is Unread in its place.
    """

    def identities(self, account: str, number: str) -> Identities:
        """Everything, read now.

        Args:
            account: the account's name in the estate.
            number: the account's own number.
        """
