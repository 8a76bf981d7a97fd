"""The CAM policy of each credential, made from the calls that the modules of this package declare.

A declaration is a `Call` that stands in a module by a name of its own. A call that no declaration makes is
in no policy. `python -m drkit.clouds.tencent.policies DIRECTORY` writes the files (`make schemas`).
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from drkit.clouds import tencent
from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.naming import action_of, resources_of, statements
from drkit.core.results import json_text, write_result

# Whom the role lets assume it: the broker's user and nobody else. Both numbers are the estate's to fill in.
TRUST_FILE = "tencent-destroy-trust.json"
TRUST = {
    "version": "2.0",
    "statement": [
        {
            "effect": "allow",
            "action": ["name/sts:AssumeRole"],
            "principal": {"qcs": ["qcs::cam::uin/ACCOUNT:uin/BROKER"]},
        }
    ],
}


def declared() -> tuple[Call, ...]:
    """Every call that the modules of this package declare."""
    modules = [import_module(f"{tencent.__name__}.{found.name}") for found in iter_modules(tencent.__path__)]
    calls = {value for module in modules for value in vars(module).values() if isinstance(value, Call)}
    return tuple(sorted(calls, key=action_of))


def policy(power: Power) -> dict[str, Any]:
    """The policy document (version 2.0) that allows what one power calls, and nothing else."""
    actions = {action_of(call) for call in declared() if power in call.powers}
    allowed = ((action, resource) for action in actions for resource in resources_of(action))
    return {"version": "2.0", "statement": statements(allowed)}


def file_name(power: Power) -> str:
    """The file that holds a power's policy."""
    return f"tencent-{power}.json"


def write(directory: Path) -> None:
    """Write the policy of every power, and the trust policy of the role, into a directory."""
    directory.mkdir(parents=True, exist_ok=True)
    for power in Power:
        write_result(json_text(policy(power)), directory / file_name(power))
    write_result(json_text(TRUST), directory / TRUST_FILE)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
