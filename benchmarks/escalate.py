"""``access escalate``: ten thousand principals in under 30 seconds.

python benchmarks/escalate.py [--principals N] [--accounts N]

Three quarters are users and a quarter roles, half of CAM's accounts and half of AWS's. A third hold a policy of their
own that names single things or beginnings of names, the others policies that many hold, some within a boundary, some
with conditions that nobody can decide. Roles trust accounts, single users, other roles in a ring, and services. What
is measured is what the command does once the facts are read, in seconds of the processor.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import resource
import sys
import time
from typing import Any

from drkit.access.escalate.escalated import escalated
from drkit.flows.access.escalate import RARELY
from drkit.ports.identities import (
    Attachment,
    Group,
    Identities,
    Origin,
    Policy,
    Role,
    Root,
    User,
    Workload,
)

LIMIT = 30.0
AWS_ACTIONS = [
    *(
        "s3:Get*",
        "s3:*",
        "ec2:Describe*",
        "sts:AssumeRole",
        "lambda:InvokeFunction",
        "iam:Get*",
        "kms:Decrypt",
    ),
    *(
        "lambda:UpdateFunctionCode",
        "iam:CreateAccessKey",
        "iam:PassRole",
        "ec2:RunInstances",
        "ssm:SendCommand",
    ),
    *("iam:AttachUserPolicy", "iam:CreatePolicyVersion", "iam:AddUserToGroup", "lambda:CreateFunction"),
    *("iam:UpdateAssumeRolePolicy", "cloudformation:CreateStack", "iam:PutRolePolicy"),
]
CAM_ACTIONS = [
    *(
        "cos:Get*",
        "cos:*",
        "cvm:Describe*",
        "sts:AssumeRole",
        "scf:InvokeFunction",
        "cam:Get*",
        "kms:Decrypt",
    ),
    *("scf:UpdateFunctionCode", "cam:CreateAccessKey", "cam:PassRole", "cvm:RunInstances", "tat:RunCommand"),
    *("cam:UpdateUser", "cam:SetDefaultPolicyVersion", "scf:CreateFunction", "cam:UpdateAssumeRolePolicy"),
]
CONDITIONAL, MOSTLY, SELDOM = 0.2, 0.7, 0.1
HARMLESS = 7  # the first actions of each list


class Making:
    """One account of either cloud."""

    def __init__(self, number: str, *, aws: bool, choose: random.Random) -> None:
        self.number, self.aws, self.choose = number, aws, choose
        self.policies: list[Policy] = []

    def name(self, kind: str, name: str) -> str:
        """A principal or a policy, as policies name it."""
        if self.aws:
            return f"arn:aws:iam::{self.number}:{kind}/{name}"
        kinds = {"user": "uin", "role": "roleName", "group": "groupid", "policy": "policyid"}
        return f"qcs::cam::uin/{self.number}:{kinds[kind]}/{name}"

    def statement(self, effect: str, actions: list[str], resources: list[str]) -> dict[str, Any]:
        """One statement."""
        strict = self.choose.random()
        if self.aws:
            made: dict[str, Any] = {"Effect": effect.title(), "Action": actions, "Resource": resources}
            if strict < CONDITIONAL:
                made["Condition"] = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
            return made
        made = {"effect": effect, "action": actions, "resource": resources}
        if strict < CONDITIONAL:
            made["condition"] = {"ip_equal": {"qcs:ip": "10.0.0.0/8"}}
        return made

    def policy(self, key: str, statements: list[dict[str, Any]], origin: Origin) -> str:
        """Take a policy; its id."""
        head = {"Version": "2012-10-17"} if self.aws else {"version": "2.0"}
        text = json.dumps({**head, "Statement" if self.aws else "statement": statements})
        self.policies.append(Policy(key, key, origin, "v1", text))
        return key

    def random_statements(self, names: list[str]) -> list[dict[str, Any]]:
        """What somebody may do: mostly harmless, sometimes on single things."""
        choose, actions = self.choose, AWS_ACTIONS if self.aws else CAM_ACTIONS
        made = []
        for _ in range(choose.randrange(1, 4)):
            wanted = actions[:HARMLESS] if choose.random() < MOSTLY else actions[HARMLESS:]
            kind = choose.choice(["user", "role"])
            one = self.name(kind, choose.choice(names)[: choose.choice([99, 99, 3])])
            on = choose.choice([["*"], [one + choose.choice(["", "*"])], [one]])
            effect = "deny" if choose.random() < SELDOM else "allow"
            made.append(self.statement(effect, choose.sample(wanted, choose.randrange(1, 4)), on))
        return made


def trust(making: Making, index: int, roles: int) -> str:
    """Whom a role trusts: its account, one user, the next role of a ring, a service."""
    which = index % 4
    user, role = making.name("user", f"1000{index}"), making.name("role", f"r{(index + 4) % roles}")
    account = f"arn:aws:iam::{making.number}:root" if making.aws else f"qcs::cam::uin/{making.number}:root"
    service = "ec2.amazonaws.com" if making.aws else "cvm.qcloud.com"
    names = [account, user, role]
    whom = {"service" if not making.aws else "Service": service}
    if which < len(names):
        whom = {"AWS" if making.aws else "qcs": names[which]}
    if making.aws:
        statement = {"Effect": "Allow", "Principal": whom, "Action": "sts:AssumeRole"}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    one = {"effect": "allow", "principal": whom, "action": "name/sts:AssumeRole"}
    return json.dumps({"version": "2.0", "statement": [one]})


def account(number: str, people: int, *, aws: bool, choose: random.Random) -> Identities:
    """One account with so many principals."""
    making = Making(number, aws=aws, choose=choose)
    roles = people // 4
    names = [f"1000{index}" for index in range(people - roles)]
    names += [f"r{index}" for index in range(roles)]
    shared = [
        making.policy(making.name("policy", f"{index}"), making.random_statements(names), Origin.CUSTOM)
        for index in range(100)
    ]
    everything = making.policy(
        making.name("policy", "admin"), [making.statement("allow", ["*"], ["*"])], Origin.CUSTOM
    )
    made_users, made_roles = [], []
    for index, name in enumerate(names):
        kind = "user" if index < people - roles else "role"
        key = making.name(kind, name)
        held = choose.sample(shared, choose.randrange(1, 4))
        if index % 3 == 0:
            held.append(making.policy(f"{key}#own", making.random_statements(names), Origin.INLINE))
        if index % 97 == 0:
            held.append(everything)
        attached = tuple(map(Attachment, held))
        boundary = shared[index % 100] if index % 11 == 0 else ""
        if kind == "user":
            user = key if aws else name
            made_users.append(
                User(
                    user, name, None, None, second_factor=False, policies=attached, boundary=boundary, keys=()
                )
            )
        else:
            text = trust(making, index, roles)
            made_roles.append(Role(key if aws else name, name, key, text, attached, boundary))
    groups = tuple(
        Group(
            making.name("group", f"{index}") if aws else f"{index}",
            f"g{index}",
            tuple(user.id for user in made_users[index::50]),
            (Attachment(shared[index]),),
        )
        for index in range(50)
    )
    kind = "ec2_instances" if aws else "cvm_instances"
    running = tuple(
        Workload(kind, f"arn:aws:ec2:us-east-1:{number}:instance/i-{n}" if aws else f"ins-{n}", role.id)
        for n, role in enumerate(made_roles[::7])
    )
    return Identities(
        account=number,
        cloud="aws" if aws else "tencent",
        number=number,
        app_id="",
        users=tuple(made_users),
        groups=groups,
        roles=tuple(made_roles),
        policies=tuple(making.policies),
        providers=(),
        root=Root((), second_factor=True),
        workloads=running,
    )


def main() -> int:
    """Print the figures as JSON; exit 1 when it takes too long."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--principals", type=int, default=10_000)
    parser.add_argument("--accounts", type=int, default=4)
    given = parser.parse_args()
    gc.set_threshold(RARELY)  # as the command does
    choose = random.Random(7)  # noqa: S311 - the same input each time, not a secret
    accounts = [
        account(str(111122220000 + n), given.principals // given.accounts, aws=n % 2 == 0, choose=choose)
        for n in range(given.accounts)
    ]
    begin = time.process_time()
    found = escalated(accounts)
    seconds = time.process_time() - begin
    figures = {
        "principals": len(found.principals),
        "policies": sum(len(each.policies) for each in accounts if isinstance(each.policies, tuple)),
        "administrators": sum(each.administrator for each in found.principals),
        "certain": sum(each.administrator and each.certain for each in found.principals),
        "by_escalation": sum(bool(each.path) for each in found.principals),
        "longest_path": max(len(each.path) for each in found.principals),
        "seconds": round(seconds, 2),
        "limit_seconds": LIMIT,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(figures))
    return int(seconds > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
