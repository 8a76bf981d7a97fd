"""What an action of a cloud does, by its name and by what is known of it: the kinds that the catalogue keeps.

The words are those of Tencent Cloud's API 3.0 and of AWS' operations. What no rule names is a `CHANGE`. Only what reads
and what adds is allowed later, so a mistake of these rules matters there alone: both are narrow.
"""

from __future__ import annotations

import re

READ, MAKE, CHANGE, DESTROY, PROTECTS, SECRET, RUN = (
    "read",
    "make",
    "change",
    "destroy",
    "protects",
    "secret",
    "run",
)

_READING = re.compile(
    r"(Describe|Describle|Get|List|Query|Check|Inquire|Inquiry|Search|Head|Lookup|Count|Validate|Preview|Estimate|"
    r"Detect|Batch(Get|Describe|Query|List|Check)|Simulate|Filter|Select|Contains|Is)(?![a-z])"
)
_HANDS_OUT = re.compile(
    r"Password|Passwd|Token|ApiKey|APIKey|AccessKey|SecretValue|SecretKey|AppSecret|Secret$|Secrets$|Credential|"
    r"[Kk]ube[Cc]onf|Vnc|VNC|AuthCode|PrivateKey|Decrypt|ClusterSecurity|DataKey|DownloadInfo|CertificateDetail|"
    r"(Login|Presigned|PreSigned|Signed|Embed|Download|Stream|SessionURL|Authentication|Upload|Artifact|Dashboard|"
    r"Console|Clone|Certificate|Report)\w*(Ur[li]|URL|Link)|Parameter(s|sByPath|History)?$|Signature$|SigninToken|"
    r"LoginProfile$|OpenId|EnvironmentVariable|UserData"
)
# Of which the name says more than the answer: lists of names, settings, and how much was used.
_TELLS_NO_SECRET = re.compile(
    r"ListAccessKeys|ListSecrets|ListSecretVersionIds|DescribeSecret|AccessKeyLastUsed|AccessKeyInfo|PasswordPolicy|"
    r"PasswordComplexity|WeakPassword|Token(Usage|Count|Status|Balance|Plan|Vault)|ChangeToken|MFATokenInfo|"
    r"CredentialReport|DownloadRestriction|DescribeParameters|LoginProfile|QueueUrl|SigningCertificate|"
    r"Describe\w*(Db|DB|Instance|Cluster|Engine|Cache|OrderableDb)\w*Parameters|Describe\w*Param\w*"
)
_DESTROYING = re.compile(
    r"(Delete|Destroy|Terminate|Remove|Isolate|Release|Offline|Purge|Clean|Clear|Drop|Truncate|Erase|Wipe|Format|Reset|"
    r"Reinstall|Rebuild|Rollback|RollBack|FlashBack|Revoke|Cancel|Close|Expire|Abort|Unsubscribe|Deregister|Refund|"
    r"Withdraw|Kill|Flush|Empty|Return|Discard|Dispose|Backtrack|Recycle|Retire|"
    r"Batch(Delete|Remove|Terminate|Destroy)|Admin(Delete|Disable)|ScheduleKeyDeletion|CreateReplaceRootVolumeTask)(?![a-z])"
)
# Services of which every change is one of rights, keys, records or guards.
_GUARDS = frozenset(
    [
        "cam",
        "sts",
        "kms",
        "ssm",
        "organization",
        "cloudaudit",
        "bh",
        "dasb",
        "config",
        "advisor",
        "ccc",
        "csip",
        "cwp",
        "waf",
        "tcss",
        "cfw",
        "yunjing",
        "ssl",
        "iam",
        "organizations",
        "cloudtrail",
        "guardduty",
        "secretsmanager",
        "sso",
        "sso-admin",
        "identitystore",
        "account",
        "backup",
        "ram",
        "acm",
        "acm-pca",
        "cloudhsm",
        "cloudhsmv2",
        "macie2",
        "securityhub",
        "accessanalyzer",
        "controltower",
        "rolesanywhere",
        "signer",
        "inspector",
        "inspector2",
        "detective",
        "fms",
        "wafv2",
        "waf-regional",
        "shield",
        "network-firewall",
        "route53",
        "servicecatalog",
        "cognito-idp",
        "cognito-identity",
        "auditmanager",
        "verifiedpermissions",
        "security-ir",
    ]
)
# Of AWS, the name `ssm` is another service than Tencent's: it manages hosts.
_RUNNING = re.compile(
    r"(RunCommand|InvokeCommand|SendCommand|StartSession|ExecuteCommand|RunTask|StartAutomationExecution|Invoke|"
    r"InvokeFunction|InvokeAsync|StartExecution|ExecuteStatement|BatchExecuteStatement|ExecuteTransaction|ExecuteSql|"
    r"StartQueryExecution|RunJobFlow|StartJobRun|SubmitJob|StartBuild|CreateFunction\w*|UpdateFunctionCode|"
    r"SendSerialConsoleSSHPublicKey|SendSSHPublicKey|StartInteractiveSession|ResumeSession|CreateInvocation)"
)
_GUARDING = re.compile(
    r"\w*(Policy|Policies|Permission|Acl|ACL|Role|AccessKey|Password|Lock|Retention|Lifecycle|Versioning|Protect|"
    r"Backup|Snapshot|Audit|Trail|Encryption|SecurityGroup|Rule|Replication|Firewall|KeyPair|Credential|Grant|Principal|"
    r"MFA|Mfa|Logging|Recycle|Deletion|Termination|Attribute|Login|Token|RenewFlag|AutoRenew|Expire|Deadline|Destroy|"
    r"PublicAccess|Share|Sharing|Peering|Recorder|Alarm|User(?!Pool)|Identity|Federation|Boundary|PointInTime)\w*"
)
# Adds something, takes nothing away, opens nothing: it costs money, and can be given back.
_ADDING = re.compile(
    r"(CreateSnapshots?|CreateSnapshotGroup|CopySnapshot(CrossRegions)?|CreateBackup|CreateDBSnapshot|CreateDBClusterSnapshot|"
    r"CopyDBSnapshot|CopyDBClusterSnapshot|CreateImage|CreateDisks?|CreateVolume|CreateDiskBackup|RunInstances|"
    r"AllocateAddress(es)?|CreateTags?|AddTags?|AddResourceTag|TagResources?|CreateBucket|StartInstances?|"
    r"CreateDBInstance(s|Hour)?|StartBackupJob|StartCopyJob|CreateDBInstanceReadReplica|CreateVpc|CreateSubnet|"
    r"CreateCacheSnapshot|CreateFileSystem|CreateCfsSnapshot|CreateCfsFileSystem|StartDBInstance|StartDBCluster|"
    r"CreateLogGroup|CreateTopic|CreateQueue|CreateBasicBackup|CreateBaseBackup|CreateBackupDBInstance|StartLogging|"
    r"BackupInstance|ManualBackupInstance|CreateManualBackup)"
)

