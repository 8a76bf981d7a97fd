"""The ways of AWS.

Sources: the Service Authorization Reference says what each action changes; the page is named by its service. That
such rights lead on is told by the IAM User Guide (access_policies_boundaries, id_roles_use_passrole: "passing a
role … allow the service to assume the role later") and by each service's own page on execution roles.
"""

from __future__ import annotations

from collections.abc import Iterator

from drkit.access.escalate.ways import GROUP, NOTHING, POLICY, PROVIDER, ROLE, USER, Gain, Way, When

IAM = "Service Authorization Reference, IAM"
PASSING = "iam:PassRole"
ASSUME_ROLE = "sts:AssumeRole"


def _identities() -> Iterator[Way]:
    for kind, name in ((USER, "User"), (ROLE, "Role"), (GROUP, "Group")):
        yield Way(f"iam:Attach{name}Policy", Gain.RAISE, kind, source=IAM)
        yield Way(f"iam:Put{name}Policy", Gain.RAISE, kind, source=IAM)
        yield Way(f"iam:Detach{name}Policy", Gain.REMOVE, kind, source=IAM)
        yield Way(f"iam:Delete{name}Policy", Gain.REMOVE, kind, source=IAM)
    for kind, name in ((USER, "User"), (ROLE, "Role")):
        yield Way(f"iam:Delete{name}PermissionsBoundary", Gain.UNBIND, kind, source=IAM)
        yield Way(f"iam:Put{name}PermissionsBoundary", Gain.UNBIND, kind, source=IAM)
    yield Way("iam:CreatePolicyVersion", Gain.EDIT, POLICY, source=IAM)
    yield Way("iam:SetDefaultPolicyVersion", Gain.REVERT, POLICY, source=IAM)
    yield Way("iam:AddUserToGroup", Gain.JOIN, GROUP, source=IAM)
    yield Way("iam:RemoveUserFromGroup", Gain.LEAVE, GROUP, source=IAM)
    yield Way("iam:UpdateAssumeRolePolicy", Gain.BECOME, ROLE, source=IAM)
    yield Way("iam:CreateAccessKey", Gain.BECOME, USER, source=IAM)
    yield Way("iam:CreateLoginProfile", Gain.BECOME, USER, when=When.NO_CONSOLE, source=IAM)
    yield Way("iam:UpdateLoginProfile", Gain.BECOME, USER, when=When.NO_SECOND_FACTOR, source=IAM)
    disarm = ("iam:DeactivateMFADevice",)
    yield Way("iam:UpdateLoginProfile", Gain.BECOME, USER, disarm, when=When.SECOND_FACTOR, source=IAM)
    yield Way("iam:CreateServiceSpecificCredential", Gain.BECOME, USER, certain=False, source=IAM)
    yield Way("iam:UpdateSAMLProvider", Gain.PROVE, PROVIDER, source=IAM)
    yield Way("iam:UpdateOpenIDConnectProviderThumbprint", Gain.PROVE, PROVIDER, certain=False, source=IAM)
    yield Way("iam:AddClientIDToOpenIDConnectProvider", Gain.PROVE, PROVIDER, certain=False, source=IAM)
    for grant in ("AttachRolePolicy", "PutRolePolicy"):
        yield Way("iam:CreateRole", Gain.EVERYTHING, NOTHING, (f"iam:{grant}",), source=IAM)
    for grant in ("AttachUserPolicy", "PutUserPolicy"):
        for way_in in ("CreateAccessKey", "CreateLoginProfile"):
            needed = (f"iam:{grant}", f"iam:{way_in}")
            yield Way("iam:CreateUser", Gain.EVERYTHING, NOTHING, needed, source=IAM)


