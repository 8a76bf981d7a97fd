"""The CAM policy of each credential, made from the calls that the modules of this package declare.

A declaration is a `Call` that stands in a module by a name of its own. A call that no declaration makes is
in no policy. `python -m drkit.clouds.tencent.policies DIRECTORY` writes the files (`make schemas`).

Sources: the grammar of policies (598/10604); operation-level actions (598/69872, 213/77373); the policy
syntax (362/34221) and the authorized resource types (362/34220) of CBS. docs/policies.md says what they
leave open.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from drkit.clouds import tencent
from drkit.clouds.tencent.client import Call, Power
from drkit.core.results import json_text, write_result

# The service that policies name, where it is another than the API's: disks are authorised as part of CVM.
PREFIXES = {"cbs": "cvm"}
EVERYTHING = "*"
# What an action can be bound to. Empty project, region and account: every region of the policy's owner.
# Only what the documentation says for certain: CAM is passed "*" for an operation-level action, and a
# statement that names a resource would then allow nothing.
RESOURCES = {"cvm:DescribeDisks": "qcs::cvm:::volume/*"}


def declared() -> tuple[Call, ...]:
    """Every call that the modules of this package declare."""
    modules = [import_module(f"{tencent.__name__}.{found.name}") for found in iter_modules(tencent.__path__)]
    calls = {value for module in modules for value in vars(module).values() if isinstance(value, Call)}
    return tuple(sorted(calls, key=action_of))


def action_of(call: Call) -> str:
    """A call's action as a policy names it, such as ``cvm:DescribeDisks``."""
    return f"{PREFIXES.get(call.service, call.service)}:{call.action}"


def policy(power: Power) -> dict[str, Any]:
    """The policy document that allows what one power calls, and nothing else."""
    return document(action_of(call) for call in declared() if power in call.powers)


def document(actions: Iterable[str]) -> dict[str, Any]:
    """A policy document (version 2.0): one statement for each resource that actions are bound to."""
    by_resource: dict[str, list[str]] = defaultdict(list)
    for action in sorted(set(actions)):
        by_resource[RESOURCES.get(action, EVERYTHING)].append(action)
    return {
        "version": "2.0",
        "statement": [
            {"effect": "allow", "action": actions_there, "resource": [resource]}
            for resource, actions_there in sorted(by_resource.items())
        ],
    }


def file_name(power: Power) -> str:
    """The file that holds a power's policy."""
    return f"tencent-{power}.json"


def write(directory: Path) -> None:
    """Write the policy of every power into a directory."""
    directory.mkdir(parents=True, exist_ok=True)
    for power in Power:
        write_result(json_text(policy(power)), directory / file_name(power))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
