"""Which manifests of a copy the evidence tells of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from drkit.copies.refusal import RefusedError

Copy = tuple[str, str]
"""A dataset and one of its copies, by name."""


def known_heads(entries: Iterable[Mapping[str, Any]]) -> dict[Copy, list[str]]:
    """The digests of the heads of every copy's manifests, from the first, as `copies.grow` told its rows.

    Raises:
        RefusedError: a manifest is left out between others.
    """
    found: dict[Copy, dict[int, str]] = {}
    for entry in entries:
        if entry.get("kind") != "step.rows":
            continue
        for row in entry["rows"]:
            manifest = row.get("manifest") if isinstance(row, dict) else None
            if isinstance(manifest, dict) and "growth" in row:
                heads = found.setdefault((row["dataset"], row["copy"]), {})
                heads[manifest["number"]] = manifest["head"]
    return {copy: _in_order(copy, heads) for copy, heads in found.items()}


def _in_order(copy: Copy, heads: dict[int, str]) -> list[str]:
    if sorted(heads) != list(range(1, len(heads) + 1)):
        raise RefusedError("chain-unknown", f"the evidence leaves out a manifest of {'/'.join(copy)}")
    return [heads[number] for number in sorted(heads)]
