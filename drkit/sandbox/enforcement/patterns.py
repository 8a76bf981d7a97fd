"""Names of actions and resources held against the patterns of a policy.

Sources: the elements action and resource (598/10604, 598/10606).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

EVERYTHING = "*"
SEGMENTS = 6
# Codes of regions that old policies still use.
OLD_REGIONS = {"gz": "ap-guangzhou", "bj": "ap-beijing", "sh": "ap-shanghai"}
# Disks are authorised as part of CVM (362/34221); a policy that writes cbs is taken to mean them too.
OTHER_SERVICES = {"cbs": "cvm"}


@dataclass(frozen=True, slots=True)
class Owner:
    """The root account whose policies these are, and what variables in them stand for.

    Args:
        uin: the root account.
        app_id: its APPID, by which COS names accounts.
        variables: what ``${uin}`` and the like stand for.
    """

    uin: str
    app_id: str
    variables: Mapping[str, str] = field(default_factory=dict)


@functools.lru_cache(maxsize=16_384)
def glob(pattern: str, *, fold: bool = False) -> re.Pattern[str]:
    """A pattern in which a star stands for any text, an empty one too.

    What stands between stars is taken where it first occurs, and that is never tried again: a policy of many
    stars would hold up the sandbox for years.
    """
    first, *rest = map(re.escape, pattern.split(EVERYTHING))
    middle = "".join(f"(?>.*?{part})" for part in rest[:-1] if part)
    text = f"{first}{middle}.*{rest[-1]}" if rest else first
    return re.compile(text, re.DOTALL | (re.IGNORECASE if fold else 0))


def action_fits(pattern: str, action: str, *, wide: bool) -> bool:
    """Whether an action such as ``cvm:DescribeDisks`` is one that a pattern names.

    Read widely, case does not matter: only COS is documented to tell cases apart.
    """
    if pattern in {EVERYTHING, "*:*"}:
        return True
    return glob(pattern, fold=wide).fullmatch(action) is not None


def resource_fits(pattern: str, resource: str, owner: Owner, *, wide: bool) -> bool:
    """Whether a resource is one that a pattern names.

    Args:
        pattern: ``*``, or six segments of which empty ones stand for all, but for the account: that is the
            policy's owner.
        resource: six segments, or ``*`` where the call concerns none: a pattern that restricts anything
            does not fit that (213/77373).
        owner: whose policy it is.
        wide: whether a disk or snapshot may also be named as one of cbs, and what lies in no region by one.
    """
    if pattern == EVERYTHING:
        return True
    wanted = substitute(pattern, owner.variables).split(":", SEGMENTS - 1)
    if len(wanted) != SEGMENTS:
        return False
    if resource == EVERYTHING:
        return all(part in {"", EVERYTHING} for part in wanted[1:])
    _, _, service, region, account, name = wanted
    _, _, its_service, its_region, its_account, its_name = resource.split(":", SEGMENTS - 1)
    return (
        service_fits(service, its_service, wide=wide)
        and region_fits(region, its_region, wide=wide)
        and account_fits(account, its_account, owner)
        and glob(name).fullmatch(its_name) is not None
    )


def service_fits(pattern: str, service: str, *, wide: bool) -> bool:
    """Whether the third segment fits."""
    if not pattern or glob(pattern).fullmatch(service):
        return True
    return wide and OTHER_SERVICES.get(pattern) == service


def region_fits(pattern: str, region: str, *, wide: bool) -> bool:
    """Whether the fourth segment fits; read widely, what lies in no region is in every one."""
    if not pattern or (wide and not region):
        return True
    return glob(OLD_REGIONS.get(pattern, pattern)).fullmatch(region) is not None


def account_fits(pattern: str, account: str, owner: Owner) -> bool:
    """Whether the fifth segment fits; without one it is the policy's owner."""
    if pattern in {"", f"uid/{owner.app_id}"}:
        pattern = f"uin/{owner.uin}"
    return glob(pattern).fullmatch(account) is not None


def substitute(text: str, variables: Mapping[str, str]) -> str:
    """A text with its variables replaced; one that is not known stays as it is."""
    if "${" not in text:
        return text
    return re.sub(r"\$\{(\w+)\}", lambda found: variables.get(found[1], found[0]), text)
