"""``drkit copies reconcile``: hold inventories of any size against each other; docs/copies.md."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from drkit.copies.opening import open_source
from drkit.copies.reconcile.compare import Means, compare
from drkit.copies.reconcile.comparing import Asked, Opener
from drkit.copies.reconcile.listing import form_of
from drkit.core import exits
from drkit.core.errors import UsageError
from drkit.core.results import check_output, write_result
from drkit.core.state import state_root
from drkit.core.times import now
from drkit.core.verdicts import Conclusion
from drkit.flows.copies.pairs import is_bucket, pairs
from drkit.flows.copies.telling import statuses, told
from drkit.flows.options import duration

COMMAND = "copies reconcile"


def reconcile(arguments: argparse.Namespace) -> int:
    """Compare the copies and say what differs.

    Raises:
        UsageError: the options do not say what to compare.
        DrkitError: the list could not be written.
    """
    check_output(arguments.output)
    if arguments.list is not None:
        check_output(arguments.list)
        form_of(arguments.list)
    asked, urls = _asked(arguments)
    means = Means(
        root=state_root(arguments.state),
        memory=arguments.memory,
        spark=_spark(arguments),
        list_to=arguments.list,
    )
    conclusion = _compare(asked, urls, arguments.estate, means) if urls else compare(asked, means)
    lines = [line for row in conclusion.rows for line in _row_lines(row)]
    write_result(told(COMMAND, arguments.format, conclusion, lines), arguments.output)
    return exits.first_that_applies(statuses(conclusion))


def _spark(arguments: argparse.Namespace) -> str | None:
    if arguments.engine == "spark":
        return arguments.spark_master or "local[*]"
    if arguments.spark_master is not None:
        raise UsageError("--spark-master is for --engine spark")
    return None


def _asked(arguments: argparse.Namespace) -> tuple[Asked, dict[str, str]]:
    """What is to be compared; and which copies of it are buckets, that have to be listed first."""
    copies = pairs("--copy", arguments.copy)
    previous = pairs("--previous", arguments.previous)
    classes = pairs("--expect-class", arguments.expect_class)
    for option, given in (("--previous", previous), ("--expect-class", classes)):
        for name in given:
            if name not in copies:
                raise UsageError(f"{option} {name}: there is no --copy {name}")
    if len(copies) == 1 and not previous and not classes:
        raise UsageError("one copy alone cannot be compared", hint="give another --copy, or its --previous")
    if buckets := [name for name, path in previous.items() if is_bucket(path)]:
        raise UsageError(f"--previous {buckets[0]}: a bucket tells of now", hint="name a list made then")
    young = None if arguments.younger_than is None else duration("--younger-than", arguments.younger_than)
    asked = Asked(
        copies=_openers(copies, young),
        previous=_openers(previous, None),
        classes=classes,
        versions=arguments.versions,
        fresh=young is not None or all(map(is_bucket, copies.values())),
    )
    return asked, {name: path for name, path in copies.items() if is_bucket(path)}


def _openers(sources: Mapping[str, str | Path], younger_than: timedelta | None) -> dict[str, Opener]:
    moment = now()
    return {name: partial(open_source, Path(path), younger_than, moment) for name, path in sources.items()}


def _compare(asked: Asked, urls: Mapping[str, str], estate: Path | None, means: Means) -> Conclusion:
    """Compare copies of which some are buckets: they are listed on the way."""
    from drkit.flows.copies.listed import listed
    from drkit.flows.loading import load_estate

    with listed(urls, load_estate(estate), means.root, versions=asked.versions) as lists:
        return compare(replace(asked, copies={**asked.copies, **lists}), means)


def _row_lines(row: Mapping[str, Any]) -> list[str]:
    counts = ", ".join(
        f"{row[name]} {name}"
        for name in (
            "present",
            "missing",
            "extra",
            "size_differs",
            "checksum_differs",
            "not_comparable",
            "wrong_class",
            "vanished",
            "overwritten",
            "appeared",
        )
        if row[name] is not None
    )
    lines = [f"  {row['verdict']:<8} {row['copy']:<16} {counts}".rstrip()]
    lines += [f"    unknown: {why}" for why in row["unknown"]]
    lines += [f"    {name}, the first: {key}" for name, key in row["examples"].items()]
    return [*lines, *(f"    note: {note}" for note in row["notes"])]
