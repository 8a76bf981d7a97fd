"""The analyst's evaluator and the sandbox's, which share no code, held against each other over random accounts.

The sandbox has to decide where no page does; the analyst says unknown. So what the analyst is sure of, the sandbox
decides the same. The disagreements that were found on the way are in docs/cam-assumptions.md.
"""

from __future__ import annotations

import json
import os
import random
from datetime import UTC, datetime
from typing import Any

from deciding import allow, cam, decide_all, deny

from drkit.sandbox.authorisation import owner_of, rights_of
from drkit.sandbox.enforcement import known
from drkit.sandbox.enforcement.evaluate import Asked, permitted
from drkit.sandbox.world.identity import Caller, Group, Identity, Kind, Policy, Role, User, Version
from drkit.sandbox.world.model import Account

REQUESTS = 100_000 if os.environ.get("DRKIT_SOAK") else 4_000
TOGETHER = 1_000
EACH = 10  # requests of one account
OWNER, APP_ID = "100", "1250000000"
NOW = datetime(2026, 3, 1, tzinfo=UTC)

ACTIONS = [  # resource-level, operation-level, unknown, and where pages disagree
    ("cvm", "TerminateInstances", "qcs::cvm:ap-beijing:uin/100:instance/ins-1"),
    ("cvm", "RunInstances", "qcs::cvm:ap-shanghai:uin/100:instance/ins-2"),
    ("cbs", "TerminateDisks", "qcs::cvm:ap-beijing:uin/100:volume/disk-1"),
    ("cbs", "DeleteSnapshots", "qcs::cvm:ap-beijing:uin/100:snapshot/snap-1"),
    ("cam", "AttachUserPolicy", "qcs::cam::uin/100:uin/200"),
    ("cam", "CreateAccessKey", "qcs::cam::uin/100:uin/200"),
    ("sts", "AssumeRole", "qcs::cam::uin/100:roleName/ops"),
    ("cloudaudit", "DeleteAuditTrack", "qcs::cloudaudit::uin/100:track/t"),
    ("tag", "AddResourceTag", "qcs::tag::uin/100:tag/t"),
]
PATTERNS = [
    *("*", "*:*", "cvm:*", "cbs:*", "cam:*", "sts:*", "name/cvm:Terminate*", "cvm:TerminateInstances"),
    *("name/cbs:Delete*", "cvm:DeleteSnapshots", "cvm:terminatedisks", "cam:*Policy", "cam:Create*"),
    *("sts:AssumeRole", "cloudaudit:Delete*", "tag:AddResourceTag", "*:*Role", "cos:*"),
]
RESOURCES = [
    *("*", "qcs::cvm:::instance/*", "qcs::cvm:bj::*", "qcs::cvm:ap-beijing:uin/100:instance/ins-1"),
    *(
        "qcs::cvm::uin/100:volume/*",
        "qcs::cvm::uin/101:*",
        "qcs::cvm:::snapshot/snap-1",
        "qcs::cbs:::volume/*",
    ),
    *("qcs::cam::uin/100:uin/${uin}", "qcs::cam::uin/${owner_uin}:*", "qcs::cam:::roleName/*", "qcs:::::*"),
    *(
        "qcs::cloudaudit:::track/t",
        "qcs::cam::uin/100:roleName/o*s",
        "qcs::*:ap-*::*",
        "qcs::cvm:::volume/disk",
    ),
]
KEYS = {
    "qcs:ip": ["10.0.0.1", "192.168.3.4"],
    "qcs:mfa": ["1", "0"],
    "qcs:current_time": ["2026-01-01T00:00:00Z", "2027-01-01T08:00:00+08:00"],
    "qcs:resource_tag": ["env&prod", "env&test", "team&a"],
    "cvm:region": ["ap-beijing", "ap-shanghai"],
    "size": ["10", "20", "x"],
}
OPERATORS = {
    "qcs:ip": ["ip_equal", "ip_not_equal"],
    "qcs:mfa": ["numeric_equal", "string_equal", "bool_equal", "numeric_not_equal"],
    "qcs:current_time": ["date_less_than", "date_greater_than_equal", "date_equal"],
    "qcs:resource_tag": [
        "for_any_value:string_equal",
        "for_all_value:string_equal",
        "for_any_value:string_like",
    ],
    "cvm:region": [
        "string_equal",
        "string_not_equal",
        "string_like",
        "string_equal_ignore_case",
        "null_equal",
    ],
    "size": ["numeric_less_than", "numeric_greater_than", "numeric_equal", "numeric_not_equal"],
}
VALUES = {
    **KEYS,
    "qcs:ip": ["10.0.0.7/8", "192.168.3.4", "11.0.0.0/8"],
    "qcs:resource_tag": ["env&prod", "env&*", "team&a"],
    "cvm:region": ["ap-beijing", "AP-BEIJING", "ap-*"],
    "qcs:current_time": ["2026-06-01T00:00:00Z", "2026-01-01 00:00:00"],
    "size": [10, "15", "20.0"],
}


def condition(choose: random.Random) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for _ in range(choose.choice([1, 1, 2])):
        key = choose.choice(list(KEYS))
        operator = choose.choice(OPERATORS[key])
        if operator == "null_equal":
            made[operator] = {key: choose.choice(["true", "false"])}
            continue
        operator += choose.choice(["", "", "_if_exist"])
        made.setdefault(operator, {})[key] = choose.sample(VALUES[key], choose.choice([1, 1, 2]))
    return {"condition": made}


