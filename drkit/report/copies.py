"""Cold copies as a map of datasets and regions, and what each copy grew to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from drkit.core.verdicts import Outcome

Row = Mapping[str, Any]
TONES = {
    "whole": Outcome.PASS.value,
    "grown": Outcome.PASS.value,
    "differs": Outcome.FAIL.value,
    "lost": Outcome.FAIL.value,
}
MOST_COPIES = 200
WIDTH, HEIGHT = 300, 40
WRONG = ("missing", "extra", "size_differs", "checksum_differs", "not_comparable", "wrong_class")
LOST = ("vanished", "overwritten", "version_deleted")


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy as a cell of the map shows it.

    Args:
        wrong: what is wrong, as pairs of a count's name and the count.
        hours: how old what tells of it is; None where nobody says.
    """

    name: str
    tone: str
    status: str
    objects: int | None
    hours: float | None
    wrong: tuple[tuple[str, int], ...]
    why: str


@dataclass(frozen=True, slots=True)
class Line:
    """One dataset.

    Args:
        cells: its copies in each region, in the order of the map's regions.
        rule: what its rule came to; empty where nobody asked.
    """

    dataset: str
    cells: tuple[tuple[Copy, ...], ...]
    rule: Mapping[str, Any]

    @property
    def rule_tone(self) -> str:
        """The colour class of the rule's verdict."""
        return str(self.rule.get("kept", Outcome.UNKNOWN.value))


@dataclass(frozen=True, slots=True)
class Map:
    """Datasets in lines, regions in columns."""

    regions: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """What a copy grew to, as a line in an SVG of `WIDTH` by `HEIGHT`.

    Args:
        first, last: moments of the oldest and the newest manifest that are shown.
    """

    name: str
    tone: str
    path: str
    first: str
    last: str
    least: int
    most: int
    now: int
    manifests: int


def map_of(rows: Iterable[Row]) -> Map | None:
    """The map of a step's rows; None where they tell of no copies."""
    found = [row for row in rows if _is_copy(row)]
    if not found:
        return None
    regions = tuple(dict.fromkeys(_place(row) for row in found))
    datasets = dict.fromkeys(str(row["dataset"]) for row in found)
    return Map(regions, tuple(_line(name, regions, found) for name in datasets))


def _is_copy(row: Row) -> bool:
    return all(isinstance(row.get(name), str) for name in ("dataset", "copy", "region", "cloud"))


def _place(row: Row) -> str:
    return f"{row['cloud']} {row['region']}"


def _line(name: str, regions: tuple[str, ...], rows: list[Row]) -> Line:
    own = [row for row in rows if row["dataset"] == name]
    cells = tuple(tuple(_copy(row) for row in own if _place(row) == region) for region in regions)
    rule = own[0].get("rule")
    return Line(name, cells, rule if isinstance(rule, dict) else {})


def _copy(row: Row) -> Copy:
    age = row.get("age")
    return Copy(
        name=str(row["copy"]),
        tone=_tone(row),
        status=str(row.get("status", "")),
        objects=row.get("objects"),
        hours=None if age is None else round(age / 3600, 1),
        wrong=tuple((name, row[name]) for name in (*WRONG, *LOST) if row.get(name)),
        why=str(row.get("why") or ""),
    )


def _tone(row: Row) -> str:
    return TONES.get(str(row.get("status")), Outcome.UNKNOWN.value)


def curves(rows: Iterable[Row]) -> list[Curve]:
    """A curve for each copy of which there is more than one manifest."""
    found = [row for row in rows if _is_copy(row) and len(row.get("growth") or ()) > 1]
    return [_curve(row) for row in found[:MOST_COPIES]]


def _curve(row: Row) -> Curve:
    points = [(str(moment), int(objects)) for moment, objects, _ in row["growth"]]
    counts = [objects for _, objects in points]
    step, most = WIDTH / (len(points) - 1), max(1, *counts)
    # From nothing up, so that a copy that lost a little looks like one that lost a little.
    path = "M" + "L".join(
        f"{number * step:.1f} {HEIGHT - 1 - count / most * (HEIGHT - 2):.1f}"
        for number, count in enumerate(counts)
    )
    name = f"{row['dataset']}/{row['copy']}"
    first, last = points[0][0], points[-1][0]
    return Curve(name, _tone(row), path, first, last, min(counts), max(counts), counts[-1], len(points))


def text_lines(rows: Iterable[Row]) -> Iterator[str]:
    """The map in characters: a line a copy."""
    for row in rows:
        if _is_copy(row):
            copy = _copy(row)
            told = [f"{copy.objects} objects" if copy.objects is not None else ""]
            told += [f"{copy.hours} h old" if copy.hours is not None else ""]
            told += [f"{count} {name}" for name, count in copy.wrong] + [copy.why]
            what = ", ".join(each for each in told if each)
            yield f"{copy.status:<8} {row['dataset']}/{copy.name:<16} {_place(row):<24} {what}".rstrip()
