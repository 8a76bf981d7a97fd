"""Identity policies of AWS against moto, within what it enforces.

moto looks at Action, NotAction and Resource with ``*``, and lets a deny win. It does not look at NotResource, ``?``,
conditions, boundaries, session, endpoint or control policies, and tells actions apart by case; a dot of a resource is
any character to it. None of that is asked here.
"""

from __future__ import annotations

import json
import random
from typing import Any

from deciding import ANN, aws, decide_all, may, never
from moto.iam.access_control import IAMPolicy

ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "iam:GetUser", "iam:CreateUser", "sts:AssumeRole"]
PATTERNS = [*ACTIONS, "s3:*", "s3:Get*", "*", "iam:*User", "iam:C*", "s3:*Object", "sts:*", "*:*"]
RESOURCES = [
    *("arn:aws:s3:::b", "arn:aws:s3:::b/k", "arn:aws:s3:::other/k/l", "arn:aws:iam::111122223333:user/ann"),
    *("arn:aws:iam::111122223333:role/ops",),
]
RESOURCE_PATTERNS = [
    *RESOURCES,
    *(
        "*",
        "arn:aws:s3:::*",
        "arn:aws:s3:::b*",
        "arn:aws:s3:::b/*",
        "arn:aws:iam::*:user/*",
        "arn:aws:s3:::*/k",
    ),
    *("arn:aws:iam::111122223333:*",),
]
REQUESTS = 4_000


def statement(choose: random.Random) -> dict[str, Any]:
    make = choose.choice([may, may, never])
    actions = choose.sample(PATTERNS, choose.randrange(1, 3))
    made = make(actions, choose.sample(RESOURCE_PATTERNS, choose.randrange(1, 3)))
    if choose.random() < 0.2:
        made["NotAction"] = made.pop("Action")
    return made


def enforced(policies: list[dict[str, Any]], action: str, resource: str) -> str:
    """What moto says of an identity with some policies."""
    said = {IAMPolicy(json.dumps(each)).is_action_permitted(action, resource).name for each in policies}
    if "DENIED" in said:
        return "explicit-deny"
    return "allowed" if "PERMITTED" in said else "implicit-deny"


def test_moto_and_we_agree_on_what_it_enforces() -> None:
    choose = random.Random(20261122)
    asked: list[dict[str, Any]] = []
    for _ in range(REQUESTS):
        policies = [
            aws(*(statement(choose) for _ in range(choose.randrange(1, 4))))
            for _ in range(choose.randrange(1, 3))
        ]
        asked.append(
            {
                "dialect": "aws",
                "principal": ANN,
                "policies": policies,
                "action": choose.choice(ACTIONS),
                "resource": choose.choice(RESOURCES),
            }
        )
    counted: dict[str, int] = {}
    for one, said in zip(asked, decide_all(asked), strict=True):
        assert said == enforced(one["policies"], one["action"], one["resource"]), json.dumps(one, indent=1)
        counted[said] = counted.get(said, 0) + 1
    assert (
        min(counted.get(each, 0) for each in ("allowed", "explicit-deny", "implicit-deny")) > REQUESTS // 20
    )
