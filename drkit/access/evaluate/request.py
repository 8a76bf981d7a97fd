"""One request, as both evaluators take it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from drkit.access.evaluate.context import Context
from drkit.access.language.templates import Lookup


@dataclass(slots=True)
class Request:
    """Who wants to do what, whereupon, and what else is known of it.

    Args:
        action: as the layers are asked: in lower case for AWS.
        resource: as it came.
        caller: who asks, in the words of its cloud.
        account: whose the resource is; empty where nobody said.
        lookup: the values of variables.
        bounded: whether the caller has a boundary.
    """

    action: str
    resource: str
    caller: Any
    account: str
    context: Context
    lookup: Lookup
    bounded: bool = False
