"""Things that an action may be on: those of its service, and those that patterns ask for.

They stand for what is not there yet, or what no facts list. An example too many does no harm: it is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from drkit.access.escalate.clauses import VARIABLE
from drkit.access.escalate.people import Account
from drkit.access.language.form import Dialect

PLACEHOLDER, OTHER_PLACEHOLDER = "drkit", "x"
SEGMENTS = 6
WILD = re.compile(r"[*?]+")
REGIONS = {
    Dialect.AWS: ("us-east-1", "eu-west-1", "ap-southeast-1"),
    Dialect.CAM: ("ap-guangzhou", "ap-beijing", "ap-shanghai"),
}
IDENTITIES = (
    ("user/", ("User", "AccessKey", "LoginProfile", "MFADevice")),
    ("role/", ("Role",)),
    ("group/", ("Group",)),
)


def usual(account: Account, action: str) -> tuple[str, ...]:
    """Things that an action may be on, of several regions and names: a limit may leave out one of them."""
    service = action.partition(":")[0]
    regions: tuple[str, ...] = REGIONS[account.dialect]
    if account.dialect is Dialect.AWS:
        kind = next((kind for kind, words in IDENTITIES if any(word in action for word in words)), "")
        regions = ("",) if service == "iam" else regions
        named = [(region, PLACEHOLDER) for region in regions] + [(regions[0], OTHER_PLACEHOLDER)]
        return tuple(f"arn:aws:{service}:{region}:{account.number}:{kind}{name}" for region, name in named)
    last = f"{PLACEHOLDER}/{PLACEHOLDER}"
    return tuple(f"qcs::{service}:{region}:uin/{account.number}:{last}" for region in regions)


def fitting(pattern: str, thing: str, name: str) -> Iterator[str]:
    """Things like one that an action may be on, as a pattern may match them, for a caller of some name."""
    if pattern == "*":
        return
    text = re.sub(r"\$\{[^}]*\}", name, pattern) if VARIABLE in pattern else pattern
    text, own = text.strip() if thing.startswith("qcs") else text, thing.split(":", SEGMENTS - 1)
    parts = text.split(":", SEGMENTS - 1)
    if len(parts) != SEGMENTS:
        yield from _named(own, WILD.split(text)) if own[0] == "arn" else ()
        return
    if not WILD.search(parts[0]) and parts[0] != own[0]:
        return
    if own[0] == "arn" and parts[2] not in {"", own[2]} and not WILD.search(parts[2]):
        return  # of another service; actions of CAM are also on things of others
    for keep in (True, False):
        heads = [_head(part, mine, keep=keep) for part, mine in zip(parts[:-1], own[:-1], strict=True)]
        yield from (":".join([*heads, last]) for last in _lasts(parts[-1], own))


def _head(part: str, own: str, *, keep: bool) -> str:
    if part in {"", "*"} or (keep and WILD.search(part)):
        return own
    return _filled(part)


def _filled(part: str) -> str:
    return part.replace("*", PLACEHOLDER).replace("?", "x")


def _lasts(last: str, own: list[str]) -> Iterator[str]:
    """The last segment, of the action's kind where that has one."""
    kind = own[-1].partition("/")[0] + "/" if own[0] == "arn" and "/" in own[-1] else ""
    filled = _filled(last)
    if filled.startswith(kind):
        yield filled
    if kind and WILD.search(last):
        yield kind + _filled(last.partition("/")[2] or last)
        yield kind + PLACEHOLDER


def _named(own: list[str], pieces: list[str]) -> Iterator[str]:
    """The usual thing with another name: the end of a pattern that is not written in segments."""
    name = next((piece for piece in reversed(pieces) if piece), "")
    kind = own[-1].partition("/")[0] + "/" if "/" in own[-1] else ""
    yield ":".join([*own[:-1], kind + name.rpartition("/")[2].rpartition(":")[2]])
