"""What names nothing: actions that no service has."""

from __future__ import annotations

from functools import cache, lru_cache

from drkit.access.catalogue.cam import names
from drkit.access.catalogue.cam import prefixes as prefixes_of
from drkit.access.language.glob import glob


@cache
def _by_prefix() -> dict[str, frozenset[str]]:
    """The actions of API 3.0 by the prefix of policies."""
    found: dict[str, set[str]] = {}
    for service, actions in names().items():
        for prefix in {service, *prefixes_of(service)}:
            found.setdefault(prefix, set()).update(actions)
    return {prefix: frozenset(actions) for prefix, actions in found.items()}


@lru_cache(maxsize=65536)
def unknown_action(action: str) -> str:
    """Why no request has an action; empty where one may.

    Only of services that have all their actions in API 3.0 anything can be said, and COS is none of them. Some
    actions of others are of the console alone and in no list, so only a name that is one but for its case is
    called unknown.
    """
    service, _, name = action.partition(":")
    known = _by_prefix().get(service)
    if not known or not name or service == "cos":
        return ""
    if "*" in name:
        matches = glob(name)
        return "" if any(map(matches, known)) else _in_another_case(action, name.lower(), known)
    if name in known:
        return ""
    return _in_another_case(action, name.lower(), known)


def _in_another_case(action: str, lower: str, known: frozenset[str]) -> str:
    matches = glob(lower)
    found = next((one for one in sorted(known) if matches(one.lower())), "")
    return f"{action} is spelt {found}" if found else ""
