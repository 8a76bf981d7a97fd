"""How policies of CAM name what the API calls: actions, resources, statements.

Sources: the grammar of policies (598/10604); operation-level actions (598/69872, 213/77373); the policy
syntax (362/34221) and the authorized resource types (362/34220) of CBS; the policy that lets a user assume a
role (598/19422). docs/policies.md says what they leave open.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from drkit.clouds.tencent.client import Call

# The service that policies name, where it is another than the API's: disks are authorised as part of CVM.
PREFIXES = {"cbs": "cvm"}
EVERYTHING = "*"
ROLE = "drkit-destroy"
# What an action can be bound to. Empty project, region and account: every region of the policy's owner.
# Only what the documentation says for certain: CAM is passed "*" for an operation-level action, and a
# statement that names a resource would then allow nothing.
RESOURCES = {
    "cvm:DescribeDisks": "qcs::cvm:::volume/*",
    "cvm:TerminateDisks": "qcs::cvm:::volume/*",
    "cvm:AttachDisks": "qcs::cvm:::volume/*",
    "cvm:DetachDisks": "qcs::cvm:::volume/*",
    "sts:AssumeRole": f"qcs::cam:::roleName/{ROLE}",
}
# What two kinds of things are passed for (362/34220): both have to be allowed.
ALSO = dict.fromkeys(("cvm:AttachDisks", "cvm:DetachDisks"), "qcs::cvm:::instance/*")


def action_of(call: Call) -> str:
    """A call's action as a policy names it, such as ``cvm:DescribeDisks``."""
    return f"{PREFIXES.get(call.service, call.service)}:{call.action}"


def resources_of(action: str) -> tuple[str, ...]:
    """All that a policy has to name for an action, whatever it is done to."""
    return tuple(filter(None, (RESOURCES.get(action, EVERYTHING), ALSO.get(action))))


def statements(allowed: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """The statements that allow pairs of an action and a resource: one for each set of resources."""
    by_action: dict[str, set[str]] = defaultdict(set)
    for action, resource in allowed:
        by_action[action].add(resource)
    by_resources: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for action, resources in sorted(by_action.items()):
        by_resources[tuple(sorted(resources))].append(action)
    return [
        {"effect": "allow", "action": actions, "resource": list(resources)}
        for resources, actions in sorted(by_resources.items())
    ]
