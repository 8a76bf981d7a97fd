"""CAM 2019-01-16: groups and who is in them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from drkit.sandbox.services.cam_common import NOBODY, group_of, matching, paged, stamp, wrong
from drkit.sandbox.services.table import Actions, Call
from drkit.sandbox.wire.errors import ApiError
from drkit.sandbox.world.identity import Group

if TYPE_CHECKING:
    from drkit.sandbox.world.identity import User

ACTIONS = Actions("cam", "2019-01-16")
GROUPS = 300
GROUPS_A_USER = 10
USERS_A_GROUP = 100
COLLABORATOR = 1


@ACTIONS.add("CreateGroup", regional=False)
def create_group(call: Call) -> dict[str, Any]:
    """Make a group."""
    name: str = call.given("GroupName")
    check_name(call, name)
    if len(call.identity.groups) >= GROUPS:
        raise ApiError(
            "InvalidParameter.GroupFull", f"The account has {GROUPS} groups, the most it can have."
        )
    group = Group(call.identity.next_number(), name, call.now, call.given("Remark", ""))
    call.identity.groups[group.id] = group
    return {"GroupId": group.id}


def check_name(call: Call, name: str) -> None:
    """Raise where no group can have this name, or another has it.

    Raises:
        ApiError: InvalidParameter.ParamError or InvalidParameter.GroupNameInUse.
    """
    if not name.strip():
        raise wrong("GroupName", name)
    if any(group.name == name for group in call.identity.groups.values()):
        raise ApiError("InvalidParameter.GroupNameInUse", f"The group name `{name}` is in use.")


@ACTIONS.add("UpdateGroup", regional=False)
def update_group(call: Call) -> dict[str, Any]:
    """Change what is said about a group."""
    group = group_of(call, call.given("GroupId"))
    name = call.given("GroupName", group.name)
    if name != group.name:
        check_name(call, name)
    group.name, group.remark = name, call.given("Remark", group.remark)
    return {}


@ACTIONS.add("DeleteGroup", regional=False)
def delete_group(call: Call) -> dict[str, Any]:
    """Delete a group; its members lose what its policies gave."""
    del call.identity.groups[group_of(call, call.given("GroupId"), NOBODY).id]
    return {}


@ACTIONS.add("GetGroup", regional=False)
def get_group(call: Call) -> dict[str, Any]:
    """One group with its members."""
    group = group_of(call, call.given("GroupId"), NOBODY)
    members = members_of(call, group)
    return {**show_group(group), "GroupNum": len(members), "UserInfo": [show_member(one) for one in members]}


@ACTIONS.add("ListGroups", regional=False)
def list_groups(call: Call) -> dict[str, Any]:
    """The groups."""
    total, groups = paged(call, matching(call, call.identity.groups.values()))
    return {"TotalNum": total, "GroupInfo": [show_group(one) for one in groups]}


@ACTIONS.add("ListGroupsForUser", regional=False)
def list_groups_for_user(call: Call) -> dict[str, Any]:
    """The groups of a user."""
    user = member(call, call.given("SubUin"), call.given("Uid"))
    total, groups = paged(call, call.identity.groups_of(user.uin))
    return {"TotalNum": total, "GroupInfo": [show_group(one) for one in groups]}


@ACTIONS.add("ListUsersForGroup", regional=False)
def list_users_for_group(call: Call) -> dict[str, Any]:
    """The users of a group."""
    total, users = paged(call, members_of(call, group_of(call, call.given("GroupId"))))
    return {"TotalNum": total, "UserInfo": [show_member(one) for one in users]}


@ACTIONS.add("AddUserToGroup", regional=False)
def add_user_to_group(call: Call) -> dict[str, Any]:
    """Let users join groups, all of them or none."""
    joining = pairs(call)
    by_user: defaultdict[str, set[int]] = defaultdict(set)
    by_group: defaultdict[int, set[str]] = defaultdict(set)
    for user, group in joining:
        by_user[user.uin] |= {group.id, *(one.id for one in call.identity.groups_of(user.uin))}
        by_group[group.id] |= {user.uin, *group.members}
    if any(len(groups) > GROUPS_A_USER for groups in by_user.values()):
        raise ApiError("InvalidParameter.UserGroupFull", f"A user can be in {GROUPS_A_USER} groups at most.")
    if any(len(users) > USERS_A_GROUP for users in by_group.values()):
        raise ApiError("InvalidParameter.GroupUserFull", f"A group has {USERS_A_GROUP} users at most.")
    for user, group in joining:
        group.members.setdefault(user.uin, call.now)
    return {}


@ACTIONS.add("RemoveUserFromGroup", regional=False)
def remove_user_from_group(call: Call) -> dict[str, Any]:
    """Let users leave groups."""
    for user, group in pairs(call):
        group.members.pop(user.uin, None)
    return {}


def pairs(call: Call) -> list[tuple[User, Group]]:
    """Who is to join or leave what.

    Raises:
        ApiError: there is no such user or group.
    """
    return [
        (
            member(call, one.get("Uin"), one.get("Uid")),
            group_of(call, one["GroupId"], "InvalidParameter.GroupNotExist"),
        )
        for one in call.given("Info")
    ]


def member(call: Call, uin: int | None, uid: int | None) -> User:
    """A user by UIN or UID.

    Raises:
        ApiError: neither is given, or there is nobody.
    """
    if uin is None and uid is None:
        code = "InvalidParameter.UserUinAndUinNotAllNull"
        raise ApiError(code, "One of the UIN and the UID of the user has to be given.")
    users = call.identity.users
    found = users.get(str(uin)) if uin is not None else None
    if uin is None:
        found = next((one for one in users.values() if one.uid == uid), None)
    if found is None:
        raise ApiError(NOBODY, f"The user `{uin or uid}` does not exist.")
    return found


def members_of(call: Call, group: Group) -> list[User]:
    """The users of a group."""
    return [call.identity.users[uin] for uin in group.members]


def show_group(group: Group) -> dict[str, Any]:
    """A group in a list."""
    return {
        "GroupId": group.id,
        "GroupName": group.name,
        "CreateTime": stamp(group.created),
        "Remark": group.remark,
    }


def show_member(user: User) -> dict[str, Any]:
    """A user as a member of a group."""
    return {
        "Uid": user.uid,
        "Uin": int(user.uin),
        "Name": user.name,
        "PhoneNum": user.phone,
        "CountryCode": user.country,
        "PhoneFlag": 0,
        "Email": user.email,
        "EmailFlag": 0,
        "UserType": COLLABORATOR,
        "CreateTime": stamp(user.created),
        "IsReceiverOwner": 0,
        "Remark": user.remark,
    }
