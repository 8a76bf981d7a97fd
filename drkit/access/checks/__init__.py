"""What is wrong with policies and accounts, one file a check.

A check is a module of this room with a docstring that says what and why, a `Check` under ``CHECK``, and samples
``BAD`` and ``GOOD``: one test shows that every BAD one is found and no GOOD one is. Either it looks at one policy,
by ``find(document)`` with samples by language, or at whole accounts, by ``look(accounts, around)``, with samples
made of `drkit.access.checks.samples`.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType

SHARED = frozenset({"frame", "nothing", "samples"})


@cache
def checks() -> tuple[ModuleType, ...]:
    """All checks, by name."""
    names = sorted(each.name for each in pkgutil.iter_modules(__path__) if each.name not in SHARED)
    return tuple(importlib.import_module(f"{__name__}.{name}") for name in names)


@cache
def of_policies() -> tuple[ModuleType, ...]:
    """The checks that look at one policy."""
    return tuple(module for module in checks() if hasattr(module, "find"))


@cache
def of_accounts() -> tuple[ModuleType, ...]:
    """The checks that look at whole accounts."""
    return tuple(module for module in checks() if hasattr(module, "look"))
