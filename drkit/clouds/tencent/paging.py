"""Lists that come in pages, read whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drkit.clouds.tencent.client import Call
from drkit.clouds.tencent.retry import Caller
from drkit.ports.errors import UncertainError

PAGE = 100  # the greatest Limit of the APIs used here (DescribeDisks, DescribeSnapshots, DescribeInstances)
TRIES = 3


def read_all(
    caller: Caller, call: Call, key: str, identity: str, parameters: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Every item of a list, each once.

    Offset paging misses items when others are deleted meanwhile. So every page has to report the same
    TotalCount, and there have to be as many different items; otherwise the whole list is read again.

    Args:
        caller: makes the calls.
        call: the Describe action.
        key: the answer's field that holds the items.
        identity: the field of an item that tells it from the others.
        parameters: filters.

    Raises:
        CloudError: a page could not be read, or the list kept changing.
    """
    for _ in range(TRIES):
        items, totals = _read_once(caller, call, key, identity, parameters or {})
        if totals == {len(items)}:
            return list(items.values())
    raise UncertainError(f"{call}: the list kept changing while it was read", code="Unstable")


def _read_once(
    caller: Caller, call: Call, key: str, identity: str, parameters: Mapping[str, Any]
) -> tuple[dict[str, dict[str, Any]], set[int]]:
    items: dict[str, dict[str, Any]] = {}
    totals: set[int] = set()
    offset = 0
    while True:
        answer = caller.call(call, {**parameters, "Offset": offset, "Limit": PAGE})
        total, page = answer.get("TotalCount"), answer.get(key)
        if not isinstance(total, int) or not isinstance(page, list | None):
            raise UncertainError(f"{call}: the answer has no {key} or no TotalCount", code="Garbled")
        before = len(items)
        for item in page or []:
            if not isinstance(item, dict) or not isinstance(item.get(identity), str):
                raise UncertainError(f"{call}: an item of {key} has no {identity}", code="Garbled")
            items[item[identity]] = item
        totals.add(total)
        if len(items) == before and page:
            raise UncertainError(f"{call}: a page brings nothing new", code="Garbled")
        offset += PAGE
        if not page or offset >= total:
            return items, totals
