"""Programs whose arguments are a language of their own; a record names its handler by ``special``."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from drkit.gate.classify.calls import Call
from drkit.gate.classify.options import Record
from drkit.gate.classify.state import Values

Handler = Callable[[Call, Record], Values]


@cache
def handler(name: str) -> Handler:
    """The handler ``module.function`` of this package."""
    from importlib import import_module

    module, _, function = name.partition(".")
    found: Handler = getattr(import_module(f"{__name__}.{module}"), function)
    return found
