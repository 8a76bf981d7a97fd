"""The actions that protection is about, by what they do; checked against the method lists of the SDKs.

A program that holds one of them can destroy data, its copies, the keys that both are encrypted under, or the trail of
who did it; or lift what limits it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache, lru_cache

from drkit.access.language.form import Dialect
from drkit.access.language.glob import glob


class Harm(StrEnum):
    """What an action does."""

    DATA = "production data"
    COPIES = "backups"
    KEYS = "keys"
    TRAIL = "the audit trail"
    LIMITS = "limits"
    PEOPLE = "people"


def _of(service: str, names: str) -> tuple[str, ...]:
    return tuple(f"{service}:{name}" for name in names.split())


CAM: Mapping[Harm, tuple[str, ...]] = {
    Harm.DATA: (
        *_of("cvm", "TerminateDisks ApplySnapshot TerminateInstances ResetInstance"),
        *_of("cdb", "IsolateDBInstance OfflineIsolatedInstances DeleteDatabase"),
        *_of("cynosdb", "IsolateCluster OfflineCluster DeleteClusterDatabase"),
        *_of("mongodb", "TerminateDBInstances IsolateDBInstance OfflineIsolatedDBInstance"),
        *_of("redis", "DestroyPostpaidInstance DestroyPrepaidInstance CleanUpInstance ClearInstance"),
        *_of("postgres", "IsolateDBInstances DestroyDBInstance"),
        *_of("sqlserver", "TerminateDBInstance DeleteDBInstance DeleteDB"),
        *_of("cfs", "DeleteCfsFileSystem"),
        *_of("lighthouse", "TerminateInstances TerminateDisks IsolateInstances ResetInstance"),
        *_of("tke", "DeleteCluster DeleteEKSCluster"),
        *_of("cos", "DeleteObject DeleteBucket PutBucketLifecycle"),
    ),
    Harm.COPIES: (
        *_of("cvm", "DeleteSnapshots DeleteSnapshotGroup DeleteDiskBackups DeleteImages"),
        *_of("cvm", "ModifySnapshotAttribute DeleteAutoSnapshotPolicies UnbindAutoSnapshotPolicy"),
        *_of("cdb", "DeleteBackup ModifyBackupConfig"),
        *_of("cynosdb", "DeleteBackup DeleteBackupVault DeleteVaults"),
        *_of("mongodb", "DeleteDBBackups ModifyBackupExpireTime"),
        *_of("postgres", "DeleteBaseBackup DeleteLogBackup DeleteBackupPlan ModifyBaseBackupExpireTime"),
        *_of("sqlserver", "RemoveBackups ModifyBackupStrategy"),
        *_of("redis", "ModifyAutoBackupConfig"),
        *_of("cfs", "DeleteCfsSnapshot"),
        *_of("lighthouse", "DeleteSnapshots DeleteDiskBackups"),
        *_of("cos", "PutBucketVersioning DeleteBucketReplication"),
    ),
    Harm.KEYS: (
        *_of("kms", "ScheduleKeyDeletion DisableKey DisableKeys ArchiveKey DeleteImportedKeyMaterial"),
        *_of("ssm", "DeleteSecret"),
    ),
    Harm.TRAIL: _of("cloudaudit", "DeleteAuditTrack ModifyAuditTrack DeleteAudit StopLogging UpdateAudit"),
    Harm.LIMITS: (
        *_of("cam", "DeleteUserPermissionsBoundary PutUserPermissionsBoundary"),
        *_of("cam", "DeleteRolePermissionsBoundary PutRolePermissionsBoundary"),
        *_of("cam", "DetachUserPolicy DetachGroupPolicy DetachRolePolicy RemoveUserFromGroup"),
        *_of("cam", "DeletePolicy DeletePolicyVersion"),
    ),
    Harm.PEOPLE: (
        *_of("cam", "AttachUserPolicy AttachGroupPolicy AttachRolePolicy UpdatePolicy CreatePolicyVersion"),
        *_of("cam", "SetDefaultPolicyVersion AddUserToGroup CreateAccessKey UpdateUser CreateRole AddUser"),
        *_of(
            "cam", "UpdateAssumeRolePolicy UpdateAccessKey SetMfaFlag CreateSAMLProvider UpdateSAMLProvider"
        ),
    ),
}
AWS: Mapping[Harm, tuple[str, ...]] = {
    Harm.DATA: (
        *_of("ec2", "TerminateInstances DeleteVolume"),
        *_of("s3", "DeleteObject DeleteObjectVersion DeleteBucket PutLifecycleConfiguration"),
        *_of("rds", "DeleteDBInstance DeleteDBCluster"),
        *_of("dynamodb", "DeleteTable"),
        *_of("elasticfilesystem", "DeleteFileSystem"),
        *_of("eks", "DeleteCluster"),
    ),
    Harm.COPIES: (
        *_of("ec2", "DeleteSnapshot DeregisterImage ModifySnapshotTier"),
        *_of("rds", "DeleteDBSnapshot DeleteDBClusterSnapshot DeleteDBInstanceAutomatedBackup"),
        *_of("dynamodb", "DeleteBackup UpdateContinuousBackups"),
        *_of("backup", "DeleteRecoveryPoint DeleteBackupVault DeleteBackupPlan UpdateRecoveryPointLifecycle"),
        *_of("s3", "PutBucketVersioning PutReplicationConfiguration BypassGovernanceRetention"),
        *_of("dlm", "DeleteLifecyclePolicy"),
    ),
    Harm.KEYS: (
        *_of("kms", "ScheduleKeyDeletion DisableKey DeleteImportedKeyMaterial PutKeyPolicy"),
        *_of("secretsmanager", "DeleteSecret"),
    ),
    Harm.TRAIL: _of(
        "cloudtrail", "DeleteTrail StopLogging UpdateTrail PutEventSelectors DeleteEventDataStore"
    ),
    Harm.LIMITS: (
        *_of("iam", "DeleteUserPermissionsBoundary PutUserPermissionsBoundary"),
        *_of("iam", "DeleteRolePermissionsBoundary PutRolePermissionsBoundary"),
        *_of("iam", "DetachUserPolicy DetachGroupPolicy DetachRolePolicy RemoveUserFromGroup"),
        *_of("iam", "DeleteUserPolicy DeleteGroupPolicy DeleteRolePolicy DeletePolicyVersion"),
    ),
    Harm.PEOPLE: (
        *_of("iam", "AttachUserPolicy AttachGroupPolicy AttachRolePolicy CreatePolicyVersion PutUserPolicy"),
        *_of("iam", "PutGroupPolicy PutRolePolicy SetDefaultPolicyVersion AddUserToGroup CreateAccessKey"),
        *_of("iam", "CreateLoginProfile UpdateLoginProfile UpdateAssumeRolePolicy PassRole"),
    ),
}
BY_HARM = {Dialect.CAM: CAM, Dialect.AWS: AWS}
DESTROYING = frozenset({Harm.DATA, Harm.COPIES, Harm.KEYS})


@cache
def harms(dialect: Dialect) -> Mapping[str, Harm]:
    """What each watched action does."""
    return {action: harm for harm, actions in BY_HARM[dialect].items() for action in actions}


@lru_cache(maxsize=65536)
def reached(dialect: Dialect, pattern: str) -> frozenset[str]:
    """The watched actions that a pattern names; those of CBS by ``cvm:`` and, who knows, ``cbs:`` (362/34221)."""
    pattern = pattern.strip().removeprefix("name/")
    if dialect is Dialect.CAM and pattern.startswith("cbs:"):
        pattern = f"cvm:{pattern[4:]}"
    fold = dialect is Dialect.AWS
    if "*" not in pattern and "?" not in pattern and not fold:
        return frozenset({pattern}) & harms(dialect).keys()
    test = glob(pattern.lower() if fold else pattern, single=fold)
    return frozenset(name for name in harms(dialect) if test(name.lower() if fold else name))
