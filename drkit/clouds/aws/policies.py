"""The IAM policy of each credential, made from the calls that the modules of this package declare.

A declaration is a `Call` that stands in a module by a name of its own. A call that no declaration makes is
in no policy. `python -m drkit.clouds.aws.policies DIRECTORY` writes the files (`make schemas`).
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from drkit.clouds import aws
from drkit.clouds.aws.naming import EVERYTHING, RESOURCES, VERSION, action_of, document
from drkit.clouds.aws.times import DELETE_AFTER_TAG
from drkit.clouds.tencent.client import Call, Power
from drkit.core.results import json_text, write_result

# Whom the role lets assume it: the broker's user and nobody else. The number is the estate's to fill in; in
# China the partition is aws-cn.
TRUST_FILE = "aws-destroy-trust.json"
TRUST = {
    "Version": VERSION,
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["sts:AssumeRole"],
            "Principal": {"AWS": ["arn:aws:iam::ACCOUNT:user/drkit-broker"]},
        }
    ],
}

# For the function that the account's owner installs to remove what is due (`handout/delete_after.py`). No
# credential of drkit's has it.
CLEANER_FILE = "aws-delete-after.json"
CLEANER = {
    "Version": VERSION,
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["ec2:DescribeSnapshotAttribute", "ec2:DescribeSnapshots", "ec2:DescribeVolumes"],
            "Resource": [EVERYTHING],
        },
        {
            "Effect": "Allow",
            "Action": ["ec2:DeleteSnapshot"],
            "Resource": ["arn:*:ec2:*:*:snapshot/*"],
            "Condition": {"Null": {f"aws:ResourceTag/{DELETE_AFTER_TAG}": "false"}},
        },
    ],
}


def declared() -> tuple[Call, ...]:
    """Every call that the modules of this package declare."""
    modules = [import_module(f"{aws.__name__}.{found.name}") for found in iter_modules(aws.__path__)]
    calls = {value for module in modules for value in vars(module).values() if isinstance(value, Call)}
    return tuple(sorted(calls, key=action_of))


def policy(power: Power) -> dict[str, Any]:
    """The policy document that allows what one power calls, and nothing else."""
    actions = {action_of(call) for call in declared() if power in call.powers}
    return document((action, RESOURCES.get(action, EVERYTHING)) for action in actions)


def file_name(power: Power) -> str:
    """The file that holds a power's policy."""
    return f"aws-{power}.json"


def write(directory: Path) -> None:
    """Write the policy of every power, of the role's trust and of the owner's function, into a directory."""
    directory.mkdir(parents=True, exist_ok=True)
    for power in Power:
        write_result(json_text(policy(power)), directory / file_name(power))
    write_result(json_text(TRUST), directory / TRUST_FILE)
    write_result(json_text(CLEANER), directory / CLEANER_FILE)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