def document(choose: random.Random) -> dict[str, Any]:
    statements = []
    for _ in range(choose.randrange(4)):
        more = condition(choose) if choose.random() < 0.5 else {}
        make = choose.choice([allow, allow, deny])
        actions = choose.sample(PATTERNS, choose.randrange(1, 4))
        statements.append(make(actions, choose.sample(RESOURCES, choose.randrange(1, 3)), **more))
    return cam(*(statements or [allow("cos:*")]))


def context(choose: random.Random) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, values in KEYS.items():
        if choose.random() < 0.6:
            several = key == "qcs:resource_tag"
            made[key] = choose.sample(values, choose.randrange(1, 3)) if several else choose.choice(values)
    return made


def account(choose: random.Random) -> Account:
    """A root account with policies, users in groups, and roles, some within a boundary."""
    made = Account(OWNER, int(APP_ID), "somebody")
    known_ = made.identity
    for number in range(1, 13):
        text = json.dumps(document(choose))
        known_.policies[number] = Policy(
            number, f"p{number}", "", NOW, NOW, {1: Version(1, text, NOW), 2: Version(2, "{}", NOW)}
        )
    for number in range(200, 204):
        known_.users[str(number)] = User(str(number), number, f"u{number}", NOW, **holding(choose))
    for number in range(3):
        members = dict.fromkeys(choose.sample(sorted(known_.users), choose.randrange(4)), NOW)
        held = holding(choose)["policies"]
        known_.groups[number] = Group(number, f"g{number}", NOW, members=members, policies=held)
    for number in range(2):
        known_.roles[f"r{number}"] = Role(f"46{number}", f"r{number}", "{}", NOW, NOW, **holding(choose))
    return made


def holding(choose: random.Random) -> dict[str, Any]:
    """What is attached to somebody."""
    attached = dict.fromkeys(choose.sample(range(1, 13), choose.randrange(3)), NOW)
    return {"policies": attached, "boundary": choose.randrange(1, 13) if choose.random() < 0.3 else None}


def asks(choose: random.Random, whole: Account) -> tuple[Caller, dict[str, Any]]:
    """Somebody of an account, as the sandbox knows it; and what applies to it, put together by hand from the account."""
    identity, kind = whole.identity, choose.choice(["user", "user", "user", "role", "root"])
    if kind == "root":
        return Caller(Kind.ROOT, OWNER, OWNER, "root", ""), {
            "principal": f"qcs::cam::uin/{OWNER}:root",
            "policies": [],
        }
    if kind == "user":
        user = choose.choice(list(identity.users.values()))
        caller = Caller(Kind.USER, OWNER, user.uin, user.name, "")
        groups = [each for each in identity.groups.values() if user.uin in each.members]
        ids = [number for each in (user, *groups) for number in each.policies]
        who: Any = {"type": "user", "uin": user.uin, "owner_uin": OWNER, "app_id": APP_ID}
        return caller, made_of(identity, who, ids, user.boundary)
    role = choose.choice(list(identity.roles.values()))
    session = document(choose) if choose.random() < 0.5 else None
    caller = Caller(
        Kind.ROLE,
        OWNER,
        role.id,
        role.name,
        "",
        session_policy=None if session is None else json.dumps(session),
    )
    who = {"type": "role", "name": role.name, "owner_uin": OWNER, "app_id": APP_ID}
    applies = made_of(identity, who, list(role.policies), role.boundary)
    return caller, applies if session is None else applies | {"session": session}


def made_of(identity: Identity, who: Any, ids: list[int], boundary: int | None) -> dict[str, Any]:
    texts = {number: json.loads(policy.versions[1].document) for number, policy in identity.policies.items()}
    made: dict[str, Any] = {"principal": who, "policies": [texts[number] for number in ids]}
    return made if boundary is None else made | {"boundary": [texts[boundary]]}


def request(choose: random.Random, whole: Account) -> tuple[Caller, dict[str, Any]]:
    """Somebody of an account wants to do something."""
    service, action, resource = choose.choice(ACTIONS)
    caller, applies = asks(choose, whole)
    asked = {"action": f"{service}:{action}", "resource": resource, "context": context(choose)}
    return caller, {"dialect": "cam", **applies, **asked}


def enforced(whole: Account, caller: Caller, asked: dict[str, Any]) -> bool:
    """What the sandbox says."""
    rights, owner = rights_of(whole, caller), owner_of(whole, caller)
    service, _, action = asked["action"].partition(":")
    seen = {k: v if isinstance(v, list) else [v] for k, v in asked["context"].items()}.get
    level = known.level(service, action)
    passed = [one for letter, one in (("o", "*"), ("r", asked["resource"])) if letter in level]
    names = known.names(service, action)
    return any(permitted(rights, Asked(names, one, owner, seen)) for one in passed)


def test_both_evaluators_agree_where_one_is_sure() -> None:
    choose = random.Random(20260301)
    counted: dict[tuple[str, bool], int] = {}
    for _ in range(REQUESTS // TOGETHER):
        accounts = [account(choose) for _ in range(TOGETHER // EACH)]
        asked = [(whole, *request(choose, whole)) for whole in accounts for _ in range(EACH)]
        for (whole, caller, one), said in zip(asked, decide_all([one for *_, one in asked]), strict=True):
            other = enforced(whole, caller, one)
            counted[said, other] = counted.get((said, other), 0) + 1
            assert said == "unknown" or other is (said == "allowed"), json.dumps([said, other, one], indent=1)
    assert counted["allowed", True] > REQUESTS // 50
    assert counted["explicit-deny", False] > REQUESTS // 50
    assert counted.get(("unknown", True), 0) + counted.get(("unknown", False), 0) < REQUESTS // 8
