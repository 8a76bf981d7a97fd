"""``drkit copies``: whether cold copies are present, identical and cold."""

import argparse

from drkit import arguments
from drkit.commands import Command
from drkit.commands.gate import gate_key, gate_person, gate_reason


def copies_reconcile(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--copy",
        action="append",
        required=True,
        metavar="NAME=PATH",
        help="a copy: the directory of an inventory's manifest.json, or .parquet or .csv.gz files, or "
        "s3://BUCKET/PREFIX, which is listed; again for another; the first is the reference",
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
    parser.add_argument(
        "--engine",
        choices=("duckdb", "spark"),
        default="duckdb",
        help="what joins: duckdb on this machine, or spark (extra drkit[spark], Java 17) for what outgrows it; "
        "default: duckdb",
    )
    parser.add_argument(
        "--spark-master", metavar="MASTER", help="where --engine spark runs; default: local[*], this machine"
    )
    parser.add_argument(
        "--memory", metavar="SIZE", help="how much memory to use, such as 1GB; the rest goes to the disk"
    )
    arguments.add_path(
        parser,
        "--list",
        metavar="FILE",
        help="write every object that differs: .parquet, .csv.gz, .csv or .jsonl",
    )


def copies_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--bucket", required=True, metavar="URL", help="what to list: s3://BUCKET or s3://BUCKET/PREFIX"
    )
    arguments.add_path(
        parser,
        "--to",
        required=True,
        metavar="DIR",
        help="a new directory, or one in which the same list was broken off",
    )
    parser.add_argument("--account", metavar="NAME", help="the estate's account whose credential looks")
    parser.add_argument("--region", metavar="REGION", help="of the bucket (default: the account's first)")
    parser.add_argument("--versions", action="store_true", help="list every version and delete marker")
    parser.add_argument(
        "--workers", type=int, default=8, metavar="N", help="how many ask at the same time (default: 8)"
    )


def copies_grow(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--copy",
        action="append",
        required=True,
        metavar="NAME=PATH",
        help="a copy as it is now: an inventory, a list, or .parquet or .csv.gz files; again for another",
    )
    arguments.add_path(
        parser,
        "--chain",
        required=True,
        metavar="DIR",
        help="where the manifests of all nights are kept, a directory a copy",
    )
    parser.add_argument(
        "--expect",
        action="append",
        default=[],
        metavar="NAME=HEAD",
        help="the digest of a copy's last manifest, as the last time printed it; without it nobody misses that one",
    )
    parser.add_argument("--younger-than", metavar="DURATION", help="refuse what is older, or of no known age")
    parser.add_argument("--memory", metavar="SIZE", help="how much memory to use, such as 1GB")
    arguments.add_path(parser, "--list", metavar="FILE", help="write every object that was lost, as CSV")


def copies_release(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dataset", required=True, metavar="NAME", help="of the estate")
    parser.add_argument(
        "--copy", action="append", default=[], metavar="NAME", help="a copy of it; all of them, unless said"
    )
    parser.add_argument(
        "--object",
        action="append",
        default=[],
        metavar="KEY",
        help="an object that may go; again for another",
    )
    parser.add_argument(
        "--prefix",
        action="append",
        default=[],
        metavar="TEXT",
        help="all objects whose keys begin so; again for another",
    )


COMMANDS = {
    "reconcile": Command(
        "flows.copies.reconcile:reconcile",
        "hold copies against each other and against their last time, object by object",
        (copies_reconcile, *arguments.ESTATE_STATE_RESULT),
        "drkit copies reconcile --copy beijing=beijing.parquet --copy shanghai=shanghai.parquet",
        "drkit copies reconcile --copy cos=inventories/cos/20260301 --copy s3=inventories/s3/2026-03-01T01-00Z "
        "--expect-class s3=DEEP_ARCHIVE --younger-than 2d --memory 1GB --list differences.csv.gz",
    ),
    "list": Command(
        "flows.copies.list:list_",
        "list a bucket that has no inventory, in parallel and resumable, for `copies reconcile`",
        (copies_list, arguments.estate, arguments.result_format("text", "json")),
        "drkit copies list --bucket s3://cold-abroad/data/ --to lists/abroad",
    ),
    "grow": Command(
        "flows.copies.grow:grow_",
        "find what left copies since any earlier night, and add tonight's manifest to the chain",
        (copies_grow, arguments.state, arguments.result_format("text", "json")),
        "drkit copies grow --copy shanghai=shanghai/20260301 --chain chains --list lost.csv",
    ),
    "release": Command(
        "flows.copies.release:release",
        "ask other people to approve that objects leave a dataset's copies, such as by a legal request",
        (copies_release, gate_reason, gate_person, gate_key, *arguments.ESTATE_STATE_RESULT),
        "drkit copies release --dataset archive --prefix users/4711/ --reason 'erasure request 12' --as alice",
    ),
}
