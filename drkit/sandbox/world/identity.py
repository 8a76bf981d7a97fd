"""Who there is in one account: users, groups, roles, policies and keys, as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from drkit.sandbox.enforcement import known


class Kind(StrEnum):
    """What a caller is."""

    ROOT = "root"
    USER = "user"
    ROLE = "role"
    FEDERATED = "federated"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls.

    Args:
        account: UIN of the root account.
        user: UIN of the user or the root, id of the role.
        name: of the user or the role.
        secret_id: the key that signed.
        session: the name of a role's session, or of a federated user.
        session_policy: the policy document that a temporary credential is limited by.
        principal: UIN of the user or root who asked for a temporary credential.
        mfa: whether a second factor stands behind the key.
    """

    kind: Kind
    account: str
    user: str
    name: str
    secret_id: str
    session: str = ""
    session_policy: str | None = None
    principal: str = ""
    mfa: bool = False


class KeyPair(NamedTuple):
    """What a client is given."""

    secret_id: str
    secret_key: str


@dataclass(slots=True)
class Key:
    """A lasting key pair of a user, or of the root account; ``days`` are the last two on which it was used."""

    secret_id: str
    secret_key: str = field(repr=False)
    user: str
    created: datetime
    active: bool = True
    description: str = ""
    days: list[date] = field(default_factory=list)

    def use(self, day: date) -> None:
        """Note that it was used on a day."""
        if not self.days or self.days[-1] < day:
            self.days = [*self.days[-1:], day]

    def used_before(self, day: date) -> date | None:
        """The last day before this one on which it was used, as far back as is kept."""
        return next((one for one in reversed(self.days) if one < day), None)


@dataclass(slots=True)
class Temporary:
    """A credential that runs out, at a time of the machine's clock."""

    secret_key: str = field(repr=False)
    token: str = field(repr=False)
    expires: datetime
    caller: Caller


@dataclass(slots=True)
class Version:
    """One text of a policy."""

    number: int
    document: str
    created: datetime


@dataclass(slots=True)
class Policy:
    """A custom policy; ``default`` is the number of the version in force."""

    id: int
    name: str
    description: str
    created: datetime
    updated: datetime
    versions: dict[int, Version]
    default: int = 1
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def document(self) -> str:
        """The text in force."""
        return self.versions[self.default].document


@dataclass(slots=True)
class Holder:
    """What policies are attached to: each policy's id with the time when it was attached."""

    policies: dict[int, datetime] = field(default_factory=dict, kw_only=True)
    boundary: int | None = field(default=None, kw_only=True)


@dataclass(slots=True)
class User(Holder):
    """A CAM user; the flags of MFA are for logging in and for sensitive operations."""

    uin: str
    uid: int
    name: str
    created: datetime
    remark: str = ""
    console: bool = False
    phone: str = ""
    country: str = ""
    email: str = ""
    login_flag: dict[str, int] = field(default_factory=dict)
    action_flag: dict[str, int] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Group(Holder):
    """A group of users, each with the time of joining."""

    id: int
    name: str
    created: datetime
    remark: str = ""
    members: dict[str, datetime] = field(default_factory=dict)


@dataclass(slots=True)
class Role(Holder):
    """A role; ``trust`` is the document that says who may assume it, ``duration`` its longest session."""

    id: str
    name: str
    trust: str
    created: datetime
    updated: datetime
    description: str = ""
    console: bool = False
    duration: int = 7200
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Identity:
    """All of one account; users by UIN, roles by name."""

    users: dict[str, User] = field(default_factory=dict)
    groups: dict[int, Group] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    policies: dict[int, Policy] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    temporary: dict[str, Temporary] = field(default_factory=dict)
    made: int = 0

    def next_number(self) -> int:
        """A number that nothing else in the account has."""
        self.made += 1
        return self.made

    def user_named(self, name: str) -> User | None:
        """The user of this name."""
        return next((one for one in self.users.values() if one.name == name), None)

    def role_by_id(self, role: str) -> Role | None:
        """The role of this id."""
        return next((one for one in self.roles.values() if one.id == role), None)

    def groups_of(self, user: str) -> list[Group]:
        """The groups that a user is in."""
        return [one for one in self.groups.values() if user in one.members]

    def holders(self) -> Iterator[Holder]:
        """Everything that a policy can be attached to."""
        yield from self.users.values()
        yield from self.groups.values()
        yield from self.roles.values()

    def document(self, policy: int) -> str | None:
        """The text of a custom or preset policy, None where there is none."""
        if policy in self.policies:
            return self.policies[policy].document
        preset = known.presets().get(policy)
        return preset.document if preset else None

    def policy_named(self, name: str) -> int | None:
        """The id of the custom or preset policy of this name."""
        everything: tuple[Policy | known.Preset, ...] = (*self.policies.values(), *known.presets().values())
        return next((one.id for one in everything if one.name == name), None)
