"""CAM 2019-01-16: the versions of a policy, of which one is in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drkit.sandbox.services.cam_common import custom_policy
from drkit.sandbox.services.cam_documents import policy_document
from drkit.sandbox.services.table import Actions, Call
from drkit.sandbox.wire.errors import ApiError
from drkit.sandbox.world.clock import zulu
from drkit.sandbox.world.identity import Version

if TYPE_CHECKING:
    from drkit.sandbox.world.identity import Policy

ACTIONS = Actions("cam", "2019-01-16")
VERSIONS = 5  # of one policy; no page that was found names the limit
MISSING = "InvalidParameter.PolicyIdNotExist"


@ACTIONS.add("CreatePolicyVersion", regional=False)
def create_policy_version(call: Call) -> dict[str, Any]:
    """Add a text to a policy, and put it in force where that is asked for."""
    policy = custom_policy(call, call.given("PolicyId"), MISSING)
    text = policy_document(call.given("PolicyDocument"))
    if len(policy.versions) >= VERSIONS:
        raise ApiError("FailedOperation.PolicyVersionFull", f"A policy has {VERSIONS} versions at most.")
    number = max(policy.versions) + 1
    policy.versions[number] = Version(number, text, call.now)
    if call.given("SetAsDefault"):
        policy.default = number
    policy.updated = call.now
    return {"VersionId": number}


@ACTIONS.add("DeletePolicyVersion", regional=False)
def delete_policy_version(call: Call) -> dict[str, Any]:
    """Delete texts that are not in force, all of them or none."""
    policy = custom_policy(call, call.given("PolicyId"))
    wanted = [version_of(policy, number).number for number in call.given("VersionId")]
    if policy.default in wanted:
        code = "FailedOperation.PolicyVersionAlreadyDefault"
        raise ApiError(code, f"The version `{policy.default}` is in force.")
    for number in wanted:
        policy.versions.pop(number, None)
    return {}


def version_of(policy: Policy, number: int) -> Version:
    """A version of a policy.

    Raises:
        ApiError: there is none.
    """
    version = policy.versions.get(number)
    if version is None:
        code = "InvalidParameter.PolicyVersionNotExists"
        raise ApiError(code, f"The policy has no version `{number}`.")
    return version


@ACTIONS.add("SetDefaultPolicyVersion", regional=False)
def set_default_policy_version(call: Call) -> dict[str, Any]:
    """Put a version in force."""
    policy = custom_policy(call, call.given("PolicyId"))
    policy.default = version_of(policy, call.given("VersionId")).number
    policy.updated = call.now
    return {}


@ACTIONS.add("GetPolicyVersion", regional=False)
def get_policy_version(call: Call) -> dict[str, Any]:
    """One version with its text."""
    policy = custom_policy(call, call.given("PolicyId"))
    version = version_of(policy, call.given("VersionId"))
    return {"PolicyVersion": {**show(policy, version), "Document": version.document}}


@ACTIONS.add("ListPolicyVersions", regional=False)
def list_policy_versions(call: Call) -> dict[str, Any]:
    """All versions."""
    policy = custom_policy(call, call.given("PolicyId"))
    return {"Versions": [show(policy, version) for version in policy.versions.values()]}


def show(policy: Policy, version: Version) -> dict[str, Any]:
    """A version without its text."""
    return {
        "VersionId": version.number,
        "CreateDate": zulu(version.created),
        "IsDefaultVersion": int(version.number == policy.default),
    }
