"""``drkit copies grow``: what left copies since their last manifests; docs/copies.md."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from drkit.copies.growing import judging
from drkit.copies.growing.chain import Chain
from drkit.copies.growing.growing import Kept, grow
from drkit.copies.opening import open_source
from drkit.core import exits
from drkit.core.errors import UsageError
from drkit.core.results import check_output, write_result
from drkit.core.state import state_root
from drkit.core.times import now
from drkit.flows.copies.pairs import pairs
from drkit.flows.copies.telling import statuses, told
from drkit.flows.options import duration

COMMAND = "copies grow"


def grow_(arguments: argparse.Namespace) -> int:
    """Hold each copy against its chain, and add a manifest to it.

    Raises:
        UsageError: the options do not say what to compare.
    """
    check_output(arguments.output)
    check_output(arguments.list)
    copies, expected = pairs("--copy", arguments.copy), pairs("--expect", arguments.expect)
    for name in expected:
        if name not in copies:
            raise UsageError(f"--expect {name}: there is no --copy {name}")
    if arguments.list is not None and len(copies) > 1:
        raise UsageError("--list is of one copy", hint="name one --copy")
    conclusion = judging.conclude(
        [_row(arguments, name, path, expected.get(name)) for name, path in copies.items()]
    )
    lines = [line for row in conclusion.rows for line in _row_lines(row)]
    lines += [f"  {finding.subject}: {finding.why}" for finding in conclusion.findings]
    write_result(told(COMMAND, arguments.format, conclusion, lines), arguments.output)
    return exits.first_that_applies(statuses(conclusion))


def _row(arguments: argparse.Namespace, name: str, path: str, expected: str | None) -> dict[str, Any]:
    young = None if arguments.younger_than is None else duration("--younger-than", arguments.younger_than)
    moment = now()
    kept = Kept(
        Chain(arguments.chain / name, None, expected),
        partial(open_source, Path(path), young, moment),
        told={"copy": name},
        list_to=arguments.list,
    )
    return judging.row_of(
        grow(name, kept, state_root(arguments.state), arguments.memory, moment), {"copy": name}
    )


def _row_lines(row: Mapping[str, Any]) -> list[str]:
    if row["manifest"] is None:
        return [f"  {row['status']:<8} {row['copy']:<16} {row['why']}"]
    counts = ", ".join(
        f"{row[name]} {name}"
        for name in ("objects", "appeared", "vanished", "overwritten", "version_deleted", "allowed")
    )
    manifest = row["manifest"]
    return [
        f"  {row['status']:<8} {row['copy']:<16} {counts}",
        f"    manifest {manifest['number']}, --expect {row['copy']}={manifest['head']}",
    ]
