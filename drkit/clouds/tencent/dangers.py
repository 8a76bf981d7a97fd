"""Actions by which data is destroyed or the right to destroy is taken, held against the patterns of a policy.

These lists are far from every action of the cloud that deletes something. So what they do not name is harmless
only if it reads, or if drkit itself needs it to look and to make; of everything else nobody here knows.
Names were checked against the method lists of the official SDK; those of cbs are authorised as cvm, and
whether the prefix cbs counts too is not documented, so a pattern of either is dangerous.
"""

from __future__ import annotations

from collections.abc import Iterator

_DISKS = """TerminateDisks DeleteSnapshots DeleteSnapshotGroup DeleteDiskBackups DeleteAutoSnapshotPolicies
    UnbindAutoSnapshotPolicy ModifyAutoSnapshotPolicyAttribute ModifySnapshotAttribute ModifyDisksRenewFlag
    ApplySnapshot ApplySnapshotGroup ApplyDiskBackup"""
# What deletes, overwrites, shortens, unlocks, makes unreadable or covers tracks.
DESTRUCTION = {
    "cbs": _DISKS,
    "cvm": f"""TerminateInstances ResetInstance DeleteImages ModifyInstancesAttribute
        ModifyInstancesRenewFlag {_DISKS}""",
    "cdb": """IsolateDBInstance OfflineIsolatedInstances DeleteBackup DeleteDatabase ModifyBackupConfig
        ModifyRemoteBackupConfig ModifyInstanceDestroyProtect ModifyAutoRenewFlag""",
    "cynosdb": """IsolateCluster OfflineCluster DeleteBackup DeleteBackupVault DeleteVaults ModifyVault
        DeleteClusterDatabase""",
    "mongodb": """TerminateDBInstances IsolateDBInstance OfflineIsolatedDBInstance DeleteDBBackups
        ModifyBackupExpireTime SetDBInstanceDeletionProtection""",
    "redis": """DestroyPostpaidInstance DestroyPrepaidInstance CleanUpInstance ClearInstance
        ModifyAutoBackupConfig RestoreInstance""",
    "postgres": """IsolateDBInstances DestroyDBInstance DeleteBaseBackup DeleteLogBackup DeleteBackupPlan
        ModifyBaseBackupExpireTime ModifyDBInstanceDeletionProtection""",
    "sqlserver": "TerminateDBInstance DeleteDBInstance DeleteDB RemoveBackups ModifyBackupStrategy",
    "cfs": "DeleteCfsFileSystem DeleteCfsSnapshot ModifyLifecyclePolicy ApplyPathLifecyclePolicy",
    "lighthouse": """TerminateInstances TerminateDisks IsolateInstances DeleteSnapshots DeleteDiskBackups
        ResetInstance""",
    "tke": "DeleteCluster DeleteEKSCluster DeleteBackupStorageLocation DisableClusterDeletionProtection",
    "kms": "ScheduleKeyDeletion DisableKey DisableKeys ArchiveKey DeleteImportedKeyMaterial",
    "ssm": "ScheduleKeyDeletion DisableKey DisableKeys ArchiveKey DeleteImportedKeyMaterial DeleteSecret",
    "cos": """DeleteObject DeleteMultipleObjects DeleteBucket PutObject PutBucketVersioning
        PutBucketLifecycle PutBucketReplication DeleteBucketReplication PutBucketPolicy DeleteBucketPolicy
        PutBucketACL PutBucketObjectLockConfiguration""",
    "cloudaudit": "DeleteAuditTrack",
}
# By which whoever cannot destroy yet gives himself the right to, or becomes somebody who has it.
ESCALATION = {
    "cam": """AttachUserPolicy AttachUserPolicies AttachUsersPolicy AttachGroupPolicy AttachRolePolicy
        BatchOperateCamStrategy UpdatePolicy CreatePolicyVersion SetDefaultPolicyVersion AddUserToGroup
        CreateAccessKey CreateApiKey CreateCollApiKey UpdateAccessKey UpdateUser UpdateAssumeRolePolicy
        UpdateRoleConsoleLogin CreateRole CreateRoleByConsole AddUser AddSubAccount AddCollaborator
        CreateSAMLProvider UpdateSAMLProvider CreateOIDCConfig UpdateOIDCConfig CreateUserOIDCConfig
        UpdateUserOIDCConfig CreateUserSAMLConfig UpdateUserSAMLConfig SetMfaFlag PassRole DetachUserPolicy
        DetachGroupPolicy DetachRolePolicy RemoveUserFromGroup DeletePolicy DeletePolicyVersion
        DeleteUserPermissionsBoundary DeleteRolePermissionsBoundary PutUserPermissionsBoundary
        PutRolePermissionsBoundary""",
    "sts": "AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity GetFederationToken QueryApiKey",
    "tat": "RunCommand InvokeCommand",
    "scf": "CreateFunction UpdateFunctionCode",
}

# How the names of actions begin that read; what of them hands out rights is on the list, which goes first.
READING = ("describe", "list", "get", "query", "lookup", "check", "inquir", "search")
# What looking and making drkit calls beside what reads; a test holds it against the calls that are declared.
MAKING = frozenset(
    {
        "cvm:createsnapshot",
        "cvm:createsnapshotgroup",
        "cvm:createdisks",
        "cvm:copysnapshotcrossregions",
        "bh:createcmdtemplate",
    }
)


def _names() -> Iterator[str]:
    for services in (DESTRUCTION, ESCALATION):
        for service, actions in services.items():
            yield from (f"{service}:{action}" for action in actions.split())


DANGEROUS = tuple(_names())


def first_danger(pattern: str) -> str | None:
    """The first dangerous action that a policy's action pattern could mean; None where there is none.

    Whether upper and lower case are told apart is documented for COS alone: here they never are.
    """
    wanted = pattern.removeprefix("name/").lower()
    return next((name for name in DANGEROUS if _fits(wanted, name.lower())), None)


def harmless(pattern: str) -> bool:
    """Whether every action that a pattern can mean is known to destroy nothing; never true of a dangerous one."""
    wanted = pattern.removeprefix("name/").lower()
    service, _, action = wanted.partition(":")
    reads = bool(service) and action.partition("*")[0].startswith(READING)
    return (reads or wanted in MAKING) and first_danger(pattern) is None


def _fits(pattern: str, name: str) -> bool:
    """Whether a name fits a pattern in which each star stands for any text; in linear time."""
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == name
    *middle, last = rest
    if not name.startswith(first) or not name.endswith(last) or len(name) < len(first) + len(last):
        return False
    position, end = len(first), len(name) - len(last)
    for part in middle:
        found = name.find(part, position, end)
        if found < 0:
            return False
        position = found + len(part)
    return True
