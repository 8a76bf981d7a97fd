"""Which actions the sandbox emulates, of those that exist.

``python -m drkit.sandbox.coverage FILE`` writes the table anew into a page, between its two marks.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drkit.core.files import write_whole
from drkit.sandbox.services.catalogue import EMULATED
from drkit.sandbox.specification.load import Specification

BEGIN, END = "<!-- coverage: begin -->", "<!-- coverage: end -->"


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

    def table(self) -> str:
        """The same as a table of a page."""
        rows = [
            f"| {service} {version} | {len(actions)} of {self.known[service, version]} | {', '.join(actions)} |"
            for (service, version), actions in self.emulated.items()
        ]
        return "\n".join(
            ["| service | emulated | actions |", "|---|---|---|", *rows, "", f"{self.summary()}."]
        )


def written_into(page: str, table: str) -> str:
    """A page with the table between its marks.

    Raises:
        ValueError: the page does not have both marks.
    """
    before, mark, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not mark or not end:
        raise ValueError(f"the page has no {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"


if __name__ == "__main__":
    file = Path(sys.argv[1])
    write_whole(file, written_into(file.read_text(encoding="utf-8"), Coverage.measure().table()).encode())
