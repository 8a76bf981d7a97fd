"""Somebody of one environment holds something in another.

Rights are graded and zoned so that one mistake, or one insider, stays within a zone. A role that trusts
principals of an account of another environment breaks that, and so does one person with users in two
environments who may destroy in both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from drkit.access.checks import samples
from drkit.access.checks.frame import Check, Found, allows
from drkit.access.known import Around, Known, listed
from drkit.access.rights import of_harm, rights, some
from drkit.access.watched import DESTROYING
from drkit.core.verdicts import Severity

CHECK = Check(
    "access.audit/across-zones",
    Severity.HIGH,
    "certain",
    "let a role trust its own environment alone, and give a person a user in one of them",
)
NUMBER = re.compile(r"uin/([0-9]+):|:([0-9]{12}):|^([0-9]{12})$")


def look(accounts: Iterable[Known], around: Around) -> Iterator[Found]:
    """Trust from another environment, and people who may destroy in several."""
    accounts = tuple(accounts)
    numbers = {known.identities.number: known.name for known in accounts}
    for known in accounts:
        yield from _trusted(known, around.environments, numbers)
    yield from _people(accounts, around.environments)


def _trusted(known: Known, environments: Mapping[str, str], numbers: Mapping[str, str]) -> Iterator[Found]:
    own = environments.get(known.name)
    for role in listed(known.identities.roles):
        for statement in allows(known.trusts[role.id]):
            for principal in statement.principals or ():
                match = NUMBER.search(principal.value)
                other = numbers.get(next(filter(None, match.groups())), "") if match else ""
                if other and own and environments.get(other, own) != own:
                    why = f"{role.name} of {own} is trusted to {principal.value} of {environments[other]}"
                    yield Found(known.name, f"{role.id}/{other}", why)


def _people(accounts: Iterable[Known], environments: Mapping[str, str]) -> Iterator[Found]:
    held: dict[str, dict[str, tuple[Known, str, list[str]]]] = {}
    for known in accounts:
        environment = environments.get(known.name)
        for user in listed(known.identities.users) if environment else ():
            may = of_harm(known.dialect, rights(known, user), *DESTROYING)
            if may and environment:
                held.setdefault(user.name.lower(), {})[environment] = (known, user.id, may)
    for name, by_environment in sorted(held.items()):
        if len(by_environment) > 1:
            known, id_, may = by_environment[min(by_environment)]
            places = ", ".join(sorted(by_environment))
            yield Found(known.name, id_, f"{name} may destroy in {places}: {some(may)} and the like")


def _trust(number: str) -> dict[str, object]:
    statement = samples.allow("name/sts:AssumeRole", principal={"qcs": [f"qcs::cam::uin/{number}:root"]})
    del statement["resource"]
    return {"version": "2.0", "statement": [statement]}


TEST = samples.account(account="test", number="100000000002")
DESTROYS = samples.having(samples.policy(samples.allow("cvm:TerminateInstances")))
BAD = (
    ((samples.account(roles=(samples.role(_trust("100000000002")),)), TEST), samples.AROUND),
    ((DESTROYS, replace(DESTROYS, account="test", number="100000000002")), samples.AROUND),
)
GOOD = (
    ((samples.account(roles=(samples.role(_trust(samples.OWNER)),)), TEST), samples.AROUND),
    ((DESTROYS, TEST), samples.AROUND),
)
