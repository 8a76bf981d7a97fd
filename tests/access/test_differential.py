"""The analyst's evaluator and the sandbox's, which share no code, held against each other.

The sandbox has to decide where no page does; the analyst says unknown. So what the analyst is sure of, the sandbox
decides the same. The disagreements that were found on the way are in docs/cam-assumptions.md.
"""

from __future__ import annotations

import json
import os
import random
from typing import Any

from deciding import allow, cam, decide_all, deny

from drkit.sandbox.enforcement import known
from drkit.sandbox.enforcement.documents import parse
from drkit.sandbox.enforcement.evaluate import Asked, Rights, permitted
from drkit.sandbox.enforcement.patterns import Owner

REQUESTS = 100_000 if os.environ.get("DRKIT_SOAK") else 4_000
TOGETHER = 1_000
UIN, OWNER, APP_ID = "200", "100", "1250000000"
ITS_OWNER = Owner(OWNER, APP_ID, {"uin": UIN, "owner_uin": OWNER, "app_id": APP_ID})

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


def request(choose: random.Random) -> dict[str, Any]:
    service, action, resource = choose.choice(ACTIONS)
    made: dict[str, Any] = {
        "dialect": "cam",
        "principal": {"type": "user", "uin": UIN, "owner_uin": OWNER, "app_id": APP_ID},
        "action": f"{service}:{action}",
        "resource": resource,
        "policies": [document(choose) for _ in range(choose.randrange(1, 4))],
        "context": context(choose),
    }
    if choose.random() < 0.3:
        made["boundary"] = [document(choose)]
    return made


def enforced(asked: dict[str, Any]) -> bool:
    """What the sandbox says."""
    rights = Rights(
        tuple(parse(json.dumps(each)) for each in asked["policies"]),
        tuple(parse(json.dumps(each)) for each in asked.get("boundary", ())),
    )
    service, _, action = asked["action"].partition(":")
    seen = {k: v if isinstance(v, list) else [v] for k, v in asked["context"].items()}.get
    level = known.level(service, action)
    passed = [one for letter, one in (("o", "*"), ("r", asked["resource"])) if letter in level]
    names = known.names(service, action)
    return any(permitted(rights, Asked(names, one, ITS_OWNER, seen)) for one in passed)


def test_both_evaluators_agree_where_one_is_sure() -> None:
    choose = random.Random(20260301)
    counted: dict[tuple[str, bool], int] = {}
    for _ in range(REQUESTS // TOGETHER):
        asked = [request(choose) for _ in range(TOGETHER)]
        for one, said in zip(asked, decide_all(asked), strict=True):
            other = enforced(one)
            counted[said, other] = counted.get((said, other), 0) + 1
            assert said == "unknown" or other is (said == "allowed"), json.dumps([said, other, one], indent=1)
    assert counted["allowed", True] > REQUESTS // 50
    assert counted["explicit-deny", False] > REQUESTS // 50
    assert counted.get(("unknown", True), 0) + counted.get(("unknown", False), 0) < REQUESTS // 10