# What the name does not tell; `service:Action`, of both clouds.
_EXACTLY = {
    DESTROY: """cbs:ApplySnapshot cbs:ApplySnapshotGroup cbs:ApplyDiskBackup cvm:ResetInstance cvm:ApplySnapshot
        redis:RestoreInstance redis:ModifyInstanceReadOnly cdb:StartBatchRollback cynosdb:RollBackCluster
        cynosdb:StartCLSDelivery mongodb:RestoreDBInstance postgres:RestoreDBInstanceObjects
        sqlserver:RestoreInstance sqlserver:RollbackInstance lighthouse:ApplyInstanceSnapshot
        lighthouse:ApplyDiskBackup cfs:ApplyPathLifecyclePolicy organization:QuitOrganization
        kms:ScheduleKeyDeletion kms:ArchiveKey glacier:InitiateVaultLock elasticache:TestFailover
        s3:PutObject cos:PutObject s3:CopyObject s3:WriteGetObjectResponse s3:RestoreObject rds:RebootDBCluster
        dynamodb:BatchWriteItem organizations:LeaveOrganization dms:ReloadTables""",
    PROTECTS: """cbs:ModifySnapshotAttribute cbs:ModifyDiskAttributes cbs:ModifyDisksRenewFlag
        cbs:ModifyDisksChargeType cbs:UnbindAutoSnapshotPolicy cbs:ModifyAutoSnapshotPolicyAttribute
        cvm:ModifyInstancesRenewFlag cvm:ModifyInstancesAttribute cvm:ModifyInstancesVpcAttribute
        cvm:ResetInstancesPassword cvm:EnterRescueMode
        cvm:ModifyImageSharePermission cdb:ModifyBackupConfig cdb:ModifyRemoteBackupConfig
        cdb:ModifyInstanceDestroyProtect cdb:ModifyAutoRenewFlag cdb:CloseAuditService cynosdb:ModifyVault
        mongodb:SetDBInstanceDeletionProtection mongodb:ModifyBackupExpireTime redis:ModifyAutoBackupConfig
        sqlserver:ModifyBackupStrategy tke:DisableClusterDeletionProtection cfs:ModifyLifecyclePolicy
        cos:PutBucketLifecycle cos:PutBucketVersioning cos:PutBucketPolicy cos:DeleteBucketPolicy
        cos:PutBucketACL cos:PutBucketReplication cos:DeleteBucketReplication cos:PutBucketLogging
        cos:PutBucketObjectLockConfiguration cos:PutBucketEncryption cos:PutObjectACL
        cloudaudit:StopLogging cloudaudit:ModifyAuditTrack cls:ModifyTopic cls:ModifyLogset
        s3:DeleteBucketPolicy s3:DeleteBucketLifecycle s3:DeleteBucketReplication s3:DeleteBucketEncryption
        s3:DeletePublicAccessBlock ec2:ModifyInstanceAttribute ec2:DisableEbsEncryptionByDefault
        ec2:DisableSnapshotBlockPublicAccess ec2:UnlockSnapshot ec2:DeleteFlowLogs ec2:DisableFastSnapshotRestores
        logs:PutRetentionPolicy logs:DeleteRetentionPolicy dynamodb:UpdateContinuousBackups
        rds:ModifyDBInstance rds:ModifyDBCluster rds:RemoveRoleFromDBCluster""",
    SECRET: """sts:AssumeRole sts:AssumeRoleWithSAML sts:AssumeRoleWithWebIdentity sts:QueryApiKey
        sts:GetFederationToken kms:Decrypt kms:GenerateDataKey kms:GenerateDataKeyPair kms:ReEncrypt
        ssm:GetSecretValue secretsmanager:GetSecretValue secretsmanager:BatchGetSecretValue
        ssl:DownloadCertificate ssl:DescribeCertificateDetail acm:ExportCertificate
        ecr:GetDownloadUrlForLayer rds:GenerateDbAuthToken tcr:CreateInstanceToken""",
    READ: """dynamodb:Scan dynamodb:Query dynamodb:TransactGetItems dynamodb:BatchGetItem kms:Verify kms:VerifyMac
        events:TestEventPattern logs:TestMetricFilter logs:StartQuery logs:StopQuery route53:TestDNSAnswer
        cloudtrail:LookupEvents cloudaudit:LookUpEvents iam:GenerateCredentialReport
        iam:GenerateServiceLastAccessedDetails cognito-idp:AdminGetUser cls:SearchLog
        monitor:GetMonitorData cvm:DescribeInstances ec2:GetConsoleOutput sts:DecodeAuthorizationMessage
        acm:GetCertificate iam:GetServerCertificate""",
    RUN: """tat:RunCommand tat:InvokeCommand scf:Invoke scf:InvokeFunction scf:CreateFunction scf:UpdateFunctionCode
        ssm:SendCommand ssm:StartSession lambda:Invoke ecs:ExecuteCommand ecs:RunTask""",
}
EXACT = {name: kind for kind, names in _EXACTLY.items() for name in names.split()}
_HOSTS = frozenset(("ssm",))  # in AWS


