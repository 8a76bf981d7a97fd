"""Resources of CAM in six segments: ``qcs:project:service:region:account:resource`` (598/10606).

An empty service or region means all; an empty account is that of the policy's owner. The account is a UIN, or an
APPID where the service is COS or CAS.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum, auto
from typing import Any

from drkit.access.catalogue.cam import Level, level_of
from drkit.access.evaluate.logic import MAYBE, NO, YES, any_of
from drkit.access.evaluate.request import Request
from drkit.access.language.glob import Matches, glob, glob_of
from drkit.access.language.templates import Template, UndecidedError, UnresolvedError, template

SEGMENTS = 6
# Region codes of before 2017, which policies still hold (598/10606 and the pages of products).
OLD_REGIONS = {
    "gz": "ap-guangzhou",
    "sh": "ap-shanghai",
    "bj": "ap-beijing",
    "cd": "ap-chengdu",
    "cq": "ap-chongqing",
    "hk": "ap-hongkong",
    "sg": "ap-singapore",
    "th": "ap-bangkok",
    "in": "ap-mumbai",
    "kr": "ap-seoul",
    "jp": "ap-tokyo",
    "ca": "na-toronto",
    "usw": "na-siliconvalley",
    "use": "na-ashburn",
    "de": "eu-frankfurt",
    "ru": "eu-moscow",
}
SAME_SERVICE = ({"cbs", "cvm"}, {"tke", "ccs"})
LISTING = ("Describe", "List", "Search", "Query", "Get")
Owner = Callable[["CamRequest"], str]


class Passed(IntEnum):
    """What CAM is given as the resource of a call."""

    RESOURCE = auto()
    STAR = auto()
    EITHER = auto()  # no page says
    EITHER_EXAMPLE = auto()  # the pages disagree, and one shows a policy that names the resource


PASSED = {
    Level.RESOURCE: Passed.RESOURCE,
    Level.OPERATION: Passed.STAR,
    Level.UNKNOWN: Passed.EITHER,
    Level.CONFLICT: Passed.EITHER,
    Level.CONFLICT_EXAMPLE: Passed.EITHER_EXAMPLE,
}


@dataclass(slots=True)
class CamRequest(Request):
    """A request of CAM.

    Args:
        parts: the six segments of its resource; empty where that is ``*``.
        app_id: the APPID of the resource's owner, where it is known.
        passed: what CAM is given as the resource.
    """

    parts: Sequence[str] = ()
    app_id: str = ""
    passed: Passed = Passed.RESOURCE

    @property
    def lists(self) -> bool:
        """Whether it may be a list query, in which a deny may not bite ("CAM 权限 deny 不生效场景")."""
        return self.action.partition(":")[2].startswith(LISTING)


def passed(action: str) -> Passed:
    """What CAM is given as the resource of an action."""
    service, _, name = action.partition(":")
    return PASSED[level_of(service, name)]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One resource of a statement.

    Args:
        named: whether it matches the resource of a request.
        star: whether it matches ``*``: surely where it restricts nothing; where its last segment is a star, nobody
            says, if it matches the resource besides.
    """

    named: Callable[[CamRequest], int]
    star: int


def _always(_request: CamRequest) -> int:
    return YES


def _perhaps(_request: CamRequest) -> int:
    return MAYBE


EVERYTHING = Pattern(_always, YES)
NOT_UNDERSTOOD = Pattern(_perhaps, MAYBE)
NO_RESTRICTION = frozenset({"", "*"})


def pattern(text: str, owner: Owner) -> Pattern:
    """A resource as a policy names it."""
    text = text.strip()
    parts = text.split(":", SEGMENTS - 1)
    if text == "*":
        return EVERYTHING
    if len(parts) != SEGMENTS or parts[0] != "qcs":
        return NOT_UNDERSTOOD
    _qcs, project, service, region, account, resource = parts
    tests = [_service(service), _region(region), _account(account, owner), _resource(resource)]
    if project not in NO_RESTRICTION:
        tests.append(_project(project))

    def named(request: CamRequest) -> int:
        level = YES
        for test in tests:
            level = min(level, test(request))
            if level == NO:
                return NO
        return level

    restricts = not NO_RESTRICTION.issuperset(parts[1:])
    return Pattern(named, (MAYBE if restricts else YES) if resource == "*" else NO)