PASSED: dict[str, list[tuple[str, tuple[str, ...]]]] = {  # service: (its first call, the further ones)
    "ec2.amazonaws.com": [
        ("ec2:RunInstances", ()),
        ("ec2:RequestSpotInstances", ()),
        ("ec2:RequestSpotFleet", ()),
        ("ec2:CreateFleet", ()),
        ("ec2:AssociateIamInstanceProfile", ("ssm:StartSession",)),
        ("ec2:AssociateIamInstanceProfile", ("ssm:SendCommand",)),
        ("ec2:AssociateIamInstanceProfile", ("ec2-instance-connect:SendSSHPublicKey",)),
        ("autoscaling:CreateLaunchConfiguration", ("autoscaling:CreateAutoScalingGroup",)),
        ("autoscaling:CreateAutoScalingGroup", ("ec2:CreateLaunchTemplate",)),
    ],
    "lambda.amazonaws.com": [
        ("lambda:CreateFunction", ("lambda:InvokeFunction",)),
        ("lambda:CreateFunction", ("lambda:CreateEventSourceMapping",)),
        ("lambda:CreateFunction", ("lambda:AddPermission",)),
        ("lambda:CreateFunction", ("lambda:CreateFunctionUrlConfig",)),
        ("lambda:UpdateFunctionConfiguration", ("lambda:UpdateFunctionCode",)),
    ],
    "cloudformation.amazonaws.com": [
        ("cloudformation:CreateStack", ()),
        ("cloudformation:UpdateStack", ()),
        ("cloudformation:CreateChangeSet", ("cloudformation:ExecuteChangeSet",)),
        ("cloudformation:CreateStackSet", ("cloudformation:CreateStackInstances",)),
        ("cloudformation:UpdateStackSet", ()),
    ],
    "codebuild.amazonaws.com": [
        ("codebuild:CreateProject", ("codebuild:StartBuild",)),
        ("codebuild:CreateProject", ("codebuild:StartBuildBatch",)),
        ("codebuild:UpdateProject", ("codebuild:StartBuild",)),
        ("codebuild:UpdateProject", ("codebuild:StartBuildBatch",)),
    ],
    "codepipeline.amazonaws.com": [
        ("codepipeline:CreatePipeline", ()),
        ("codepipeline:UpdatePipeline", ("codepipeline:StartPipelineExecution",)),
    ],
    "codestar.amazonaws.com": [("codestar:CreateProject", ())],
    "datapipeline.amazonaws.com": [
        (
            "datapipeline:CreatePipeline",
            ("datapipeline:PutPipelineDefinition", "datapipeline:ActivatePipeline"),
        )
    ],
    "elasticmapreduce.amazonaws.com": [("elasticmapreduce:RunJobFlow", ())],
    "glue.amazonaws.com": [
        ("glue:CreateDevEndpoint", ()),
        ("glue:CreateJob", ("glue:StartJobRun",)),
        ("glue:CreateJob", ("glue:CreateTrigger",)),
        ("glue:UpdateJob", ("glue:StartJobRun",)),
        ("glue:UpdateJob", ("glue:CreateTrigger",)),
        ("glue:CreateSession", ("glue:RunStatement",)),
    ],
    "sagemaker.amazonaws.com": [
        (
            "sagemaker:CreateNotebookInstance",
            ("sagemaker:CreatePresignedNotebookInstanceUrl",),
        ),
        ("sagemaker:CreateNotebookInstance", ("sagemaker:CreateNotebookInstanceLifecycleConfig",)),
        ("sagemaker:CreateTrainingJob", ()),
        ("sagemaker:CreateProcessingJob", ()),
    ],
    "ecs-tasks.amazonaws.com": [
        ("ecs:RegisterTaskDefinition", ("ecs:RunTask",)),
        ("ecs:RegisterTaskDefinition", ("ecs:CreateService",)),
        ("ecs:RegisterTaskDefinition", ("ecs:UpdateService",)),
        ("ecs:RegisterTaskDefinition", ("ecs:CreateCluster", "ecs:RunTask")),
        ("ecs:RegisterTaskDefinition", ("ecs:CreateCluster", "ecs:CreateService")),
        ("ecs:RegisterTaskDefinition", ("ecs:StartTask",)),
        ("ecs:RegisterTaskDefinition", ("ecs:RegisterContainerInstance", "ecs:StartTask")),
        ("ecs:RunTask", ()),
        ("ecs:StartTask", ()),
    ],
    "batch.amazonaws.com": [("batch:RegisterJobDefinition", ("batch:SubmitJob",))],
    "apprunner.amazonaws.com": [("apprunner:CreateService", ())],
    "tasks.apprunner.amazonaws.com": [("apprunner:CreateService", ()), ("apprunner:UpdateService", ())],
    "bedrock-agentcore.amazonaws.com": [
        (
            "bedrock-agentcore:CreateCodeInterpreter",
            ("bedrock-agentcore:StartCodeInterpreterSession", "bedrock-agentcore:InvokeCodeInterpreter"),
        )
    ],
    "states.amazonaws.com": [
        ("states:CreateStateMachine", ("states:StartExecution",)),
        ("states:UpdateStateMachine", ("states:StartExecution",)),
    ],
    "ssm.amazonaws.com": [("ssm:StartAutomationExecution", ())],
    "scheduler.amazonaws.com": [("scheduler:CreateSchedule", ())],
    "imagebuilder.amazonaws.com": [("imagebuilder:CreateInfrastructureConfiguration", ())],
}
CODE: list[
    tuple[str, str, tuple[str, ...]]
] = [  # what already runs with a role: kind, first call, the further ones
    ("ec2_instances", "ssm:SendCommand", ()),
    ("ec2_instances", "ssm:StartSession", ()),
    ("ec2_instances", "ec2-instance-connect:SendSSHPublicKey", ()),
    ("ec2_instances", "ec2-instance-connect:SendSerialConsoleSSHPublicKey", ()),
    ("ec2_instances", "ec2:ModifyInstanceAttribute", ("ec2:StopInstances", "ec2:StartInstances")),
    ("lambda_functions", "lambda:UpdateFunctionCode", ()),
    ("lambda_functions", "lambda:UpdateFunctionConfiguration", ("lambda:PublishLayerVersion",)),
    ("cloudformation_stacks", "cloudformation:UpdateStack", ()),
    ("cloudformation_stacks", "cloudformation:CreateChangeSet", ("cloudformation:ExecuteChangeSet",)),
    ("cloudformation_stack_sets", "cloudformation:UpdateStackSet", ()),
    ("cloudformation_stack_sets", "cloudformation:CreateStackInstances", ()),
    ("codebuild_projects", "codebuild:StartBuild", ()),
    ("codebuild_projects", "codebuild:StartBuildBatch", ()),
    ("codebuild_projects", "codebuild:UpdateProject", ("codebuild:StartBuild",)),
    ("glue_dev_endpoints", "glue:UpdateDevEndpoint", ()),
    ("glue_jobs", "glue:UpdateJob", ("glue:StartJobRun",)),
    ("glue_jobs", "glue:UpdateJob", ("glue:CreateTrigger",)),
    ("glue_jobs", "glue:StartJobRun", ()),
    ("sagemaker_notebooks", "sagemaker:CreatePresignedNotebookInstanceUrl", ()),
    (
        "sagemaker_notebooks",
        "sagemaker:UpdateNotebookInstance",
        (
            "sagemaker:CreateNotebookInstanceLifecycleConfig",
            "sagemaker:StopNotebookInstance",
            "sagemaker:StartNotebookInstance",
        ),
    ),
    ("datapipelines", "datapipeline:PutPipelineDefinition", ("datapipeline:ActivatePipeline",)),
    ("apprunner_services", "apprunner:UpdateService", ()),
    (
        "bedrock_code_interpreters",
        "bedrock-agentcore:StartCodeInterpreterSession",
        ("bedrock-agentcore:InvokeCodeInterpreter",),
    ),
    ("launch_templates", "ec2:CreateLaunchTemplateVersion", ("ec2:ModifyLaunchTemplate",)),
    ("ecs_clusters", "ecs:ExecuteCommand", ()),
    ("ecs_container_instances", "ecs:StartTask", ()),
]
RUNS = {  # who takes the role of a workload
    "ec2_instances": ("ec2.amazonaws.com",),
    "lambda_functions": ("lambda.amazonaws.com",),
    "cloudformation_stacks": ("cloudformation.amazonaws.com",),
    "cloudformation_stack_sets": ("cloudformation.amazonaws.com",),
    "codebuild_projects": ("codebuild.amazonaws.com",),
    "glue_dev_endpoints": ("glue.amazonaws.com",),
    "glue_jobs": ("glue.amazonaws.com",),
    "sagemaker_notebooks": ("sagemaker.amazonaws.com",),
    "datapipelines": ("datapipeline.amazonaws.com", "ec2.amazonaws.com"),
    "apprunner_services": ("tasks.apprunner.amazonaws.com",),
    "bedrock_code_interpreters": ("bedrock-agentcore.amazonaws.com",),
    "launch_templates": ("ec2.amazonaws.com",),
    "ecs_clusters": ("ecs-tasks.amazonaws.com",),
    "ecs_container_instances": ("ecs-tasks.amazonaws.com", "ec2.amazonaws.com"),
}
UNSURE = frozenset({"glue:StartJobRun", "cloudformation:CreateStackInstances"})
# What a further call needs to be there, unless a call of the same way makes it.
NEEDS = {
    "ecs:RunTask": ("ecs_clusters", "ecs:CreateCluster"),
    "ecs:CreateService": ("ecs_clusters", "ecs:CreateCluster"),
    "ecs:UpdateService": ("ecs_clusters", "ecs:CreateCluster"),
    "ecs:StartTask": ("ecs_container_instances", "ecs:RegisterContainerInstance"),
}


def _needs(calls: tuple[str, ...]) -> str:
    kinds = (NEEDS[call][0] for call in calls if call in NEEDS and NEEDS[call][1] not in calls)
    return next(kinds, "")


def _ways() -> Iterator[Way]:
    yield Way(ASSUME_ROLE, Gain.BECOME, ROLE, source="IAM User Guide, id_roles_use")
    yield from _identities()
    for service, calls in PASSED.items():
        for action, further in calls:
            about = f"IAM User Guide, id_roles_use_passrole; {service.partition('.')[0]}: service role"
            needs = _needs((action, *further))
            yield Way(action, Gain.PASS, ROLE, further, (service,), needs=needs, source=about)
    for kind, action, further in CODE:
        about = f"Service Authorization Reference, {action.partition(':')[0]}"
        certain = action not in UNSURE or bool(further)
        yield Way(action, Gain.CODE, kind, further, certain=certain, source=about)


WAYS = tuple(_ways())
