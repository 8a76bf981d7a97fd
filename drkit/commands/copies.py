"""``drkit copies``: whether cold copies are present, identical and cold."""

import argparse

from drkit import arguments
from drkit.commands import Command


def copies_reconcile(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--copy",
        action="append",
        required=True,
        metavar="NAME=PATH",
        help="a copy: the directory of an inventory's manifest.json, or .parquet or .csv.gz files; again for "
        "another; the first is the reference",
    )
    parser.add_argument(
        "--previous",
        action="append",
        default=[],
        metavar="NAME=PATH",
        help="what a copy was the last time; again for another",
    )
    parser.add_argument(
        "--expect-class",
        action="append",
        default=[],
        metavar="NAME=CLASS",
        help="the storage class that every object of a copy must have",
    )
    parser.add_argument("--versions", action="store_true", help="compare every version, not the current one")
    parser.add_argument(
        "--younger-than", metavar="DURATION", help="refuse inventories that are older, or of no known age"
    )
    parser.add_argument("--engine", choices=("duckdb",), default="duckdb", help="default: duckdb")
    parser.add_argument(
        "--memory", metavar="SIZE", help="how much memory to use, such as 1GB; the rest goes to the disk"
    )
    arguments.complete_file(
        parser.add_argument(
            "--list",
            type=arguments.path_type,
            metavar="FILE",
            help="write every object that differs: .parquet, .csv.gz, .csv or .jsonl",
        )
    )


COMMANDS = {
    "reconcile": Command(
        "flows.copies.reconcile:reconcile",
        "hold copies against each other and against their last time, object by object",
        (copies_reconcile, arguments.state, arguments.result_format("text", "json")),
        "drkit copies reconcile --copy beijing=beijing.parquet --copy shanghai=shanghai.parquet",
        "drkit copies reconcile --copy cos=inventories/cos/20260301 --copy s3=inventories/s3/2026-03-01T01-00Z "
        "--expect-class s3=DEEP_ARCHIVE --younger-than 2d --memory 1GB --list differences.csv.gz",
    ),
}
