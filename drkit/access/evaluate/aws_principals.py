"""Whether a principal element of AWS means a caller, and how (reference_policies_elements_principal)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from drkit.access.evaluate.aws_callers import ACCOUNT, Caller, Kind
from drkit.access.evaluate.layers import NOBODY, PERHAPS, SURELY, Grades
from drkit.access.evaluate.logic import MAYBE, NO, YES
from drkit.access.evaluate.request import Request
from drkit.access.language.form import Principal
from drkit.access.language.glob import glob

EVERYONE: Grades = (NO, NO, NO, YES)
ITS_ACCOUNT: Grades = (YES, NO, NO, NO)
ITS_ROLE: Grades = (NO, YES, NO, NO)
PERHAPS_ITS_ROLE: Grades = (NO, MAYBE, NO, NO)
ROOT = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):root")
ENTITY = re.compile(r"arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):(user|role|assumed-role|federated-user)/(.+)")
KINDS = {Kind.SERVICE: "service", Kind.FEDERATED: "federated", Kind.CANONICAL: "canonicaluser"}


def principals(entries: Sequence[Principal]) -> Callable[[Request], Grades]:
    """How a ``Principal`` element means the caller of a request."""
    listed = tuple(entries)
    return lambda request: grades_of(listed, request.caller)


@lru_cache(maxsize=16384)
def grades_of(entries: tuple[Principal, ...], caller: Caller) -> Grades:
    """The same for a caller; `NOBODY` where it is not meant."""
    found = [means(entry, caller) for entry in entries]
    account, role, direct, everyone = (max((each[i] for each in found), default=NO) for i in range(4))
    made: Grades = (account, role, direct, everyone)
    return NOBODY if max(made) == NO else made


def means(entry: Principal, caller: Caller) -> Grades:
    """How one entry means a caller."""
    if entry.value == "*" and entry.kind in {"*", "aws"}:
        return EVERYONE
    if caller.kind is Kind.NOBODY_SAID:
        return PERHAPS
    if caller.kind in KINDS or caller.kind is Kind.ANONYMOUS or entry.kind in {"service", "federated"}:
        return SURELY if (entry.kind, entry.value) == (KINDS.get(caller.kind), caller.name) else NOBODY
    if entry.kind == "canonicaluser":
        return PERHAPS  # an account by an id that stands in no ARN
    return _entity(entry.value, caller)


def _entity(value: str, caller: Caller) -> Grades:
    root = ROOT.fullmatch(value)
    if root or ACCOUNT.fullmatch(value):
        if (root[1] if root else value) != caller.account:
            return NOBODY
        return SURELY if caller.kind is Kind.ROOT else ITS_ACCOUNT
    if value == caller.name:
        return ITS_ROLE if caller.kind is Kind.ROLE else SURELY
    if "*" in value or "?" in value:  # AWS refuses such: nobody can say what one that exists would do
        return PERHAPS if glob(value)(caller.name) else NOBODY
    entity = ENTITY.fullmatch(value)
    if entity is None or entity[1] != caller.account:
        return NOBODY  # an id of someone who was deleted, or someone else's
    return _related(entity[2], entity[3], caller)


def _related(kind: str, name: str, caller: Caller) -> Grades:
    """A role of which the caller is a session, or a session of the role that the caller is."""
    if caller.kind is Kind.SESSION and kind == "role":
        if name == caller.role:
            return ITS_ROLE
        same = name.rpartition("/")[2] == caller.role  # a session's ARN does not say the path
        return PERHAPS_ITS_ROLE if same else NOBODY
    if caller.kind is Kind.ROLE and kind == "assumed-role":
        return PERHAPS if name.partition("/")[0] == caller.role.rpartition("/")[2] else NOBODY
    if caller.kind is Kind.FEDERATED_USER and kind == "user":
        return PERHAPS_ITS_ROLE  # its user's own grants reach it, limited by the session; whose it is nobody said
    return NOBODY


def not_principals(entries: Sequence[Principal]) -> Callable[[Request], Grades]:
    """How ``NotPrincipal`` means the caller.

    Whoever is exempt has to be listed with the account, a session with its role as well; listed in part,
    nobody can say (reference_policies_elements_notprincipal). A user or role with a boundary is meant always
    (access_policies_boundaries).
    """
    listed = tuple(entries)

    def meant(request: Request) -> Grades:
        caller: Caller = request.caller
        found = grades_of(listed, caller)
        if request.bounded and caller.kind in {Kind.USER, Kind.ROLE, Kind.SESSION}:
            return EVERYONE
        return _others(found, caller)

    return meant


def _others(found: Grades, caller: Caller) -> Grades:
    account, role, direct, everyone = found
    if everyone == YES:
        return NOBODY
    listed = max(role, direct)
    if listed == NO:
        return EVERYONE  # its account alone exempts nobody in it but its root, who is listed directly
    alone = caller.kind in KINDS or caller.kind in {Kind.ROOT, Kind.ANONYMOUS}
    whole = alone or (account == YES and (caller.kind is not Kind.SESSION or (role == YES and direct == YES)))
    return NOBODY if whole and listed == YES else (NO, NO, NO, MAYBE)
