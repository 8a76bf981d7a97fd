"""Which actions the sandbox emulates, of those that exist."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from drkit.sandbox.services.catalogue import EMULATED
from drkit.sandbox.specification.load import Specification


@dataclass(frozen=True, slots=True)
class Coverage:
    """``known`` counts the actions of each service and version, ``emulated`` names the emulated ones."""

    known: dict[tuple[str, str], int]
    emulated: dict[tuple[str, str], list[str]]

    @classmethod
    def measure(cls) -> Coverage:
        """Count."""
        emulated: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for service, version, action in sorted(EMULATED):
            emulated[service, version].append(action)
        known = Counter((service, version) for service, version, _ in Specification().actions())
        return cls(dict(known), dict(emulated))

    def counts(self) -> dict[str, int]:
        """How many actions are emulated, of how many, of how many services."""
        return {
            "emulated": sum(map(len, self.emulated.values())),
            "known": sum(self.known.values()),
            "services": len({service for service, _ in self.known}),
        }

    def summary(self) -> str:
        """One line."""
        return "{emulated} of {known} actions of {services} services are emulated".format(**self.counts())

    def rows(self) -> list[dict[str, Any]]:
        """One object for each service and version."""
        return [
            {"service": service, "version": version, "known": known, "emulated": self.emulated.get(key, [])}
            for key, known in self.known.items()
            for service, version in [key]
        ]

    def text(self) -> str:
        """The services of which something is emulated."""
        lines: list[str] = []
        for (service, version), actions in self.emulated.items():
            lines.append(f"{service} {version}: {len(actions)} of {self.known[service, version]}")
            lines.extend(f"  {action}" for action in actions)
        return "\n".join([*lines, self.summary()])
