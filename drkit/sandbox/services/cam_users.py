"""CAM 2019-01-16: users."""

from __future__ import annotations

import re
import secrets
import string
from typing import TYPE_CHECKING, Any

from drkit.sandbox.authorisation import may
from drkit.sandbox.services.cam_common import stamp, user_named, wrong
from drkit.sandbox.services.cam_keys import keys_of, make_key
from drkit.sandbox.services.table import Actions, Call
from drkit.sandbox.wire.errors import ApiError
from drkit.sandbox.world.identity import User

if TYPE_CHECKING:
    from drkit.sandbox.world.identity import Identity

ACTIONS = Actions("cam", "2019-01-16")
NAME = re.compile(r"[\w+=,.@-]{1,64}")
USERS = 1000
SYMBOLS = "!@#%^*_-+="
SHORTEST_PASSWORD = 8
PASSWORD_LENGTH = 32
SUB_USER = 2
MOST_UINS = 50


@ACTIONS.add("AddUser", regional=False)
def add_user(call: Call) -> dict[str, Any]:
    """Make a user, with a key pair and a password where they are asked for."""
    name: str = call.given("Name")
    if not NAME.fullmatch(name):
        raise ApiError("InvalidParameter.UserNameIllegal", f"The user name `{name}` is not valid.")
    identity = call.identity
    if identity.user_named(name):
        raise ApiError("InvalidParameter.SubUserNameInUse", f"The user name `{name}` is in use.")
    if len(identity.users) >= USERS:
        raise ApiError(
            "InvalidParameter.SubUserFull", f"The account has {USERS} users, the most it can have."
        )
    console, made_up = flag(call, "ConsoleLogin"), ""
    if console and not check_password(call):
        made_up = password()
    number = identity.next_number()
    user = User(new_uin(call, number), number, name, call.now, console=console)
    describe(call, user)
    identity.users[user.uin] = user
    key = make_key(call, user.uin, "") if flag(call, "UseApi") else None
    return {
        "Uin": int(user.uin),
        "Name": name,
        "Password": made_up,
        "SecretId": key.secret_id if key else "",
        "SecretKey": key.secret_key if key else "",
        "Uid": user.uid,
        "PhoneNumVerifyLink": "",
    }


def new_uin(call: Call, number: int) -> str:
    """A UIN that no other account's user has."""
    return f"{int(call.caller.account) % 1000 + 100}{number:09}"


def flag(call: Call, name: str) -> bool:
    """A parameter that is 0 or 1."""
    value = call.given(name, 0)
    if value not in {0, 1}:
        raise wrong(name, value)
    return bool(value)


def check_password(call: Call) -> bool:
    """Whether a password is given; eight characters of all four kinds unless the account has rules.

    Raises:
        ApiError: it is too weak.
    """
    given = call.given("Password", "")
    if not given:
        return False
    kinds = (str.islower, str.isupper, str.isdigit, lambda one: not one.isalnum())
    if len(given) < SHORTEST_PASSWORD or not all(any(map(kind, given)) for kind in kinds):
        raise ApiError("InvalidParameter.PasswordViolatedRules", "The password violates the rules.")
    return True


def password() -> str:
    """32 characters, of all four kinds."""
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits, SYMBOLS)
    chosen = [secrets.choice(kind) for kind in kinds]
    chosen += [secrets.choice("".join(kinds)) for _ in range(PASSWORD_LENGTH - len(kinds))]
    secrets.SystemRandom().shuffle(chosen)
    return "".join(chosen)


def describe(call: Call, user: User) -> None:
    """Take over what a call says about a user."""
    user.remark = call.given("Remark", user.remark)
    user.phone = call.given("PhoneNum", user.phone)
    user.country = call.given("CountryCode", user.country)
    user.email = call.given("Email", user.email)


