"""Somebody has a policy of the cloud's own that holds more than its name says.

``QCloudResourceFullAccess`` lets a user into the administrators' group; ``QcloudCVMFullAccess`` has disks,
snapshots, networks and load balancers; ``QcloudCDBFullAccess`` has ``cos:*`` on everything;
``QcloudSCFFullAccess`` has ``tag:*``, and with it whatever goes by tags (598/105584 and the products' pages).
Of AWS, ``PowerUserAccess`` lets its holder run code with roles that services have, and the ``…FullAccess`` of a
service that runs code passes roles on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from drkit.access.checks import samples
from drkit.access.checks.frame import Check, Found
from drkit.access.known import Around, Known, listed
from drkit.core.verdicts import Severity
from drkit.ports.identities import Attachment, Identities, Origin, Policy

CHECK = Check(
    "access.audit/safe-looking-preset",
    Severity.HIGH,
    "certain",
    "write a policy of your own that names what is needed",
)
MORE = {
    "QCloudResourceFullAccess": "it is a way to administrator: cam:AddUserToGroup is in it",
    "QcloudCVMFullAccess": "it has disks, snapshots, networks and load balancers too",
    "QcloudCDBFullAccess": "it has cos:* and vpc:* on everything",
    "QcloudSCFFullAccess": "it has tag:*, and with it whatever goes by tags",
    "QcloudCamSubaccountsAuthorizeRoleFullAccess": "it lets roles be passed to anything",
    "PowerUserAccess": "it runs code with any role that trusts a service and may be passed",
    "AWSLambda_FullAccess": "it passes roles to functions",
    "AmazonEC2FullAccess": "it has volumes, snapshots and load balancers too",
    "IAMFullAccess": "it is a way to administrator",
    "DataScientist": "it passes roles to clusters and notebooks",
}


def look(accounts: Iterable[Known], around: Around) -> Iterator[Found]:  # noqa: ARG001 - every check has both
    """Users, groups and roles that have such a policy."""
    for known in accounts:
        traps = {
            each.id: each
            for each in known.policies.values()
            if each.origin is Origin.PRESET and each.name in MORE
        }
        holders = (*known.holders(), *listed(known.identities.groups))
        for holder in holders if traps else ():
            for each in listed(holder.policies):
                if trap := traps.get(each.policy):
                    why = f"{holder.name} has {trap.name}: {MORE[trap.name]}"
                    yield Found(known.name, f"{holder.id}/{trap.name}", why, trap.id)


def _having(name: str) -> Identities:
    preset = Policy("2", name, Origin.PRESET, "", '{"version":"2.0","statement":[]}')
    return samples.account(users=(samples.user(policies=(Attachment("2"),)),), policies=(preset,))


BAD = tuple(((_having(name),), samples.AROUND) for name in MORE)
GOOD = (((_having("ReadOnlyAccess"),), samples.AROUND),)
