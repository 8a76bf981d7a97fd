"""A role trusts somebody who does not exist.

Its user was deleted, and nobody looked at what trusted it. On Tencent Cloud the name of a role can be used
again, and with it the trust; IAM shows a deleted principal by its unique id instead of its ARN.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from drkit.access.checks import samples
from drkit.access.checks.frame import Check, Found, allows
from drkit.access.known import Around, Known, listed
from drkit.access.language.form import Dialect
from drkit.core.verdicts import Severity
from drkit.ports.unread import Unread

CHECK = Check(
    "access.audit/dangling-trust", Severity.MEDIUM, "certain", "take the principal out of the role's trust"
)
IN_CAM = re.compile(r"qcs::cam::uin/(?P<owner>[0-9]+):(?P<kind>uin|roleName|groupid)/(?P<id>[^*]+)")
IN_IAM = re.compile(r"arn:aws[a-z-]*:iam::(?P<owner>[0-9]{12}):(?P<kind>user|role)/[^*]+")
DELETED = re.compile(r"A(ID|RO|GP)A[A-Z0-9]{8,}")


def look(accounts: Iterable[Known], around: Around) -> Iterator[Found]:  # noqa: ARG001 - every check has both
    """Roles whose trust names nobody of the account, where all of them were read."""
    for known in accounts:
        for role in listed(known.identities.roles):
            for statement in allows(known.trusts[role.id]):
                for principal in statement.principals or ():
                    if _nobody(known, principal.value):
                        why = f"{role.name} trusts {principal.value}, who does not exist"
                        yield Found(known.name, f"{role.id}/{principal.value}", why)


def _nobody(known: Known, value: str) -> bool:
    if known.dialect is Dialect.AWS and DELETED.fullmatch(value):
        return True
    match = (IN_CAM if known.dialect is Dialect.CAM else IN_IAM).fullmatch(value)
    if match is None or match["owner"] != known.identities.number:
        return False
    found = known.identities
    read = {"uin": found.users, "user": found.users, "groupid": found.groups}.get(match["kind"], found.roles)
    if isinstance(read, Unread):
        return False
    wanted = match["id"] if known.dialect is Dialect.CAM else value
    return wanted != found.number and wanted not in {each.id for each in read}


def _trust(user: str) -> dict[str, object]:
    principal = {"qcs": [f"qcs::cam::uin/{samples.OWNER}:uin/{user}"]}
    return {
        "version": "2.0",
        "statement": {"effect": "allow", "action": "name/sts:AssumeRole", "principal": principal},
    }


BAD = (((samples.account(roles=(samples.role(_trust("100000000999")),)),), samples.AROUND),)
GOOD = (
    (
        (samples.account(users=(samples.user(),), roles=(samples.role(_trust("100000000101")),)),),
        samples.AROUND,
    ),
    (
        (samples.account(users=Unread("refused"), roles=(samples.role(_trust("100000000999")),)),),
        samples.AROUND,
    ),
)
