"""Lists of CAM that come in pages, read whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from drkit.clouds.tencent.client import Call
from drkit.clouds.tencent.fields import LONE_SURROGATE, items_of
from drkit.clouds.tencent.retry import Caller
from drkit.core.errors import AccountError
from drkit.ports.errors import CloudError, UncertainError
from drkit.ports.unread import Unread

Thing = TypeVar("Thing")
ROWS, MOST_PAGES = 200, 200  # the greatest Rp and Page (api.json of tccli 3.1.189.1)


def read_pages(
    api: Caller, call: Call, key: str, identity: str, parameters: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Every item of a list that is paged by ``Page`` and ``Rp``, each once.

    Args:
        api: makes the calls.
        call: the List action.
        key: the answer's field that holds the items.
        identity: the field of an item that tells it from the others.
        parameters: filters.

    Raises:
        CloudError: a page could not be read, or there are not as many items as the list says.
    """
    found: dict[Any, dict[str, Any]] = {}
    for page in range(1, MOST_PAGES + 1):
        answer = api.call(call, {**(parameters or {}), "Rp": ROWS, "Page": page})
        total, listed = answer.get("TotalNum"), items_of(answer, key)
        if not isinstance(total, int):
            raise UncertainError(f"{call}: the answer has no TotalNum", code="Garbled")
        found |= {_key(call, item, identity): item for item in listed}
        if len(found) >= total:
            return list(found.values())
        if not listed:
            break
    raise UncertainError(f"{call}: the list has not as many items as it says", code="Garbled")


def _key(call: Call, item: dict[str, Any], identity: str) -> Any:
    value = item.get(identity)
    if not isinstance(value, int | str) or value == "":
        raise UncertainError(f"{call}: an item has no {identity}", code="Garbled")
    return value


def clean(value: str) -> str:
    """A text of any length that can be written down anywhere."""
    return LONE_SURROGATE.sub("\ufffd", value)


def identifier(item: dict[str, Any], field: str) -> str:
    """A number or a text as text, empty where there is neither."""
    value = item.get(field)
    if isinstance(value, bool) or not isinstance(value, int | str):
        return ""
    return clean(str(value))


def unless_refused(read: Callable[[], Thing]) -> Thing | Unread:
    """What is read, or why it is not."""
    try:
        return read()
    except (CloudError, AccountError) as error:
        return Unread(error.message)
