"""CAM 2019-01-16: roles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from drkit.sandbox.services.cam_common import (
    paged,
    role_of,
    roles_named,
    shown_tags,
    stamp,
    tags_of,
    wrong,
)
from drkit.sandbox.services.cam_documents import trust_document
from drkit.sandbox.services.cam_policies import description
from drkit.sandbox.services.table import Actions, Call
from drkit.sandbox.wire.errors import ApiError
from drkit.sandbox.world.identity import Role

if TYPE_CHECKING:
    from drkit.sandbox.world.model import Account

ACTIONS = Actions("cam", "2019-01-16")
NAME = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)
ROLES = 1000
LONGEST_SESSION = 43200
THE_ROLE = (roles_named(),)


@ACTIONS.add("CreateRole", regional=False)
def create_role(call: Call) -> dict[str, Any]:
    """Make a role that trusts those whom its document names."""
    name: str = call.given("RoleName")
    if not NAME.fullmatch(name):
        raise ApiError("InvalidParameter.RoleNameError", f"The role name `{name}` is not valid.")
    identity = call.identity
    if name in identity.roles:
        raise ApiError("InvalidParameter.RoleNameInUse", f"The role name `{name}` is in use.")
    if len(identity.roles) >= ROLES:
        raise ApiError("InvalidParameter.RoleFull", f"The account has {ROLES} roles, the most it can have.")
    role = Role(
        new_id(call.account),
        name,
        trust_document(call, call.given("PolicyDocument")),
        call.now,
        call.now,
        description(call),
        bool(call.given("ConsoleLogin", 0)),
        session_duration(call, 7200),
        tags=tags_of(call),
    )
    identity.roles[name] = role
    return {"RoleId": role.id}


def new_id(account: Account) -> str:
    """An id that no other account's role has."""
    return f"4611686018{int(account.uin) % 1000:03}{account.identity.next_number():06}"


def session_duration(call: Call, before: int) -> int:
    """The longest session, in seconds."""
    seconds: int = call.given("SessionDuration", before)
    if not 0 <= seconds <= LONGEST_SESSION:
        raise wrong("SessionDuration", seconds)
    return seconds


@ACTIONS.add("DeleteRole", regional=False, resources=THE_ROLE)
def delete_role(call: Call) -> dict[str, Any]:
    """Delete a role; the credentials of its sessions are worth nothing any more."""
    del call.identity.roles[role_of(call).name]
    return {}


@ACTIONS.add("GetRole", regional=False, resources=THE_ROLE)
def get_role(call: Call) -> dict[str, Any]:
    """One role with its document."""
    return {"RoleInfo": show(call, role_of(call))}


@ACTIONS.add("DescribeRoleList", regional=False)
def describe_role_list(call: Call) -> dict[str, Any]:
    """The roles, those with all of the tags where some are given."""
    wanted = tags_of(call)
    found = [one for one in call.identity.roles.values() if wanted.items() <= one.tags.items()]
    total, shown = paged(call, found)
    return {"TotalNum": total, "List": [show(call, one) for one in shown]}


def show(call: Call, role: Role) -> dict[str, Any]:
    """A role."""
    return {
        "RoleId": role.id,
        "RoleName": role.name,
        "PolicyDocument": role.trust,
        "Description": role.description,
        "AddTime": stamp(role.created),
        "UpdateTime": stamp(role.updated),
        "ConsoleLogin": int(role.console),
        "RoleType": "user",
        "SessionDuration": role.duration,
        "DeletionTaskId": None,
        "Tags": shown_tags(role.tags),
        "RoleArn": f"qcs::cam::uin/{call.caller.account}:roleName/{role.name}",
    }


@ACTIONS.add("UpdateAssumeRolePolicy", regional=False, resources=THE_ROLE)
def update_assume_role_policy(call: Call) -> dict[str, Any]:
    """Change whom a role trusts."""
    role = role_of(call)
    role.trust, role.updated = trust_document(call, call.given("PolicyDocument")), call.now
    return {}


@ACTIONS.add("UpdateRoleDescription", regional=False, resources=THE_ROLE)
def update_role_description(call: Call) -> dict[str, Any]:
    """Change what is said about a role."""
    role = role_of(call)
    role.description, role.updated = description(call), call.now
    return {}


@ACTIONS.add("UpdateRoleSessionDuration", regional=False, resources=THE_ROLE)
def update_role_session_duration(call: Call) -> dict[str, Any]:
    """Change the longest session of a role."""
    role = role_of(call)
    role.duration, role.updated = session_duration(call, role.duration), call.now
    return {}


@ACTIONS.add("UpdateRoleConsoleLogin", regional=False, resources=THE_ROLE)
def update_role_console_login(call: Call) -> dict[str, Any]:
    """Change whether a role may use the console."""
    role, wanted = role_of(call), call.given("ConsoleLogin")
    if wanted not in {0, 1}:
        raise wrong("ConsoleLogin", wanted)
    role.console, role.updated = bool(wanted), call.now
    return {}
