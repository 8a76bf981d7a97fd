"""Requests under the policies of CAM (598/10605).

Denied unless allowed; a deny wins. The root account may do everything with what is its own, but for what its
bucket's policy denies it by name, and it can always replace that policy (436/45235). A boundary and a session
limit what the identity's policies grant (598/39425). What belongs to another root account is reached in COS and
CAS alone, and both have to grant: its owner to the caller's root account, and that to its user; and by
sts:AssumeRole, where the trust has to allow as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial

import orjson

from drkit.access.catalogue import cam as catalogue
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
from drkit.access.evaluate.cam_callers import Caller, Kind
from drkit.access.evaluate.cam_resources import CamRequest
from drkit.access.evaluate.cam_rules import Place, rules
from drkit.access.evaluate.holdings import MOST_LAYERS, NO_POLICY, Compiler, key, levels, listed
from drkit.access.evaluate.layers import NOTHING, Found, Grade, Layer
from drkit.access.evaluate.logic import MAYBE, NO, YES
from drkit.access.language.documents import unwrap
from drkit.access.language.form import Dialect

IDENTITY = Compiler(Dialect.CAM, partial(rules, place=Place.IDENTITY), catalogue.preset)
RESOURCE = Compiler(Dialect.CAM, partial(rules, place=Place.RESOURCE))
ORGANIZATION = Compiler(Dialect.CAM, partial(rules, place=Place.ORGANIZATION), catalogue.preset)

ALONE = frozenset({Kind.ANONYMOUS, Kind.SERVICE, Kind.FEDERATED})  # without policies of their own
ACROSS_ACCOUNTS = frozenset({"cos", "cas"})
TRUST = "sts:AssumeRole"
REPLACE_POLICY = "cos:PutBucketPolicy"
# "With AdministratorAccess or QCloudFinanceFullAccess a deny on a finance action is ignored."
FINANCE = frozenset({"AdministratorAccess", "QCloudFinanceFullAccess"})


@dataclass(slots=True)
class Holdings:
    """The layers that apply to a request; None where there is no such policy at all."""

    policies: Layer
    boundary: Layer | None
    session: Layer | None
    endpoint: Layer | None
    resource: Layer | None
    organization: list[Layer]
    names: frozenset[str]


@lru_cache(maxsize=MOST_LAYERS)
def holdings(keys: tuple[tuple[str, bytes], ...]) -> Holdings:
    """The layers of a request's policies, given by field as JSON."""
    held = dict(keys)

    def layer(compiler: Compiler, name: str) -> Layer | None:
        return compiler.layer(held[name], name) if held.get(name, NO_POLICY) != NO_POLICY else None

    policies = held.get("policies", NO_POLICY)
    control = [
        ORGANIZATION.layer(key(level), f"{name}[{index}]")
        for name in ("organization", "resource_control")
        for index, level in enumerate(levels(orjson.loads(held[name])) if name in held else [])
    ]
    return Holdings(
        IDENTITY.layer(policies, "policies"),
        layer(IDENTITY, "boundary"),
        layer(IDENTITY, "session"),
        layer(ORGANIZATION, "endpoint"),
        layer(RESOURCE, "resource_policy"),
        control,
        frozenset(unwrap(entry)[0] for entry in listed(orjson.loads(policies))),
    )


def plain_service(action: str) -> str:
    """The service of an action."""
    return action.strip().removeprefix("name/").partition(":")[0]


def evaluate(request: CamRequest, held: Holdings) -> Answer:
    """Decide a request."""
    sides = _Sides(request, held)
    if sides.deny == YES:
        return Answer(Decision.EXPLICIT_DENY, sides.denying)
    return conclude(sides.deny, sides.denying, sides.needs())


class _Sides:
    """What each layer says, gathered once."""

    def __init__(self, request: CamRequest, held: Holdings) -> None:
        self.request = request
        self.caller: Caller = request.caller
        self.service = plain_service(request.action)
        self.deny, self.denying = NO, list[str]()
        self.root = self.caller.kind is Kind.ROOT
        self.foreign = bool(self.caller.owner and request.account and self.caller.owner != request.account)
        own = self.caller.kind not in ALONE
        ignored = self.service == "finance" and bool(held.names & FINANCE)
        self.identity = self._ask(held.policies, denies=not ignored) if own and not self.root else NOTHING
        self.boundary = self._ask(held.boundary) if own and not self.root and held.boundary else None
        self.session = self._ask(held.session) if own and held.session else None
        self.endpoint = self._ask(held.endpoint) if held.endpoint else None
        kept = self.root and not self.foreign and request.action == REPLACE_POLICY
        self.resource = self._ask(held.resource, denies=not kept) if held.resource else None
        bound = not self.caller.linked
        self.organization = [self._ask(level) for level in held.organization] if bound else []
        if self.caller.kind is Kind.USER and self.service == "account":
            self._ask(_general())

    def _ask(self, layer: Layer, *, denies: bool = True) -> Found:
        found = layer.ask(self.request)
        if denies and found.deny != NO:
            self.deny = max(self.deny, found.deny)
            self.denying += found.denying
        return found

    def needs(self) -> list[Need]:
        """All that has to hold."""
        made = [
            Need(level.allow, [], f"control policies, level {index} from the root: {NO_ALLOW}")
            for index, level in enumerate(self.organization)
        ]
        if self.endpoint is not None:
            made.append(Need(self.endpoint.allow, [], f"the endpoint's policy: {NO_ALLOW}"))
        return [*made, *self._grants()]

    def _grants(self) -> list[Need]:
        resource = self.resource or NOTHING
        said = Need(resource.allow, resource.allowing, f"the resource's policy: {NO_ALLOW}")
        if self.caller.kind in ALONE:
            return [said]
        if self.request.action.startswith(TRUST) and (self.resource is not None or self.foreign):
            return [*self._own(), said]
        if self.foreign:
            return self._across(resource, said)
        return [self._in_one_account(resource)]

    def _across(self, resource: Found, said: Need) -> list[Need]:
        if self.service not in ACROSS_ACCOUNTS:
            return [Need(NO, [], f"no policy reaches what another account has in {self.service}")]
        own = self._own()
        both = min(said.holds, *(need.holds for need in own))
        everyone = resource.grades[Grade.EVERYONE]
        why = [*(reason for need in own for reason in need.why), *said.why]
        missing = [need.otherwise for need in (*own, said) if need.holds != YES]
        return [Need(max(both, everyone), why, "; ".join(missing))]

    def _own(self) -> list[Need]:
        """The caller's side: its policies within boundary and session; the root account needs none."""
        if self.root:
            made = [Need(YES, [f"the root account {self.caller.owner}"], "")]
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
        granted = max(resource.grades[Grade.DIRECT], resource.grades[Grade.EVERYONE])
        # whether a boundary limits what a bucket's policy grants stands on no page
        by_resource = min(granted, max(limits, MAYBE))
        holds = max(min(own[0].holds, limits), by_resource)
        why = [*(own[0].why if own[0].holds != NO else []), *(resource.allowing if granted != NO else [])]
        missing = [need.otherwise for need in own if need.holds != YES]
        if self.resource is not None:
            missing.append(f"the resource's policy: {NO_ALLOW} to the caller itself")
        return Need(holds, why, "; ".join(missing))


def _general() -> Layer:
    """What every user carries: no sensitive change of the account without a second factor (598/10605)."""
    return IDENTITY.layer(key(catalogue.general_policies()), "general policies")
