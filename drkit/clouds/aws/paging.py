"""Lists that come in pages, read whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from drkit.clouds.aws.client import garbled
from drkit.clouds.tencent.client import Call
from drkit.clouds.tencent.retry import Caller

# DescribeVolumes, DescribeSnapshots and DescribeInstances take 5 to 1000.
PAGE = 500


def read_all(
    caller: Caller,
    call: Call,
    keys: tuple[str, ...],
    identity: str,
    parameters: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Every item of a list, each once.

    The cloud's own token says where the next page begins, and a page may be empty and not the last.

    Args:
        caller: makes the calls.
        call: the Describe action.
        keys: the answer's field that holds the items; where they lie in groups, the groups' and the items'.
        identity: the field of an item that tells it from the others.
        parameters: filters.

    Raises:
        CloudError: a page could not be read, or the list has no end.
    """
    items: dict[str, dict[str, Any]] = {}
    tokens: set[str] = set()
    following: dict[str, str] = {}
    while True:
        answer = caller.call(call, {**(parameters or {}), "MaxResults": PAGE, **following})
        for item in _items(call, answer, keys):
            if not isinstance(item.get(identity), str):
                raise garbled(call, f"an item of {keys[-1]} has no {identity}")
            items[item[identity]] = item
        token = answer.get("NextToken")
        if not token:
            return list(items.values())
        if not isinstance(token, str) or token in tokens:
            raise garbled(call, "the same page comes again")
        tokens.add(token)
        following = {"NextToken": token}


def _items(call: Call, entry: dict[str, Any], keys: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    first, *rest = keys
    found = entry.get(first)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise garbled(call, f"the answer has no {first}")
    for each in found:
        if rest:
            yield from _items(call, each, tuple(rest))
        else:
            yield each