def kind(cloud: str, service: str, action: str) -> str:
    """What one action does; ``service`` as the catalogue of its cloud spells it."""
    exact = EXACT.get(f"{service}:{action}")
    if exact is not None:
        return exact
    if _READING.match(action):
        return SECRET if _hands_out(action) else READ
    if _RUNNING.fullmatch(action):
        return RUN
    guards = service in _GUARDS and not (cloud == "aws" and service in _HOSTS)
    return _changing(service, action, guards=guards)


def _changing(service: str, action: str, *, guards: bool) -> str:
    """What is neither reading nor running."""
    if _DESTROYING.match(action):
        return PROTECTS if guards or (_GUARDING.fullmatch(action) and _lifts(action)) else DESTROY
    if _ADDING.fullmatch(action) and (not guards or service in ("backup", "cloudtrail")):
        return MAKE
    return PROTECTS if guards or _GUARDING.fullmatch(action) else CHANGE


def _hands_out(action: str) -> bool:
    return _HANDS_OUT.search(action) is not None and _TELLS_NO_SECRET.search(action) is None


def _lifts(action: str) -> bool:
    """Deleting a backup destroys; deleting a rule that guards one only lifts it."""
    return re.search(r"Snapshots?$|SnapshotGroup|Backups?$", action) is None
