"""The shortcuts of escalation, held against the evaluator over random accounts: candidates, masks, caches, examples."""

from __future__ import annotations

import json
import os
import random
from typing import Any

import pytest
from accounts_made import NUMBER, Estate
from deciding import allow, aws, cam, decide_all, may

from drkit.access.escalate.bits import Bits
from drkit.access.escalate.catalogue import ASSUME, PROBES, WAYS, further
from drkit.access.escalate.matching import Context
from drkit.access.escalate.people import Person
from drkit.access.escalate.powers import ATTACHED
from drkit.access.escalate.states import States
from drkit.access.escalate.ways import GROUP, NOTHING, POLICY, ROLE, USER, Gain
from drkit.access.escalate.world import World
from drkit.access.evaluate.logic import MAYBE, NO, YES
from drkit.access.language.form import Dialect

ACCOUNTS = 1_500 if os.environ.get("DRKIT_SOAK") == "1" else 40
LEVELS = {"allowed": YES, "unknown": MAYBE}
PEOPLE = (USER, GROUP, ROLE, POLICY)
OTHER = {Dialect.AWS: "444455556666", Dialect.CAM: "100000000002"}
FORMS = {
    Dialect.AWS: [
        *("*", "arn:aws:iam::{n}:user/*", "arn:aws:iam::{n}:user/200", "arn:aws:iam::*:*/2?0", "arn:*"),
        *("arn:aws:iam::{n}:user/${{aws:username}}", "arn:aws:iam::{n}:*/${{aws:username}}x*", "*20*"),
        *("arn:aws:iam::{n}", "arn:aws:iam::{o}:role/*", "arn:aws:iam::*:role/r", "arn:aws:i*::{n}:group/*"),
        *("arn:aws:iam::{n}:policy/p", "arn:aws:*:*:*:function:*", " arn:aws:iam::{n}:user/200", "no thing"),
        *("qcs::cam::uin/{n}:uin/200", "arn:aws:lambda:eu-*:{n}:*", "arn:aws:iam::{n}:user/${{*}}"),
    ],
    Dialect.CAM: [
        *(
            "*",
            "qcs::cam::uin/{n}:uin/*",
            "qcs::cam::uin/{n}:uin/200",
            "qcs::cam:::uin/${{uin}}",
            "qcs:::::*",
        ),
        *("qcs::cam::uin/{n}:roleName/*", "qcs::cam::uin/{o}:roleName/*", "qcs::cam::uin/{o}:roleName/r"),
        *(
            "qcs::cam::uin/${{owner_uin}}:*",
            "qcs::cam::uin/{n}:roleName",
            "qcs::cam::uin/{n}:uin/2?0",
            "qcs::cam",
        ),
        *("arn:aws:iam::{n}:user/200", " qcs::cam::uin/{n}:policyid/p", "qcs::cam::*:groupid/*", "uin/200"),
        *(
            "qcs:1:cam::uin/{n}:*",
            "qcs::c*:ap-*:uin/{n}:roleName/r/",
            "qcs::cam::uid/125:*",
            "arn:aws:a:b:c:d",
        ),
    ],
}
CONDITIONS: dict[Dialect, list[dict[str, Any]]] = {
    Dialect.AWS: [
        {"StringEquals": {"aws:username": "200"}},
        {"StringNotEquals": {"aws:username": "200"}},
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}},
        {"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}},
        {"ArnNotEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}},
        {"StringLike": {"iam:PermissionsBoundary": "*:policy/p"}},
        {"StringEquals": {"aws:ResourceAccount": "111122223333"}},
        {"Null": {"iam:PermissionsBoundary": "true"}},
        {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        {"StringEqualsIfExists": {"aws:username": "${aws:username}"}},
        {"NobodyKnows": {"k": "v"}},
    ],
    Dialect.CAM: [
        {"numeric_equal": {"qcs:except_cam_finance": 1}},
        {"numeric_equal": {"qcs:read_only_action": 1}},
        {"ip_equal": {"qcs:ip": "10.0.0.0/8"}},
        {"for_any_value:string_equal": {"qcs:resource_tag": ["a&b"]}},
        {"string_equal": {"k": "${uin}"}},
        {"nobody_knows": {"k": "v"}},
    ],
}
ENTRIES = {
    Dialect.AWS: [
        *("arn:aws:iam::{n}:root", "{n}", "arn:aws:iam::{n}:user/200", "*", "arn:aws:iam::{n}:role/r"),
        "arn:aws:sts::{n}:assumed-role/r/s",
    ],
    Dialect.CAM: [
        *("qcs::cam::uin/{n}:root", "qcs::cam::uin/{n}:uin/200", "*", "qcs::cam::uin/{n}:roleName/r"),
        *(
            "qcs::cam::uin/{n}:role/r",
            "qcs::cam::uin/{n}:uin/{n}",
            "qcs::cam::uin/{n}:*",
            "qcs::cam:::uin/200",
        ),
    ],
}
ROLE_ACTIONS = {Dialect.AWS: ["sts:*", "sts:assumerole"], Dialect.CAM: ["name/sts:*", "sts:AssumeRole"]}
WILD_ACTIONS = {
    Dialect.AWS: ["*", "iam:*", "iam:*User*", "lambda:*", "IAM:Attach?olePolicy", "iam:*Policy*"],
    Dialect.CAM: ["*", "cam:*", "name/cam:*", "cam:*User*", "permid/1", "cam:Attach*", "scf:*"],
}


class Made:
    """Random accounts of one cloud, and how each text came about."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.dialect = self.chance.choice(list(Dialect))
        self.calls = sorted({way.action for way in WAYS[self.dialect]} | {ASSUME})
        self.documents: dict[str, dict[str, Any]] = {}
        self.here, self.there = (self._estate(number) for number in (NUMBER, OTHER))
        self.estates = (self.here, self.there)

    def _estate(self, numbers: dict[Dialect, str]) -> Estate:
        estate = Estate(self.dialect, numbers[self.dialect])
        p = estate.policy("p", self._document())
        limit = estate.policy("limit", self._document())
        bounds = ["", "", limit, p]
        for who in ("200", "201"):
            estate.user(
                who, self._document(), *self.chance.choice([(), (p,)]), boundary=self.chance.choice(bounds)
            )
        for who in ("r", "r/s" if self.dialect is Dialect.CAM else "path/r"):
            estate.role(who, self._trust(estate), self._document(), boundary=self.chance.choice(bounds))
        estate.group("7", self.chance.choice([[], ["200"]]), self._document())
        return estate

    def _document(self) -> dict[str, Any]:
        statements = [self._statement() for _ in range(self.chance.randint(1, 4))]
        if self.dialect is Dialect.AWS:
            return aws(*statements, version=self.chance.choice(["2012-10-17", "2012-10-17", "2008-10-17"]))
        return cam(*statements)

    def _statement(self) -> dict[str, Any]:
        chance, is_aws = self.chance, self.dialect is Dialect.AWS
        pool = [*self.calls, *WILD_ACTIONS[self.dialect] * 6, *ROLE_ACTIONS[self.dialect] * 6]
        actions = chance.sample(pool, chance.randint(1, 3))
        numbers = {"n": NUMBER[self.dialect], "o": OTHER[self.dialect]}
        named = [each.format(**numbers) for each in chance.sample(FORMS[self.dialect], chance.randint(1, 2))]
        made = may(actions, named) if is_aws else allow(actions, named)
        if chance.random() < 0.3:
            made["Effect" if is_aws else "effect"] = "Deny" if is_aws else "deny"
        if chance.random() < 0.35:
            made["Condition" if is_aws else "condition"] = chance.choice(CONDITIONS[self.dialect])
        for name in ("Action", "Resource") if is_aws else ():
            if chance.random() < 0.1:
                made["Not" + name] = made.pop(name)
        return made

    def _trust(self, estate: Estate) -> dict[str, Any]:
        """A trust in somebody, in everybody, or in everybody but somebody."""
        chance, is_aws = self.chance, self.dialect is Dialect.AWS
        numbers = [NUMBER[self.dialect], OTHER[self.dialect], estate.number]
        statements = []
        for _ in range(chance.randint(1, 2)):
            number = chance.choice(numbers)
            one = chance.choice(ENTRIES[self.dialect]).format(n=number)
            effect = chance.choice(["allow", "allow", "deny"])
            if is_aws:
                who = chance.choice(["Principal", "Principal", "Principal", "NotPrincipal"])
                statements.append({"Effect": effect.title(), who: {"AWS": one}, "Action": ASSUME})
            else:
                statements.append({"effect": effect, "principal": {"qcs": one}, "action": f"name/{ASSUME}"})
        return aws(*statements) if is_aws else cam(*statements)

    def texts(self, person: Person) -> tuple[list[Any], list[Any]]:
        """What somebody holds and what limits it, as plain documents."""
        source = person.source
        estate = next(each for each in self.estates if each.number == person.account.number)
        by_id = {policy.id: policy.document for policy in estate.policies}
        held = [by_id[each.policy] for each in person.held]
        assert source is not None
        return [_loaded(each) for each in held], [_loaded(by_id[person.boundary])] if person.boundary else []


def _loaded(text: Any) -> Any:
    return json.loads(text)


def asked(
    made: Made, person: Person, action: str, resource: str, context: Context, **more: Any
) -> dict[str, Any]:
    """The request, as ``drkit access evaluate`` takes it; an empty list is a key that is not there."""
    policies, boundary = made.texts(person)
    known = dict(person.known) | {key: value or [] for key, value in context}
    return {
        "dialect": made.dialect.value,
        "principal": person.caller,
        "policies": policies,
        "action": action,
        "resource": resource,
        "context": known,
        "context_partial": True,
        **({"boundary": boundary} if boundary else {}),
        **more,
    }


def levels(requests: list[dict[str, Any]]) -> list[int]:
    return [LEVELS.get(each, NO) for each in decide_all(requests)]


def callers(states: States) -> list[Person]:
    return [person for person in states.world.people if person.kind in {USER, ROLE}]


@pytest.mark.parametrize("part", range(4))
def test_what_is_allowed_on_whom_is_what_the_evaluator_says(part: int) -> None:
    for seed in range(part, ACCOUNTS, 4):
        made = Made(seed)
        states = States(World([estate.facts() for estate in made.estates]))
        calls = made.chance.sample(made.calls, 12)
        asks, said = [], []
        for person in callers(states):
            rights = states.rights(person.number)
            for action in calls:
                for kind in PEOPLE:
                    targets = person.account.targets[kind]
                    for context in ((), ATTACHED):
                        found: Bits = rights.on(action, targets, context)
                        for place, name in enumerate(targets.names):
                            bound = _boundary(states, person, action, kind, place)
                            asks.append(asked(made, person, action, name, (*bound, *context)))
                            said.append((found.level(place), seed, person.id, action, name, context))
        for right, (level, *where) in zip(levels(asks), said, strict=True):
            assert level == right, (level, right, where)


def _boundary(states: States, person: Person, action: str, kind: str, place: int) -> Context:
    """The boundary of the thing that is asked about: of users and roles it is known."""
    if kind == POLICY or not action.startswith("iam:"):
        return ()
    theirs = states.world.people[person.account.targets[kind].first + place].boundary
    return (("iam:PermissionsBoundary", str(theirs)),)


@pytest.mark.parametrize("part", range(4))
def test_what_is_allowed_on_anything_is_no_less_than_the_evaluator_says_of_each_thing(part: int) -> None:
    for seed in range(part, ACCOUNTS, 4):
        made = Made(seed)
        states = States(World([estate.facts() for estate in made.estates]))
        calls = made.chance.sample(_anywhere(made.dialect), 12)
        asks, said = [], []
        for person in callers(states):
            rights = states.rights(person.number)
            for action in calls:
                for name in _things(made.dialect, action, person.account.number):
                    asks.append(asked(made, person, action, name, ()))
                    said.append((rights.anything(action), seed, person.id, action, name))
        for right, (level, *where) in zip(levels(asks), said, strict=True):
            assert level >= right, (level, right, where)


def _anywhere(dialect: Dialect) -> list[str]:
    """The calls that are asked about on anything, be it there or not."""
    first = {way.action for way in WAYS[dialect] if way.kind == NOTHING or way.gain in {Gain.PASS, Gain.CODE}}
    return sorted({*first, *further(dialect), *PROBES[dialect]})


def _things(dialect: Dialect, action: str, number: str) -> list[str]:
    """Things of the account that an action is on, some that are there and some that are not yet."""
    service, _, name = action.partition(":")
    if dialect is Dialect.CAM:
        last = ("uin/200", "roleName/new", "x/y")
        return [*(f"qcs::{service}:ap-shanghai:uin/{number}:{each}" for each in last)]
    if service != "iam":
        return [f"arn:aws:{service}:{region}:{number}:function:f" for region in ("us-east-1", "eu-west-1")]
    kind = "role" if "Role" in name else "group" if "Group" in name else "user"
    return [f"arn:aws:iam::{number}:{kind}/200", f"arn:aws:iam::{number}:{kind}/new"]


@pytest.mark.parametrize("part", range(4))
def test_who_may_take_a_role_is_who_the_evaluator_lets_by_its_trust(part: int) -> None:
    for seed in range(part, ACCOUNTS, 4):
        made = Made(seed)
        states = States(World([estate.facts() for estate in made.estates]))
        trusts = {
            estate.resource(ROLE, role.name): role.trust for estate in made.estates for role in estate.roles
        }
        asks, said = [], []
        for person in callers(states):
            taken = states.powers(person.number).taken
            taken |= states.asking.trusts.taken_in_person(person, states.rights(person.number))
            for role in (each for each in callers(states) if each.kind == ROLE and each is not person):
                trust = [_loaded(trusts[role.id])]
                asks.append(asked(made, person, ASSUME, role.id, (), resource_policy=trust))
                said.append((taken.level(role.number), seed, person.id, role.id, trust))
        for right, (level, *where) in zip(levels(asks), said, strict=True):
            assert level == right, (level, right, where)
