"""A wildcard reaches actions that destroy, on everything and at any time.

``cvm:*`` is meant for hosts and deletes disks and snapshots; ``kms:*`` ends every copy that is encrypted under
a key. The list is of actions that destroy data or copies, or shred their keys, checked against the method lists
of the SDKs.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from drkit.access.checks.frame import Check, Seen, allows, every_resource, is_everything, plain
from drkit.access.language.form import Dialect, Document
from drkit.access.language.glob import glob
from drkit.core.verdicts import Severity

CHECK = Check(
    "access.audit/destructive-wildcard",
    Severity.HIGH,
    "certain",
    "name the actions without wildcards, and leave out those that destroy",
)
DESTROYING = {
    Dialect.CAM: (
        *("cvm:TerminateInstances", "cvm:TerminateDisks", "cvm:DeleteSnapshots", "cvm:DeleteImages"),
        *(
            "cdb:IsolateDBInstance",
            "cdb:OfflineIsolatedInstances",
            "cdb:DeleteBackup",
            "cynosdb:OfflineCluster",
        ),
        *(
            "cynosdb:DeleteBackup",
            "mongodb:TerminateDBInstances",
            "redis:CleanUpInstance",
            "redis:ClearInstance",
        ),
        *("postgres:DestroyDBInstance", "sqlserver:RemoveBackups", "cfs:DeleteCfsFileSystem"),
        *("lighthouse:TerminateInstances", "tke:DeleteCluster", "kms:ScheduleKeyDeletion", "kms:DisableKey"),
        *("ssm:DeleteSecret", "cos:DeleteObject", "cos:DeleteBucket", "cos:PutBucketLifecycle"),
        "cloudaudit:DeleteAuditTrack",
    ),
    Dialect.AWS: (
        *("ec2:TerminateInstances", "ec2:DeleteVolume", "ec2:DeleteSnapshot", "s3:DeleteObject"),
        *(
            "s3:DeleteObjectVersion",
            "s3:DeleteBucket",
            "s3:PutLifecycleConfiguration",
            "rds:DeleteDBInstance",
        ),
        *("rds:DeleteDBCluster", "rds:DeleteDBSnapshot", "dynamodb:DeleteTable", "dynamodb:DeleteBackup"),
        *(
            "backup:DeleteRecoveryPoint",
            "backup:DeleteBackupVault",
            "kms:ScheduleKeyDeletion",
            "kms:DisableKey",
        ),
        *("elasticfilesystem:DeleteFileSystem", "cloudtrail:DeleteTrail", "cloudtrail:StopLogging"),
    ),
}


def find(document: Document) -> Iterator[Seen]:
    """Patterns on every resource, without a condition, that reach what destroys; all of everything is another check."""
    for each in allows(document):
        if each.conditions or not every_resource(each):
            continue
        for action in each.actions or ():
            if "*" not in action or is_everything(document, action):
                continue
            reached = _reached(document.dialect, action)
            if reached:
                yield Seen(each.index, f"{action} reaches {', '.join(reached)}")


@lru_cache(maxsize=65536)
def _reached(dialect: Dialect, action: str) -> tuple[str, ...]:
    """Those of `DESTROYING` that a pattern matches."""
    fold = dialect is Dialect.AWS
    test = glob(plain(action).lower() if fold else plain(action), single=fold)
    return tuple(name for name in DESTROYING[dialect] if test(name.lower() if fold else name))


BAD = {
    "cam": ['{"version":"2.0","statement":[{"effect":"allow","action":["name/cvm:Term*"],"resource":"*"}]}'],
    "aws": [
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"EC2:delete*","Resource":"*"}]}'
    ],
}
GOOD = {
    "cam": ['{"version":"2.0","statement":[{"effect":"allow","action":["cvm:Describe*"],"resource":"*"}]}'],
    "aws": [
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}]}'
    ],
}
