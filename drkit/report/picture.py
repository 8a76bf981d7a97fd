"""Coverage as a picture: a line for each host, a cell for each day, the worst of its volumes in each cell.

The rows of `snapshots.cover` carry a mark for each of the last days (``days``, the oldest first): ``#`` where the
volume can be gone back to, ``?`` where nobody can say, ``.`` where it cannot, a space where there was none yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from drkit.core.verdicts import Outcome

# Beyond this many hosts the page would be slow to open; the rest is in the evidence.
MOST_HOSTS, MOST_LINES = 400, 20
DAYS_OF_TEXT = 14
WIDEST = 28  # characters of a name in text
WORST_FIRST = ".?# "
TONES = {"#": Outcome.PASS, "?": Outcome.UNKNOWN, ".": Outcome.FAIL}
# One cell of a line that is as wide as it has days; beside colour, its form tells what it is.
CELL = {
    "#": "M{x} 0h.84v1h-.84z",
    "?": "M{x} .3h.84v.4h-.84z",
    ".": "M{x} 0h.84v1h-.84zM{hole} .3h.36v.4h-.36z",
}
LEGEND = "# a good snapshot was young enough, ? nobody can say, . none was; today is on the right"


@dataclass(frozen=True, slots=True)
class Line:
    """One host, or a volume without one.

    Args:
        id: of the host or the disk.
        where: account and region.
        volumes: how many there are.
        marks: one a day, the oldest first.
    """

    id: str
    name: str
    where: str
    volumes: int
    marks: str

    @property
    def today(self) -> str:
        """The tone of the last day."""
        return TONES.get(self.marks[-1:], Outcome.UNKNOWN).value

    @property
    def covered(self) -> int:
        """On how many days it can be gone back to."""
        return self.marks.count("#")

    @property
    def days(self) -> int:
        """On how many days there was anything to be covered."""
        return len(self.marks) - self.marks.count(" ")

    @property
    def paths(self) -> list[tuple[str, str]]:
        """For an SVG one unit high and one unit wide a day: each tone with the cells that have it."""
        return [(tone.value, path) for mark, tone in TONES.items() if (path := self._path(mark))]

    def _path(self, mark: str) -> str:
        cells = (x for x, each in enumerate(self.marks) if each == mark)
        return "".join(CELL[mark].format(x=x, hole=f"{x + 0.24:g}") for x in cells)


def lines(rows: Iterable[Mapping[str, Any]]) -> list[Line]:
    """A line for each host of the rows that have days: what is worst today first, then by name."""
    grouped: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        if row.get("days"):
            grouped.setdefault(_key(row), []).append(row)
    made = [_line(key, volumes) for key, volumes in grouped.items()]
    return sorted(made, key=lambda line: (WORST_FIRST.find(line.marks[-1]), line.name, line.id))


def _key(row: Mapping[str, Any]) -> tuple[str, str, str]:
    account, region, host, disk = (str(row.get(name) or "") for name in ("account", "region", "host", "disk"))
    return account, region, host or disk


def _line(key: tuple[str, str, str], volumes: list[Mapping[str, Any]]) -> Line:
    marks = "".join(
        min(day, key=WORST_FIRST.find) for day in zip(*(str(row["days"]) for row in volumes), strict=False)
    )
    where = "/".join(part for part in key[:2] if part)
    return Line(key[2], str(volumes[0].get("name") or key[2] or where), where, len(volumes), marks)


def grid(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The picture in characters, of the last two weeks; nothing where no row has days."""
    found = lines(rows)
    if not found:
        return
    shown = found[:MOST_LINES]
    width = min(WIDEST, max(len(line.name) for line in shown))
    yield f"the last {DAYS_OF_TEXT} days: {LEGEND}"
    for line in shown:
        yield f"{line.name[:width]:<{width}}  {line.marks[-DAYS_OF_TEXT:]}  {line.where}".rstrip()
    if (more := len(found) - len(shown)) > 0:
        yield f"and {more} more hosts"
