"""What is wrong with policies, one file a check.

A check is a module of this room with a docstring that says what and why, a `Check` under ``CHECK``, a function
``find(document)``, and samples ``BAD`` and ``GOOD`` by language: one test shows that every BAD one is found
and no GOOD one is.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType


@cache
def checks() -> tuple[ModuleType, ...]:
    """All checks, by name."""
    names = sorted(each.name for each in pkgutil.iter_modules(__path__) if each.name != "frame")
    return tuple(importlib.import_module(f"{__name__}.{name}") for name in names)
