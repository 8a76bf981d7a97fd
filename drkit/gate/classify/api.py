"""Calls of a cloud's API: what an action does, by the word that its name begins with, and what it guards.

The words are those of API 3.0 and of AWS' operations. A name that begins otherwise may do anything, so it is held.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from drkit.gate.verdict import Judgement, Reason, Verdict, judged, review

READING = re.compile(
    r"(Describe|Get|List|Query|Check|Inquire|Inquiry|Search|Head|Lookup|Look|Show|Count|Validate|Verify|Test|Preview|"
    r"Estimate|Detect|Batch(Get|Describe)|Simulate|Filter|Select)(?![a-z])"
)
# What begins like reading, and hands out a secret, opens a door or costs the reader his own data.
NOT_READING = re.compile(
    r"(Get(Secret\w*|SessionToken|FederationToken|AuthorizationToken|PasswordData|Parameters?|ParametersByPath|"
    r"ParameterHistory|CredentialsForIdentity|RandomPassword|KubeConfig|OpenIdToken\w*|ConsoleLogin\w*|RoleCredentials|"
    r"ClusterCredentials\w*|SigninToken|ServiceBearerToken|DataKey\w*|TemporaryCredential\w*|Password\w*)|"
    r"Describe(InstanceVncUrl|InstancesVncUrl|ClusterKubeconfig|ClusterSecurity|Passwor\w*|ConsolePassword\w*|"
    r"RandomPassword\w*|\w*Secret\w*|\w*AccessToken\w*)|"
    r"(Check|Validate|Test|Verify|Detect|Select|Filter|Query)\w*(Delete|Destroy|Terminate|Remove|Isolate|Reset)\w*)"
)
DESTROYING = re.compile(
    r"(Delete|Destroy|Terminate|Remove|Isolate|Release|Offline|Purge|Clean|Clear|Drop|Truncate|Erase|Wipe|Format|Reset|"
    r"Reinstall|Rebuild|Rollback|Apply(Snapshot|Disk)|Revoke|Cancel|Close|Expire|Abort|Unsubscribe|Deregister|"
    r"Refund|Withdraw|Schedule(Key)?Deletion|Batch(Delete|Remove|Terminate|Destroy)|Kill|Flush|Empty|Return)(?![a-z])"
)
# Services whose every change is one of rights, keys, records or guards.
PROTECTING_SERVICES = frozenset(
    [
        "cam",
        "sts",
        "kms",
        "ssm",
        "organization",
        "organizations",
        "cloudaudit",
        "bh",
        "dasb",
        "config",
        "advisor",
        "iam",
        "cloudtrail",
        "guardduty",
        "secretsmanager",
        "sso",
        "identitystore",
        "account",
        "backup",
        "ram",
        "acm",
        "cloudhsm",
        "macie2",
        "securityhub",
        "access-analyzer",
        "controltower",
        "ssoadmin",
        "sso-admin",
        "ccc",
        "csip",
        "cwp",
        "waf",
        "tcss",
        "cfw",
    ]
)
PROTECTING = re.compile(
    r"\w*(Policy|Policies|Permission|Acl|ACL|Role|AccessKey|Password|Lock|Retention|Lifecycle|Versioning|Protect\w*|"
    r"Backup|Snapshot|Audit|Trail|Encryption|SecurityGroup|Rule|Replication|Firewall|KeyPair|Credential|Grant|Principal|"
    r"MFA|Mfa|Logging|Recycle|Deletion|Attributes?|Login|Token)\w*"
)
# Adds something and takes nothing away.
ADDING = re.compile(
    r"(CreateSnapshots?|CreateSnapshotGroup|CopySnapshot\w*|CreateBackup|CreateBackupJob|CreateDBSnapshot|"
    r"CreateImage|CreateDisks?|CreateVolume|RunInstances|AllocateAddress(es)?|CreateTags?|AddTags?|TagResources?|"
    r"CreateBucket|StartInstances?|CreateDBInstances?\w*|CreateDiskBackup|CreateDBClusterSnapshot|ApplyDiskBackupFor\w+)"
)


def judge_call(call: Mapping[str, Any]) -> Judgement:
    """Judge one API call: ``cloud``, ``service``, ``action`` and ``params``."""
    names = [call.get(key) for key in ("cloud", "service", "action")]
    if not all(isinstance(name, str) and name for name in names):
        return review("input", "an API call needs cloud, service and action, each as text")
    reason = judge_action(*map(str, names))
    return judged([reason] if reason else [])


def judge_action(cloud: str, service: str, action: str) -> Reason | None:  # noqa: PLR0911 - one rule, one return
    """What keeps an action from being everyday work; None where nothing does."""
    name = f"{cloud} {service} {action}"
    if cloud.lower() not in ("tencent", "aws", "qcloud"):
        return Reason(Verdict.REVIEW, "cloud", f"nothing is known of the cloud of {name}")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", action) or not re.fullmatch(r"[A-Za-z0-9-]+", service):
        return Reason(Verdict.REVIEW, "cloud", f"{name}: this is no name of an action")
    action = action[0].upper() + action[1:]
    if NOT_READING.match(action):
        return Reason(Verdict.REVIEW, "secret", f"{name}: hands out a secret or opens a way in")
    if READING.match(action):
        return None
    if DESTROYING.match(action):
        return Reason(Verdict.REVIEW, "cloud-destroy", f"{name}: destroys, or takes away for good")
    if service.lower() in PROTECTING_SERVICES:
        return Reason(Verdict.REVIEW, "cloud-protects", f"{name}: changes rights, keys, records or guards")
    if ADDING.fullmatch(action):
        return None
    if PROTECTING.match(action):
        return Reason(Verdict.REVIEW, "cloud-protects", f"{name}: changes what protects")
    return Reason(Verdict.REVIEW, "cloud-change", f"{name}: changes what is there, or nobody knows whether")
