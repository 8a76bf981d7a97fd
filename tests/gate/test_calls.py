"""Calls of clouds are judged by the catalogue of what each action does, and by the parameters that decide."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from drkit.gate.calls import CATALOGUE, known
from drkit.gate.calls.rules import CHANGE, DESTROY, MAKE, PROTECTS, READ, RUN, SECRET, kind
from drkit.gate.classify.api import judge_call
from drkit.gate.classify.shell import judge_shell
from drkit.gate.verdict import Verdict
from drkit.sandbox import specification

KINDS = {CHANGE, DESTROY, MAKE, PROTECTS, READ, RUN, SECRET}


def call(cloud: str, service: str, action: str, **params: object) -> str:
    found = judge_call({"cloud": cloud, "service": service, "action": action, "params": params})
    return found.reasons[0].rule if found.reasons else found.verdict.word


def test_the_catalogue_is_what_the_rules_say_of_every_action_in_it():
    head, *lines = CATALOGUE.read_text().splitlines()
    count = 0
    for cloud, services in json.loads(head)["services"].items():
        for service, place in services.items():
            told = json.loads(lines[place - 1])
            told.pop("dry", None)
            assert set(told) <= KINDS
            for each, names in told.items():
                for action in names.split():
                    count += 1
                    assert kind(cloud, service, action) == each, (
                        f"{service}:{action}: python -m drkit.gate.calls.generate"
                    )
    assert count > 30_000


def test_what_the_sandbox_knows_of_tencent_the_gate_knows_too():
    told = json.loads(
        gzip.decompress((Path(specification.__file__).parent / "data/index.json.gz").read_bytes())
    )
    missing = [
        f"{service}:{action}"
        for service, versions in told.items()
        for version in versions.values()
        for action in version["actions"]
        if known("tencent", service, action) is None
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("asked", "rule"),
    [
        (("tencent", "cbs", "DescribeSnapshots"), "allow"),
        (("tencent", "cbs", "CreateSnapshot"), "allow"),
        (("tencent", "cbs", "DeleteSnapshots"), "cloud-destroy"),
        (("tencent", "cbs", "ApplySnapshot"), "cloud-destroy"),
        (("tencent", "cvm", "ResetInstance"), "cloud-destroy"),
        (("tencent", "cvm", "StopInstances"), "cloud-change"),
        (("tencent", "cvm", "ModifyInstancesRenewFlag"), "cloud-protects"),
        (("tencent", "cam", "DetachUserPolicy"), "cloud-protects"),
        (("tencent", "cam", "SetMfaFlag"), "cloud-protects"),
        (("tencent", "cloudaudit", "ModifyAuditTrack"), "cloud-protects"),
        (("tencent", "cos", "PutBucketLifecycle"), "cloud-protects"),
        (("tencent", "cos", "DeleteBucketPolicy"), "cloud-protects"),
        (("tencent", "tat", "RunCommand"), "cloud-run"),
        (("tencent", "sts", "AssumeRole"), "secret"),
        (("tencent", "cdb", "DescribeBackupDecryptionKey"), "secret"),
        (("tencent", "cvm", "DescribeNothingOfTheKind"), "cloud"),
        (("tencent", "nothing", "DescribeInstances"), "cloud"),
        (("aws", "ec2", "DescribeInstances"), "allow"),
        (("aws", "ec2", "TerminateInstances"), "cloud-destroy"),
        (("aws", "cloudtrail", "StopLogging"), "cloud-protects"),
        (("aws", "iam", "DeactivateMFADevice"), "cloud-protects"),
        (("aws", "secretsmanager", "BatchGetSecretValue"), "secret"),
        (("aws", "elasticache", "TestFailover"), "cloud-destroy"),
        (("azure", "vm", "List"), "cloud"),
    ],
)
def test_an_action_is_read_or_changes_or_destroys_or_lifts_protection_or_is_unknown(asked, rule):
    assert call(*asked) == rule


def test_a_trial_does_nothing_where_the_cloud_knows_trials():
    assert call("aws", "ec2", "TerminateInstances", DryRun=True) == "allow"
    assert call("aws", "ec2", "TerminateInstances", DryRun=False) == "cloud-destroy"
    assert call("aws", "ec2", "TerminateInstances", DryRun="perhaps") == "cloud-destroy"
    assert (
        call("tencent", "cvm", "TerminateInstances", DryRun=True) == "cloud-destroy"
    )  # it has none: it would destroy
    assert call("tencent", "cvm", "DeleteImages", DryRun=True) == "allow"


def test_parameters_decide_what_a_change_of_a_snapshot_is_and_what_a_new_host_brings_along():
    assert call("tencent", "cbs", "ModifySnapshotAttribute", SnapshotName="x") == "cloud-change"
    assert call("tencent", "cbs", "ModifySnapshotAttribute", Deadline="2026-01-01") == "cloud-protects"
    assert call("tencent", "cvm", "RunInstances", InstanceType="S5") == "allow"
    assert call("tencent", "cvm", "RunInstances", CamRoleName="admin") == "cloud-protects"
    assert call("tencent", "cvm", "ModifyInstancesAttribute", DisableApiTermination=False) == "cloud-protects"
    assert call("aws", "ssm", "GetParameter", Name="x") == "allow"
    assert call("aws", "ssm", "GetParameter", Name="x", WithDecryption=True) == "secret"
    assert call("aws", "ec2", "CreateTags", Tags=[{"Key": "Backup", "Value": "no"}]) == "cloud-protects"
    assert call("aws", "ec2", "CreateTags", Tags=[{"Key": "Name", "Value": "web"}]) == "allow"


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("aws ec2 terminate-instances --instance-ids i-1 --dry-run", Verdict.ALLOW),
        ("aws ec2 terminate-instances --instance-ids i-1 --dry-run --no-dry-run", Verdict.REVIEW),
        ("aws ec2 terminate-instances --instance-ids i-1 --dry-run $MORE", Verdict.REVIEW),
        ("aws ec2 run-instances --image-id ami-1", Verdict.ALLOW),
        ("aws ec2 run-instances --cli-input-json file://x", Verdict.REVIEW),
        ("tccli cvm RunInstances --InstanceType S5", Verdict.ALLOW),
        ("tccli cvm RunInstances --InstanceType S5 --UserData x", Verdict.REVIEW),
        ("tccli cvm deleteimages --ImageIds x --DryRun True", Verdict.ALLOW),
        ("tccli cvm DeleteImages --ImageIds x --DryRun True --DryRun False", Verdict.REVIEW),
    ],
)
def test_command_lines_of_clouds_are_judged_with_their_parameters(line, verdict):
    assert judge_shell(line).verdict is verdict


def test_parameters_that_are_no_object_are_held():
    found = judge_call({"cloud": "aws", "service": "ec2", "action": "DescribeInstances", "params": [1]})
    assert found.verdict is Verdict.REVIEW