@ACTIONS.add("UpdateUser", regional=False)
def update_user(call: Call) -> dict[str, Any]:
    """Change what is said about a user; the password itself is kept nowhere."""
    user = user_named(call)
    check_password(call)
    if call.given("ConsoleLogin") is not None:
        user.console = flag(call, "ConsoleLogin")
    describe(call, user)
    return {}


@ACTIONS.add("DeleteUser", regional=False)
def delete_user(call: Call) -> dict[str, Any]:
    """Delete a user with its memberships; one with keys only by force, and with the right to delete keys."""
    user = user_named(call)
    if keys_of(call, user.uin):
        if not flag(call, "Force"):
            raise ApiError("OperationDenied.HaveKeys", f"The user `{user.name}` has access keys.")
        if not may(call, "cam", "DeleteApiKey"):
            raise ApiError("UnauthorizedOperation.DeleteApiKey", "No right to delete the keys of the user.")
    forget(call.identity, user)
    return {}


def forget(identity: Identity, user: User) -> None:
    """Remove a user from everywhere; temporary credentials of its own go with it."""
    for group in identity.groups.values():
        group.members.pop(user.uin, None)
    identity.keys = {one: key for one, key in identity.keys.items() if key.user != user.uin}
    identity.temporary = {
        one: each for one, each in identity.temporary.items() if each.caller.user != user.uin
    }
    del identity.users[user.uin]


@ACTIONS.add("GetUser", regional=False)
def get_user(call: Call) -> dict[str, Any]:
    """One user."""
    user = user_named(call)
    shown = show_user(user)
    del shown["CreateTime"], shown["NickName"]
    return {**shown, "RecentlyLoginIP": "", "RecentlyLoginTime": ""}


@ACTIONS.add("ListUsers", regional=False)
def list_users(call: Call) -> dict[str, Any]:
    """All users; there are no pages."""
    return {"Data": [show_user(user) for user in call.identity.users.values()]}


@ACTIONS.add("DescribeSubAccounts", regional=False)
def describe_sub_accounts(call: Call) -> dict[str, Any]:
    """The users of some UINs."""
    wanted = call.given("FilterSubAccountUin")
    if len(wanted) > MOST_UINS:
        raise ApiError("InvalidParameter", f"`FilterSubAccountUin` holds more than {MOST_UINS} values.")
    found = (call.identity.users.get(str(uin)) for uin in wanted)
    return {"SubAccounts": [show_sub_account(user) for user in found if user]}


def show_user(user: User) -> dict[str, Any]:
    """A user with the fields of recorded answers."""
    return {
        "Uin": int(user.uin),
        "Name": user.name,
        "Uid": user.uid,
        "Remark": user.remark,
        "ConsoleLogin": int(user.console),
        "PhoneNum": user.phone,
        "CountryCode": user.country,
        "Email": user.email,
        "CreateTime": stamp(user.created),
        "NickName": "",
    }


def show_sub_account(user: User) -> dict[str, Any]:
    """A user as DescribeSubAccounts shows it; nobody has logged in."""
    return {
        "Uid": user.uid,
        "Uin": int(user.uin),
        "Name": user.name,
        "UserType": SUB_USER,
        "Remark": user.remark,
        "CreateTime": stamp(user.created),
        "LastLoginIp": "",
        "LastLoginTime": None,
    }


@ACTIONS.add("GetAccountSummary", regional=False)
def get_account_summary(call: Call) -> dict[str, Any]:
    """How many there are of each."""
    identity = call.identity
    return {
        "Policies": len(identity.policies),
        "Roles": len(identity.roles),
        "Idps": 0,
        "IdentityProviders": 0,
        "User": len(identity.users),
        "Group": len(identity.groups),
        "Member": sum(len(group.members) for group in identity.groups.values()),
    }


@ACTIONS.add("GetUserAppId", regional=False)
def get_user_app_id(call: Call) -> dict[str, Any]:
    """The caller's UIN and the APPID of its account."""
    return {"Uin": call.caller.user, "OwnerUin": call.caller.account, "AppId": call.account.app_id}
