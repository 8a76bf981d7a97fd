"""``access audit``: at least 3,000 policies of real size a second of the processor, read and audited, under 150 MiB.

python benchmarks/audit.py [--policies N] [--peers PYTHON]

Half of the documents are CAM's and half AWS's, 1 to 3 kB each as real ones are: three to eight statements of
services, wildcards, resources and conditions, every one different. Measured is the whole way from bytes to
findings, places included, in one process, and its peak of memory. With ``--peers``, the interpreter of an
environment with cloudsplaining and parliament (tests/peers/access.txt), the same AWS documents go through their
analysis of one document, in a process each; both know AWS alone.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from drkit.access.audit import audit
from drkit.access.language.form import Dialect

LIMIT, MEMORY = 3_000, 150
SERVICES = {
    Dialect.CAM: ("cvm", "cos", "cam", "cdb", "vpc", "kms", "clb", "tke", "redis"),
    Dialect.AWS: ("s3", "ec2", "iam", "kms", "rds", "dynamodb", "lambda", "sqs", "logs"),
}
NAMES = (
    "Describe*",
    "Get*",
    "List*",
    "CreateTags",
    "ModifyInstance",
    "Put*",
    "RunInstances",
    "DeleteObject",
    "Start*",
)
CONDITIONS = {
    Dialect.CAM: {"ip_equal": {"qcs:ip": ["10.0.0.0/8", "172.16.0.0/12"]}},
    Dialect.AWS: {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "172.16.0.0/12"]}},
}
RARELY = 0.3
PEERS = {
    "cloudsplaining": (
        "from cloudsplaining.scan.policy_document import PolicyDocument\n"
        "def run(text):\n"
        "    found = PolicyDocument(json.loads(text))\n"
        "    return [found.infrastructure_modification, found.allows_privilege_escalation,\n"
        "            found.permissions_management_without_constraints, found.credentials_exposure]\n"
    ),
    "parliament": (
        "import parliament\ndef run(text):\n    return parliament.analyze_policy_string(text).findings\n"
    ),
}
PEER = """\
import json, resource, sys, time, warnings
warnings.simplefilter("ignore")
{run}
texts = json.load(open(sys.argv[1]))
run(texts[0])
begun = time.process_time()
for text in texts:
    run(text)
spent = time.process_time() - begun
print(len(texts) / spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def statement(dialect: Dialect, choose: random.Random) -> dict[str, Any]:
    """One statement."""
    service = choose.choice(SERVICES[dialect])
    prefix = (
        f"qcs::{service}:ap-beijing:uin/100000000001" if dialect is Dialect.CAM else f"arn:aws:{service}:::b"
    )
    wide = choose.random() < RARELY
    made: dict[str, Any] = {
        "sid": f"s{choose.randrange(10**6)}",
        "effect": "deny" if choose.random() < RARELY else "allow",
        "action": [f"{service}:{name}" for name in choose.sample(NAMES, choose.randrange(2, 7))],
        "resource": "*" if wide else [f"{prefix}:instance/i-{choose.randrange(10**6)}*" for _ in range(3)],
    }
    if choose.random() < RARELY:
        made["condition"] = CONDITIONS[dialect]
    if dialect is Dialect.AWS:
        made = {name.capitalize(): value for name, value in made.items()}
        made["Effect"] = str(made["Effect"]).capitalize()
    return made


def document(dialect: Dialect, choose: random.Random) -> str:
    """One policy, as people write it."""
    statements = [statement(dialect, choose) for _ in range(choose.randrange(3, 9))]
    whole = {"version": "2.0", "statement": statements}
    if dialect is Dialect.AWS:
        whole = {"Version": "2012-10-17", "Statement": statements}
    return json.dumps(whole, indent=2)


def main() -> int:
    """Measure and print; 1 where the figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--policies", type=int, default=6_000)
    parser.add_argument("--peers", type=Path)
    asked = parser.parse_args()
    choose = random.Random(7)  # noqa: S311 - a benchmark, no secret
    texts = [
        (dialect, document(dialect, choose))
        for dialect in Dialect
        for _ in range(asked.policies // len(Dialect))
    ]
    size = sum(len(text) for _, text in texts) / len(texts)
    begun = time.process_time()
    findings = sum(len(audit(dialect, "p.json", text.encode()).findings) for dialect, text in texts)
    rate = len(texts) / (time.process_time() - begun)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"drkit           {rate:8.0f} policies a second, {memory:4.0f} MiB; {size:.0f} bytes each, {findings} findings"
    )
    if asked.peers:
        peers(asked.peers, [text for dialect, text in texts if dialect is Dialect.AWS][:1000])
    return 0 if rate >= LIMIT and memory <= MEMORY else 1


def peers(python: Path, texts: list[str]) -> None:
    """The same documents by others."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(texts, file)
        file.flush()
        for name, run in PEERS.items():
            words = [str(python), "-W", "ignore", "-c", PEER.format(run=run), file.name]
            told = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
            print(f"{name:15} {float(told[0]):8.0f} policies a second, {float(told[1]):4.0f} MiB; AWS alone")


if __name__ == "__main__":
    sys.exit(main())