def _project(project: str) -> Callable[[CamRequest], int]:
    """Projects are of an older CAM and not allowed any more (598/10606)."""
    return lambda request: YES if request.parts[1] == project else MAYBE


def _service(service: str) -> Callable[[CamRequest], int]:
    if service in NO_RESTRICTION:
        return _always
    test = glob(service, single=False)
    others = {other for same in SAME_SERVICE if service in same for other in same}
    return lambda request: YES if test(request.parts[2]) else MAYBE if request.parts[2] in others else NO


def _region(region: str) -> Callable[[CamRequest], int]:
    if region in NO_RESTRICTION:
        return _always
    test = glob(OLD_REGIONS.get(region, region), single=False)

    def same(request: CamRequest) -> int:
        own = request.parts[3]
        if not own:
            return MAYBE  # the forms of resources leave it out; whether a region then matches stands nowhere
        return YES if test(OLD_REGIONS.get(own, own)) else NO

    return same


def _account(account: str, owner: Owner) -> Callable[[CamRequest], int]:
    if account == "*":
        return _always
    if account == "":
        return lambda request: YES if not owner(request) or owner(request) == request.account else NO
    kind, _, wanted = account.partition("/")
    if kind not in {"uin", "uid"} or "${" in wanted:  # variables are of the last segment (598/10607)
        return _perhaps
    test = glob(wanted, single=False)

    def same(request: CamRequest) -> int:
        own = request.account if kind == "uin" else request.app_id
        if not own:
            return MAYBE
        return YES if test(own) else NO

    return same


def _resource(resource: str) -> Callable[[CamRequest], int]:
    moving = template(resource)
    if moving is not None:
        return lambda request: _resolved(moving, request)
    test = glob(resource, single=False)
    loose = glob(resource) if "?" in resource else None
    below = resource.removesuffix("*").removesuffix("/") + "/"

    def matches(request: CamRequest) -> int:
        own = request.parts[5]
        if test(own):
            return YES
        if loose is not None and loose(own):
            return MAYBE  # no page says that ? stands for a character
        return _by_prefix(own, resource, below, request)

    return matches


def _by_prefix(own: str, resource: str, below: str, request: CamRequest) -> int:
    """What prefix matching without a star reaches is not settled by 598/10606; COS writes out what it means."""
    if request.parts[2] == "cos":
        return NO
    nested = "*" not in resource and own.startswith(below)
    return MAYBE if nested or (resource.endswith("/*") and own + "/" == below) else NO


def _resolved(moving: Template, request: CamRequest) -> int:
    try:
        test: Matches = glob_of(moving.resolve(request.lookup), single=False)
    except (UnresolvedError, UndecidedError):
        return MAYBE if glob_of(moving.widest(), single=False)(request.parts[5]) else NO
    if not test(request.parts[5]):
        return NO
    return MAYBE if request.parts[2] == "cos" else YES  # "cannot be used in $ResourcesPath" (598/10607)


def resources(
    texts: Sequence[str], owner: Owner, *, denies: bool, always_named: bool, tagged: bool
) -> Callable[[Any], int]:
    """A test for the resource of a request.

    In a policy of the resource's own (``always_named``) the resource is always what is tested. A deny with
    conditions on tags (``tagged``) may not hold back a list query.
    """
    patterns = tuple(pattern(text, owner) for text in texts)
    star = max((each.star for each in patterns), default=NO)

    def matches(request: CamRequest) -> int:
        named = any_of(lambda each: each.named(request), patterns) if request.parts else star
        level = named
        if not always_named and request.passed is not Passed.RESOURCE:
            passed_star = star if star != MAYBE else min(MAYBE, named)
            level = _told(request.passed, named, passed_star, denies=denies)
        return min(level, MAYBE) if denies and tagged and request.lists else level

    return matches


def _told(given: Passed, named: int, star: int, *, denies: bool) -> int:
    """Whether what CAM is given matches."""
    if given is Passed.STAR or named == star:
        return star
    if given is Passed.EITHER_EXAMPLE and not denies:
        return max(named, star)
    return MAYBE
