"""Requests under the policies of AWS.

Sources, all of the IAM User Guide: reference_policies_evaluation-logic_policy-eval-denyallow (the order),
…_policy-eval-basics (one account), …-cross-account (two), access_policies_boundaries,
access_policies_session, orgs_manage_policies_scps and _rcps (Organizations User Guide).

An explicit deny anywhere denies. Otherwise every control policy, level by level, and the endpoint's policy
have to allow, and

- in one account: the identity's policies within its boundary and session; or the resource's policy, which the
  boundary and the session limit only where it names the caller's role, and which hands on to the account's own
  policies where it names the account;
- in two accounts: both sides;
- a key of KMS and the trust of a role in one account have to allow in any case, in person or to the account.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache, partial

import orjson

from drkit.access.evaluate.answer import (
    NO_ALLOW,
    NOT_BY_BOUNDARY,
    NOT_BY_POLICIES,
    NOT_BY_SESSION,
    Answer,
    Decision,
    Need,
    conclude,
)
from drkit.access.evaluate.aws_callers import Caller, Kind
from drkit.access.evaluate.aws_rules import Place, rules
from drkit.access.evaluate.holdings import MOST_LAYERS, NO_POLICY, Compiler, key, levels
from drkit.access.evaluate.layers import NOTHING, Found, Grade, Layer
from drkit.access.evaluate.logic import MAYBE, NO, YES
from drkit.access.evaluate.request import Request
from drkit.access.language.form import Dialect

IDENTITY = Compiler(Dialect.AWS, partial(rules, place=Place.IDENTITY))
RESOURCE = Compiler(Dialect.AWS, partial(rules, place=Place.RESOURCE))
ENDPOINT = Compiler(Dialect.AWS, partial(rules, place=Place.ENDPOINT))

ALONE = frozenset(
    {Kind.ANONYMOUS, Kind.SERVICE, Kind.FEDERATED, Kind.CANONICAL}
)  # without policies of their own
# Services whose resource's policy has to allow even in one account, and the actions that it stands before.
ALWAYS_ASKED = ("kms:", "sts:assumerole")
# What the owner's root may do whatever the bucket's policy denies it (S3 User Guide, bucket policies).
BUCKET_POLICY = frozenset({"s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"})
# Services that resource control policies reach (orgs_manage_policies_rcps); of others nobody said.
CONTROLLED = frozenset(
    [
        "s3",
        "sts",
        "kms",
        "sqs",
        "secretsmanager",
        "aoss",
        "ecr",
        "cognito-idp",
        "cognito-identity",
        "logs",
        "dynamodb",
    ]
)


@dataclass(slots=True)
class Holdings:
    """The layers that apply to a request; None where there is no such policy at all."""

    policies: Layer
    boundary: Layer | None
    session: Layer | None
    endpoint: Layer | None
    resource: Layer | None
    organization: list[Layer]
    control: list[Layer]


@lru_cache(maxsize=MOST_LAYERS)
def holdings(keys: tuple[tuple[str, bytes], ...]) -> Holdings:
    """The layers of a request's policies, given by field as JSON."""
    held = dict(keys)

    def layer(compiler: Compiler, name: str) -> Layer | None:
        return compiler.layer(held[name], name) if held.get(name, NO_POLICY) != NO_POLICY else None

    def each(compiler: Compiler, name: str) -> list[Layer]:
        found = levels(orjson.loads(held[name])) if name in held else []
        return [compiler.layer(key(level), f"{name}[{index}]") for index, level in enumerate(found)]

    return Holdings(
        IDENTITY.layer(held.get("policies", NO_POLICY), "policies"),
        layer(IDENTITY, "boundary"),
        layer(IDENTITY, "session"),
        layer(ENDPOINT, "endpoint"),
        layer(RESOURCE, "resource_policy"),
        each(IDENTITY, "organization"),
        each(RESOURCE, "resource_control"),
    )


def evaluate(request: Request, held: Holdings) -> Answer:
    """Decide a request."""
    sides = _Sides(request, held)
    if sides.deny == YES:
        return Answer(Decision.EXPLICIT_DENY, sides.denying)
    return conclude(sides.deny, sides.denying, sides.needs())


