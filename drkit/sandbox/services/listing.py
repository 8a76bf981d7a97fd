"""What the Describe actions have in common: ids or filters, order, pages."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from drkit.sandbox.wire import errors

if TYPE_CHECKING:
    import re

    from drkit.sandbox.services.table import Call

DEFAULT_LIMIT = 20
MAXIMUM_LIMIT = 100
MAXIMUM_IDS = 100

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Listing(Generic[Thing]):
    """How one Describe action selects.

    ``attributes`` maps a documented filter name to the values a thing has under it; ``tags`` gives a thing's
    tags where the action filters by them. The codes are those that the action documents.
    """

    ids: str
    id_form: re.Pattern[str]
    identify: Callable[[Thing], str]
    attributes: Mapping[str, Callable[[Thing], Collection[str]]]
    tags: Callable[[Thing], Mapping[str, str]] | None = None
    malformed: str = "InvalidParameterValue"
    combined: str = "InvalidParameterValue"
    too_many: str = "InvalidParameterValue"
    too_many_values: str = "InvalidParameterValue"
    maximum_filters: int = 10
    maximum_values: int = 100

    def select(self, call: Call, things: Iterable[Thing]) -> list[Thing]:
        """The things that the call names or describes; an unknown id is no error, there is no such thing.

        Raises:
            ApiError: both ids and filters are given, or one of them is not well formed.
        """
        ids, filters = call.given(self.ids), call.given("Filters")
        if ids is not None and filters is not None:
            raise errors.ApiError(self.combined, f"`{self.ids}` and `Filters` cannot be specified together.")
        if ids is not None:
            wanted = self.check_ids(ids)
            return [thing for thing in things if self.identify(thing) in wanted]
        conditions = self.conditions(filters)
        if not conditions:
            return list(things)
        return [thing for thing in things if all(values & set(of(thing)) for of, values in conditions)]

    def check_ids(self, ids: list[str]) -> set[str]:
        """The ids that are asked for, found well formed."""
        if not ids:
            raise errors.wrong_value(self.ids, "[]")
        if len(ids) > MAXIMUM_IDS:
            raise errors.ApiError(self.too_many, f"`{self.ids}` holds more than {MAXIMUM_IDS} values.")
        for position, one in enumerate(ids):
            if not self.id_form.fullmatch(one):
                raise errors.wrong_value(f"{self.ids}.{position}", one, self.malformed)
        return set(ids)

    def conditions(
        self, filters: list[dict[str, Any]] | None
    ) -> list[tuple[Callable[[Thing], Collection[str]], set[str]]]:
        """Each filter as the attribute it looks at and the values it wants; a thing has to satisfy all."""
        if filters is None:
            return []
        if not filters:
            raise errors.wrong_value("Filters", "[]")
        if len(filters) > self.maximum_filters:
            raise errors.ApiError(self.too_many_values, f"More than {self.maximum_filters} filters.")
        return [(self.attribute(one["Name"]), self.values(one)) for one in filters]

    def values(self, condition: dict[str, Any]) -> set[str]:
        """The values of a filter."""
        name, values = condition["Name"], condition["Values"]
        if not values:
            raise errors.wrong_value(name, "[]")
        if len(values) > self.maximum_values:
            most = self.maximum_values
            raise errors.ApiError(self.too_many_values, f"The filter `{name}` has more than {most} values.")
        return set(values)

    def attribute(self, name: str) -> Callable[[Thing], Collection[str]]:
        """What a filter of this name looks at.

        Raises:
            ApiError: the action has no such filter.
        """
        if name in self.attributes:
            return self.attributes[name]
        tags = self.tags
        if tags is not None:
            if name == "tag-key":
                return lambda thing: list(tags(thing))
            if name == "tag-value":
                return lambda thing: list(tags(thing).values())
            if name.startswith("tag:"):
                return lambda thing: [value for key, value in tags(thing).items() if key == name[4:]]
        raise errors.ApiError("InvalidFilter", f"The specified filter `{name}` is not supported.")


def page(call: Call, things: list[Thing], too_large: str = "InvalidParameterValue") -> list[Thing]:
    """The part of a list that ``Offset`` and ``Limit`` (20 unless given, at most 100) ask for.

    Raises:
        ApiError: one of them is out of range; ``too_large`` is the code for a limit over the maximum.
    """
    offset, limit = call.given("Offset", 0), call.given("Limit", DEFAULT_LIMIT)
    if offset < 0:
        raise errors.wrong_value("Offset", offset)
    if limit > MAXIMUM_LIMIT:
        raise errors.wrong_value("Limit", limit, too_large)
    if limit < 1:
        raise errors.wrong_value("Limit", limit)
    return things[offset : offset + limit]


def ordered(call: Call, things: list[Thing], fields: Mapping[str, Callable[[Thing], Any]]) -> list[Thing]:
    """The list in the order that ``OrderField`` and ``Order`` ask for: newest first unless told.

    Raises:
        ApiError: there is no such field or direction.
    """
    name, direction = call.given("OrderField", "CREATE_TIME"), call.given("Order", "DESC")
    if name not in fields:
        raise errors.wrong_value("OrderField", name)
    if direction not in {"ASC", "DESC"}:
        raise errors.wrong_value("Order", direction)
    return sorted(things, key=fields[name], reverse=direction == "DESC")
