"""The ways of CAM.

Every action is one of cam 2019-01-16, sts 2018-08-13 or its product, or one that the console is granted by
(598/69872). That a host's role is passed is on no page: with ``cam:PassRole`` it is certain, without it may be.
"""

from __future__ import annotations

from collections.abc import Iterator

from drkit.access.escalate.ways import GROUP, NOTHING, POLICY, PROVIDER, ROLE, USER, Gain, Way, When

CAM = "598/69872"
PASSING = "cam:PassRole"
ASSUME_ROLE = "sts:AssumeRole"


RAISING = {
    USER: ("AttachUserPolicy", "AttachUserPolicies", "AttachUsersPolicy", "BatchOperateCamStrategy"),
    GROUP: ("AttachGroupPolicy", "AttachGroupPolicies", "AttachGroupsPolicy"),
    ROLE: ("AttachRolePolicy", "AttachRolePolicies"),
}
SIMPLE = [  # gain, kind, actions
    (Gain.REMOVE, USER, ("DetachUserPolicy",)),
    (Gain.REMOVE, ROLE, ("DetachRolePolicy",)),
    (Gain.REMOVE, GROUP, ("DetachGroupPolicy",)),
    (Gain.EDIT, POLICY, ("UpdatePolicy", "CreatePolicyVersion")),
    (Gain.REVERT, POLICY, ("SetDefaultPolicyVersion",)),
    (Gain.JOIN, GROUP, ("AddUserToGroup", "AddSubAccountsToGroup")),
    (Gain.LEAVE, GROUP, ("RemoveUserFromGroup",)),
    (Gain.BECOME, ROLE, ("UpdateAssumeRolePolicy",)),
    (Gain.BECOME, USER, ("CreateAccessKey", "CreateApiKey", "CreateCollApiKey")),
    (Gain.PROVE, PROVIDER, ("UpdateSAMLProvider", "UpdateOIDCConfig")),
    (Gain.EVERYBODY, NOTHING, ("CreateUserOIDCConfig", "UpdateUserOIDCConfig")),
    (Gain.EVERYBODY, NOTHING, ("CreateUserSAMLConfig", "UpdateUserSAMLConfig")),
]
DISARM = ("cam:SetMfaFlag",)
CREATING = {
    "AttachRolePolicy": ("CreateRole", "CreateRoleByConsole"),
    "AttachUserPolicy": ("AddUser", "AddSubAccount", "AddCollaborator", "AddQywxSubAccount"),
    "AttachUserPolicies": ("AddUser", "AddSubAccount", "AddCollaborator", "AddQywxSubAccount"),
    "AttachUsersPolicy": ("AddUser", "AddSubAccount", "AddCollaborator", "AddQywxSubAccount"),
}


def _identities() -> Iterator[Way]:
    for kind, actions in RAISING.items():
        for action in actions:
            yield Way(f"cam:{action}", Gain.RAISE, kind, source=CAM)
    for gain, kind, actions in SIMPLE:
        for action in actions:
            yield Way(f"cam:{action}", gain, kind, source=CAM)
    for kind, name in ((USER, "User"), (ROLE, "Role")):
        yield Way(f"cam:Delete{name}PermissionsBoundary", Gain.UNBIND, kind, source="598/39425")
        yield Way(f"cam:Put{name}PermissionsBoundary", Gain.UNBIND, kind, source="598/39425")
    for action in ("UpdateAccessKey", "QueryApiKey"):  # its secret is needed too; a name of the console
        yield Way(f"cam:{action}", Gain.BECOME, USER, certain=False, source=CAM)
    yield Way("cam:UpdateUser", Gain.BECOME, USER, when=When.NO_SECOND_FACTOR, source=CAM)
    yield Way("cam:UpdateUser", Gain.BECOME, USER, DISARM, when=When.SECOND_FACTOR, source=CAM)


def _new() -> Iterator[Way]:
    for grant, creating in CREATING.items():
        for create in creating:
            yield Way(f"cam:{create}", Gain.EVERYTHING, NOTHING, (f"cam:{grant}",), source=CAM)
    for assign in ("CreateRoleAssignment", "AddPermissionPolicyToRoleConfiguration"):
        about = "organization 2021-03-31"
        yield Way(f"organization:{assign}", Gain.EVERYTHING, NOTHING, certain=False, source=about)


PASSED: list[tuple[str, str, tuple[str, ...]]] = [  # services, first call, the further ones
    ("cvm", "cvm:RunInstances", ()),
    ("cvm", "cvm:ModifyInstancesAttribute", ("tat:RunCommand",)),
    ("cvm", "lighthouse:CreateInstances", ()),
    ("cvm", "as:CreateLaunchConfiguration", ("as:CreateAutoScalingGroup",)),
    ("scf", "scf:CreateFunction", ("scf:InvokeFunction",)),
    ("scf", "scf:CreateFunction", ("scf:Invoke",)),
    ("scf", "scf:CreateFunction", ("scf:CreateTrigger",)),
    ("scf", "scf:UpdateFunctionConfiguration", ("scf:UpdateFunctionCode",)),
    ("ccs", "tke:CreateCluster", ()),
    ("ccs", "tke:CreateClusterInstances", ()),
    ("ccs", "tke:CreateClusterNodePool", ()),
    ("batch", "batch:SubmitJob", ()),
    ("emr", "emr:CreateInstance", ()),
]
CODE: list[tuple[str, str, tuple[str, ...]]] = [
    ("cvm_instances", "tat:RunCommand", ()),
    ("cvm_instances", "tat:InvokeCommand", ()),
    ("cvm_instances", "cvm:ResetInstancesPassword", ()),
    ("cvm_instances", "cvm:ResetInstance", ()),
    ("cvm_instances", "cvm:AssociateInstancesKeyPairs", ()),
    ("scf_functions", "scf:UpdateFunctionCode", ()),
    ("scf_functions", "scf:UpdateFunction", ()),
    ("tke_clusters", "tke:AcquireClusterAdminRole", ()),
    ("tke_clusters", "tke:CreateClusterEndpoint", ("tke:DescribeClusterKubeconfig",)),
]


def names_of(service: str) -> tuple[str, ...]:
    """The names that trusts call a service of Tencent Cloud by."""
    return (f"{service}.qcloud.com", f"{service}.cloud.tencent.com", f"{service}.tencentcloudapi.com")


RUNS = {  # who takes the role of a workload
    "cvm_instances": names_of("cvm"),
    "scf_functions": names_of("scf"),
    "tke_clusters": (*names_of("ccs"), *names_of("cvm")),
}


def _ways() -> Iterator[Way]:
    yield Way(ASSUME_ROLE, Gain.BECOME, ROLE, source="598/33164")
    yield from _identities()
    yield from _new()
    for service, action, further in PASSED:
        about = f"598/19419, the role of a service; {service}"
        yield Way(action, Gain.PASS, ROLE, further, names_of(service), source=about)
        yield Way(
            action, Gain.PASS, ROLE, further, names_of(service), passing=False, certain=False, source=about
        )
    for kind, action, further in CODE:
        yield Way(action, Gain.CODE, kind, further, source=f"598/69872, {action.partition(':')[0]}")


WAYS = tuple(_ways())