class _Sides:
    """What each layer says, gathered once."""

    def __init__(self, request: Request, held: Holdings) -> None:
        self.request = request
        self.caller: Caller = request.caller
        self.deny, self.denying = NO, list[str]()
        root = self.caller.kind is Kind.ROOT
        own = self.caller.kind not in ALONE
        self.identity = self._ask(held.policies) if own else NOTHING
        self.boundary = self._ask(held.boundary) if own and not root and held.boundary else None
        self.session = self._ask(held.session) if own and held.session else None
        self.endpoint = self._ask(held.endpoint) if held.endpoint else None
        self.resource = self._ask_resource(held.resource) if held.resource else None
        bound = own and not self.caller.linked
        self.organization = [self._ask(level) for level in held.organization] if bound else []
        self.control = [] if self.caller.linked else [self._ask_control(level) for level in held.control]

    def _ask(self, layer: Layer) -> Found:
        found = layer.ask(self.request)
        self._denies(found, YES)
        return found

    def _ask_resource(self, layer: Layer) -> Found:
        found = layer.ask(self.request)
        exempt = self.caller.kind is Kind.ROOT and self.request.action in BUCKET_POLICY and not self._foreign
        if not exempt:
            self._denies(found, YES)
        return found

    def _ask_control(self, layer: Layer) -> Found:
        found = layer.ask(self.request)
        reached = self.request.action.partition(":")[0] in CONTROLLED
        self._denies(found, YES if reached else MAYBE)
        if reached:
            return found
        return replace(found, grades=[max(grade, MAYBE) for grade in found.grades])

    def _denies(self, found: Found, most: int) -> None:
        if found.deny != NO:
            self.deny = max(self.deny, min(found.deny, most))
            self.denying += found.denying

    @property
    def _foreign(self) -> bool:
        """Whether the resource is surely another account's."""
        account = self.request.account
        return bool(self.caller.account and account and self.caller.account != account)

    def needs(self) -> list[Need]:
        """All that has to hold."""
        made = []
        for levels_, name in ((self.organization, "organization"), (self.control, "resource control")):
            for index, level in enumerate(levels_):
                made.append(Need(level.allow, [], f"{name}, level {index} from the root: {NO_ALLOW}"))
        if self.endpoint is not None:
            made.append(Need(self.endpoint.allow, [], f"the endpoint's policy: {NO_ALLOW}"))
        return [*made, *self._grants()]

    def _grants(self) -> list[Need]:
        resource = self.resource or NOTHING
        if self.caller.kind in ALONE:
            return [Need(resource.allow, resource.allowing, f"the resource's policy: {NO_ALLOW}")]
        if self._foreign:
            named = Need(
                resource.allow, resource.allowing, f"the resource's policy, of another account: {NO_ALLOW}"
            )
            return [*self._own(), named]
        return [self._in_one_account(resource)]

    def _own(self) -> list[Need]:
        """The caller's side: its policies within boundary and session; a root user needs none."""
        if self.caller.kind is Kind.ROOT:
            made = [Need(YES, [f"the root user of {self.caller.account}"], "")]
        else:
            made = [Need(self.identity.allow, self.identity.allowing, NOT_BY_POLICIES)]
        if self.boundary is not None:
            made.append(Need(self.boundary.allow, [], NOT_BY_BOUNDARY))
        if self.session is not None:
            made.append(Need(self.session.allow, [], NOT_BY_SESSION))
        return made

    def _in_one_account(self, resource: Found) -> Need:
        own = self._own()
        if self.resource is None and len(own) == 1:
            return own[0]
        limits = min(need.holds for need in own[1:]) if len(own) > 1 else YES
        by_own = min(own[0].holds, limits)
        if self.resource is not None and self.request.action.startswith(ALWAYS_ASKED):
            by_own = min(by_own, resource.allow)
        by_role = min(resource.grades[Grade.ROLE], limits)
        by_name = max(resource.grades[Grade.DIRECT], resource.grades[Grade.EVERYONE])
        why = [*(own[0].why if by_own != NO else []), *(resource.allowing if self.resource else [])]
        missing = [need.otherwise for need in own if need.holds != YES]
        if self.resource is not None:
            missing.append(f"the resource's policy: {NO_ALLOW} to the caller itself")
        return Need(max(by_own, by_role, by_name), why, "; ".join(missing))
