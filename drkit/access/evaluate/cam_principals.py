"""Whether a principal element of CAM means a caller (598/10603; COS: 436/31923, 436/45235).

An allow for everybody, or for anonymous callers, also holds for signed ones. A deny for everybody or for
anonymous callers does not bind a signed one ("CAM 权限 deny 不生效场景").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from drkit.access.evaluate.cam_callers import SEGMENTS, Caller, Kind
from drkit.access.evaluate.layers import NOBODY, PERHAPS, SURELY, Grades
from drkit.access.evaluate.logic import NO, YES
from drkit.access.evaluate.request import Request
from drkit.access.language.form import Principal
from drkit.access.language.glob import glob

EVERYONE: Grades = (NO, NO, NO, YES)
ITS_ACCOUNT: Grades = (YES, NO, NO, NO)
# Callers that are no identity of an account, and the kinds of entries that may mean them.
ALONE = {Kind.ANONYMOUS: (), Kind.SERVICE: ("service",), Kind.FEDERATED: ("federated", "qcs", "")}
NAMED = {
    "uin": (Kind.USER, Kind.ROOT),
    "roleName": (Kind.ROLE,),
    "role": (Kind.ROLE,),
}
EVERYBODY_NAMES = frozenset({"*", "qcs::cam::anonymous:anonymous", "qcs::cam::anyone:anyone"})


def principals(entries: Sequence[Principal], *, denies: bool) -> Callable[[Request], Grades]:
    """How a ``principal`` element means the caller of a request."""
    listed = tuple(entries)

    def meant(request: Request) -> Grades:
        found = grades_of(listed, request.caller)
        return _denied(found, request) if denies else found

    return meant


def _denied(found: Grades, request: Request) -> Grades:
    """The same for a deny: everybody is who did not sign, and a root account named is not its users."""
    account, role, direct, everyone = found
    if request.caller.kind is not Kind.ANONYMOUS:
        everyone = NO
    if request.caller.owner == request.account:
        account = NO
    made: Grades = (account, role, direct, everyone)
    return NOBODY if max(made) == NO else made


@lru_cache(maxsize=16384)
def grades_of(entries: tuple[Principal, ...], caller: Caller) -> Grades:
    """How entries mean a caller; `NOBODY` where they do not."""
    found = [means(entry, caller) for entry in entries]
    account, role, direct, everyone = (max((each[i] for each in found), default=NO) for i in range(4))
    made: Grades = (account, role, direct, everyone)
    return NOBODY if max(made) == NO else made


def means(entry: Principal, caller: Caller) -> Grades:
    """How one entry means a caller."""
    if entry.value in EVERYBODY_NAMES and entry.kind in {"*", "qcs", ""}:
        return EVERYONE
    if caller.kind is Kind.NOBODY_SAID:
        return PERHAPS
    if caller.kind in ALONE or entry.kind in {"service", "federated"}:
        return SURELY if caller.name == entry.value and entry.kind in ALONE.get(caller.kind, ()) else NOBODY
    return _entity(entry.value, caller)


def _entity(value: str, caller: Caller) -> Grades:
    parts = value.split(":")
    if len(parts) != SEGMENTS or parts[0] != "qcs" or not parts[4]:
        return PERHAPS  # the pages know no other form
    account, name = parts[4], parts[5]
    if not _wild(account.removeprefix("uin/"), caller.owner):
        return NOBODY
    kind, _, identifier = name.partition("/")
    if kind == "root" or name == account:
        return SURELY if caller.kind is Kind.ROOT else ITS_ACCOUNT
    if kind in NAMED:
        return SURELY if caller.kind in NAMED[kind] and _wild(identifier, caller.name) else NOBODY
    return SURELY if name == "*" else PERHAPS  # a group, for instance: who is in it nobody said


def _wild(pattern: str, text: str) -> bool:
    return pattern == text or ("*" in pattern and glob(pattern, single=False)(text))
