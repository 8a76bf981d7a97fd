"""Who there is in an account of Tencent Cloud, and what each may do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from drkit.clouds.tencent.audit_trail import read_activity, read_trails
from drkit.clouds.tencent.cam_groups import read_groups, read_providers, read_roles
from drkit.clouds.tencent.cam_lists import identifier, unless_refused
from drkit.clouds.tencent.cam_policies import read_policies
from drkit.clouds.tencent.cam_users import read_keys, read_users
from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.retry import Caller
from drkit.core.times import Clock, now
from drkit.ports.errors import UncertainError
from drkit.ports.identities import Group, Identities, Role, Root, User
from drkit.ports.unread import Unread

GET_APP_ID = Call("cam", "2019-01-16", "GetUserAppId", powers=(Power.LOOK,))
NO_FACTOR_OF_ROOT = Unread("CAM shows the second factor of the root account to nobody else")


class TencentPeople:
    """The port of identities."""

    def __init__(self, caller: Caller, clock: Clock = now) -> None:
        self._caller = caller
        self._clock = clock

    def identities(self, account: str, number: str) -> Identities:
        """Everything of CAM, and the trail of CloudAudit; a part that is refused is Unread."""
        api = self._caller
        until: datetime = self._clock()
        users = unless_refused(lambda: read_users(api))
        groups = unless_refused(lambda: read_groups(api))
        roles = unless_refused(lambda: read_roles(api, number))
        return Identities(
            account,
            "tencent",
            number,
            unless_refused(lambda: _app_id(api)),
            users,
            groups,
            roles,
            unless_refused(lambda: read_policies(api, attached(users, groups, roles))),
            unless_refused(lambda: read_providers(api)),
            Root(unless_refused(lambda: read_keys(api, number)), NO_FACTOR_OF_ROOT),
            unless_refused(lambda: read_trails(api)),
            unless_refused(lambda: read_activity(api, until)),
        )


def _app_id(api: Caller) -> str:
    found = identifier(api.call(GET_APP_ID, {}), "AppId")
    if not found:
        raise UncertainError(f"{GET_APP_ID}: the answer has no AppId", code="Garbled")
    return found


def attached(
    users: Iterable[User] | Unread, groups: Iterable[Group] | Unread, roles: Iterable[Role] | Unread
) -> set[str]:
    """The ids of all policies that somebody has or is limited by, as far as that was read."""
    holders = [each for read in (users, groups, roles) if not isinstance(read, Unread) for each in read]
    found = {one.policy for each in holders if not isinstance(each.policies, Unread) for one in each.policies}
    limits = (each.boundary for each in holders if isinstance(each, User | Role))
    return found | {one for one in limits if isinstance(one, str) and one}
