"""What the readers of both languages share: elements by name, strings that may be lists, conditions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from drkit.access.language.form import Condition, Principal
from drkit.access.language.reading import TWICE

SCALARS = (str, int, float, bool)


@dataclass(slots=True)
class Elements:
    """The elements of a document or a statement under their lower-case names, and what is strange about them.

    Args:
        raw: the JSON object.
        known: the names that the language has, in lower case.
        exact: the spelling that the language wants, by lower-case name; None where any is taken.
    """

    raw: Mapping[str, Any]
    known: Collection[str]
    exact: Mapping[str, str] | None = None
    found: dict[str, Any] = field(default_factory=dict)
    strange: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        spelt = self.exact or {}
        for name, value in self.raw.items():
            if spelt.get(lower := name.lower(), lower) == name and lower in self.known:
                self.found[lower] = value  # nearly every one
            else:
                self._take(name, value)

    def _take(self, name: str, value: Any) -> None:
        if name == TWICE:
            self.strange.append(f"the element {value} stands there twice")
            return
        lower = name.lower()
        if lower not in self.known:
            self.strange.append(f"the element {name} is not of this language")
        elif lower in self.found:
            self.strange.append(f"the element {name} stands there twice, spelt differently")
        else:
            if self.exact is not None and self.exact[lower] != name:
                self.strange.append(f"the element {name} is spelt {self.exact[lower]}")
            self.found[lower] = value

    def texts(self, name: str) -> tuple[str, ...] | None:
        """Strings of an element that may be one or a list; None where it is not there."""
        if name not in self.found:
            return None
        value = self.found[name]
        if type(value) is str:
            return (value,)
        values = value if isinstance(value, list) else [value]
        texts = tuple(each for each in values if type(each) is str)
        if len(texts) != len(values):
            self.strange.append(f"{name} holds something that is no string")
        return texts

    def conditions(self) -> tuple[Condition, ...]:
        """All conditions, in the order of the document."""
        block = self.found.get("condition")
        if block is None:
            if "condition" in self.found:
                self.strange.append("the condition is null")
            return ()
        if not isinstance(block, dict):
            self.strange.append("the condition is no object")
            return ()
        return tuple(each for operator, keys in block.items() for each in self._keys(operator, keys))

    def _keys(self, operator: str, keys: Any) -> list[Condition]:
        if operator == TWICE or not isinstance(keys, dict) or TWICE in keys:
            self.strange.append(f"the condition {operator} is not one object of keys and values")
            return []
        made = []
        for key, value in keys.items():
            values = value if isinstance(value, list) else [value]
            if not all(isinstance(each, SCALARS) for each in values):
                self.strange.append(f"the condition {operator} {key} holds something that is no value")
                continue
            made.append(Condition(operator, key, tuple(values)))
        return made

    def principals(self, name: str, kinds: Collection[str]) -> tuple[Principal, ...] | None:
        """The entries of a principal element; None where it is not there."""
        if name not in self.found:
            return None
        value = self.found[name]
        if isinstance(value, str | list):
            value = {"*": value}
        if not isinstance(value, dict) or TWICE in value:
            self.strange.append(f"{name} is not one object of kinds and names")
            return ()
        return tuple(each for kind, names in value.items() for each in self._names(name, kind, names, kinds))

    def _names(self, name: str, kind: str, names: Any, kinds: Collection[str]) -> list[Principal]:
        lower = kind.lower()
        if lower not in kinds and lower != "*":
            self.strange.append(f"{name} has the kind {kind}, which is not of this language")
            return []
        listed = names if isinstance(names, list) else [names]
        if not all(isinstance(each, str | int) and not isinstance(each, bool) for each in listed):
            self.strange.append(f"{name} holds something that is no name")
            return []
        made = [Principal(lower, str(each)) for each in listed]
        if lower == "*" and any(each.value != "*" for each in made):
            return [Principal("", each.value) for each in made]
        return made
