"""Requests for the evaluators, shortly."""

from __future__ import annotations

import json
from typing import Any

from drkit.access.evaluate.bulk import answers

ANN = "arn:aws:iam::111122223333:user/ann"
SESSION = "arn:aws:sts::111122223333:assumed-role/ops/s1"
ROLE = "arn:aws:iam::111122223333:role/ops"
USER = "qcs::cam::uin/100:uin/200"
ROOT = "qcs::cam::uin/100:root"


def decide_all(requests: list[dict[str, Any]]) -> list[str]:
    lines = answers(json.dumps(request).encode() for request in requests)
    return [json.loads(line)["decision"] for line in lines]


def decide(**request: Any) -> str:
    [found] = decide_all([request])
    return found


def aws(*statements: Any, version: str | None = "2012-10-17", **more: Any) -> dict[str, Any]:
    head = {} if version is None else {"Version": version}
    return {**head, "Statement": list(statements), **more}


def cam(*statements: Any, **more: Any) -> dict[str, Any]:
    return {"version": "2.0", "statement": list(statements), **more}


def may(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def never(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return may(action, resource, **more) | {"Effect": "Deny"}


def allow(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"effect": "allow", "action": action, "resource": resource, **more}


def deny(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return allow(action, resource, **more) | {"effect": "deny"}
