"""``access evaluate --jsonl``: at least 20,000 decisions a second, with up to 1,000 distinct policy sets.

python benchmarks/access.py [--requests N] [--sets N]

Half of the sets are CAM's and half AWS's: one to three policies of 3 to 6 statements each with conditions,
variables and wildcards, a third with a boundary, a fifth with the resource's own policy. Measured are whole
lines, in seconds of the processor: read, decided, written, in one process; the best of three rounds, of which
the first compiles.
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

from drkit.access.evaluate.bulk import answer
from drkit.flows.access.evaluate import RARELY

LIMIT = 20_000
HALF = 0.5
ROUNDS = 3
CAM_ACTIONS = ["cvm:TerminateInstances", "cos:PutObject", "cam:AttachUserPolicy", "cdb:IsolateDBInstance"]
AWS_ACTIONS = ["s3:GetObject", "s3:PutObject", "ec2:TerminateInstances", "iam:PassRole", "kms:Decrypt"]


def cam_statement(choose: random.Random) -> dict[str, Any]:
    """One statement of CAM."""
    service = choose.choice(["cvm", "cos", "cam", "cdb", "vpc"])
    made: dict[str, Any] = {
        "effect": choose.choice(["allow", "allow", "allow", "deny"]),
        "action": [f"name/{service}:{choose.choice(['Describe*', 'Put*', 'Terminate*', '*Policy'])}"] * 3,
        "resource": [f"qcs::{service}:ap-beijing:uin/100:instance/ins-{choose.randrange(99)}*", "*"],
    }
    if choose.random() < HALF:
        made["condition"] = {"ip_equal": {"qcs:ip": ["10.0.0.0/8", f"172.{choose.randrange(99)}.0.0/16"]}}
    return made


def aws_statement(choose: random.Random) -> dict[str, Any]:
    """One statement of AWS."""
    service = choose.choice(["s3", "ec2", "iam", "kms"])
    made: dict[str, Any] = {
        "Effect": choose.choice(["Allow", "Allow", "Allow", "Deny"]),
        "Action": [f"{service}:{choose.choice(['Get*', 'Put*', 'Terminate*', 'Pass*', '*'])}"] * 3,
        "Resource": [f"arn:aws:{service}:::b{choose.randrange(99)}/${{aws:username}}/*", "arn:aws:s3:::b*"],
    }
    if choose.random() < HALF:
        made["Condition"] = {
            "StringLike": {"aws:PrincipalTag/team": ["a*", "b?"]},
            "Bool": {"aws:SecureTransport": "true"},
        }
    return made


def policy_set(number: int, dialect: str, choose: random.Random) -> dict[str, Any]:
    """The policies of one principal."""
    if dialect == "cam":
        head: dict[str, Any] = {"version": "2.0"}
        key, statement = "statement", cam_statement
    else:
        head, key, statement = {"Version": "2012-10-17", "Id": str(number)}, "Statement", aws_statement

    def document() -> dict[str, Any]:
        return {**head, key: [statement(choose) for _ in range(choose.randrange(3, 7))]}

    made: dict[str, Any] = {"policies": [document() for _ in range(choose.randrange(1, 4))]}
    if number % 3 == 0:
        made["boundary"] = [document()]
    if number % 5 == 0 and dialect == "aws":
        own = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b1/*"}
        made["resource_policy"] = {**head, "Statement": [own]}
    return made


def line(number: int, sets: list[tuple[str, dict[str, Any]]], choose: random.Random) -> bytes:
    """One request."""
    dialect, held = choose.choice(sets)
    if dialect == "cam":
        asked = {
            "principal": "qcs::cam::uin/100:uin/200",
            "action": choose.choice(CAM_ACTIONS),
            "resource": f"qcs::cvm:ap-beijing:uin/100:instance/ins-{choose.randrange(99)}",
            "context": {"qcs:ip": "10.1.2.3", "qcs:mfa": True},
        }
    else:
        asked = {
            "principal": "arn:aws:iam::111122223333:user/ann",
            "action": choose.choice(AWS_ACTIONS),
            "resource": f"arn:aws:s3:::b{choose.randrange(99)}/ann/x",
            "context": {"aws:username": "ann", "aws:PrincipalTag/team": "a1", "aws:SecureTransport": "true"},
        }
    return json.dumps({"id": number, "dialect": dialect, **held, **asked}).encode()


def main() -> int:
    """Print the figures as JSON; exit 1 when they are too low."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=40_000)
    parser.add_argument("--sets", type=int, default=1_000)
    given = parser.parse_args()
    gc.set_threshold(RARELY)  # as the command does
    choose = random.Random(7)  # noqa: S311 - the same input each time, not a secret
    sets = [
        (dialect, policy_set(number, dialect, choose))
        for number in range(given.sets)
        for dialect in [("cam", "aws")[number % 2]]
    ]
    lines = [line(number, sets, choose) for number in range(given.requests)]
    seconds = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        for each in lines:
            answer(each)
        seconds.append(time.process_time() - begin)
    figures = {
        "requests": given.requests,
        "sets": given.sets,
        "bytes_a_line": sum(map(len, lines)) // len(lines),
        "first_round_per_second": int(given.requests / seconds[0]),
        "per_second": int(given.requests / min(seconds)),
        "limit_per_second": LIMIT,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(figures))
    return int(figures["per_second"] < LIMIT)


if __name__ == "__main__":
    sys.exit(main())
