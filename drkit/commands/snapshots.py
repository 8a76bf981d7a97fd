"""``drkit snapshots``: every host has a fresh snapshot."""

import argparse

from drkit import arguments
from drkit.commands import Command


def cover_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--younger-than",
        default="25h",
        metavar="DURATION",
        help="how old a volume's newest good snapshot may be (default: 25h)",
    )
    parser.add_argument("--account", action="append", metavar="NAME", help="only this account of the estate")
    parser.add_argument(
        "--copied-to",
        action="append",
        metavar="REGION",
        help="a region in which a snapshot that young must have a good copy; again for another",
    )
    parser.add_argument(
        "--vault",
        action="append",
        metavar="NAME",
        help="an account of the estate in which a snapshot that young must have a good copy; again for another",
    )
    arguments.add_path(
        parser, "--facts", metavar="DIR", help="judge what `drkit collect` saved there, and ask no cloud"
    )


COMMANDS = {
    "cover": Command(
        "flows.cover:cover",
        "which volumes have a good snapshot, now; changes nothing",
        (
            cover_options,
            arguments.page_language,
            arguments.estate,
            arguments.result_format("text", "json", "html", "openmetrics"),
        ),
        "drkit snapshots cover",
        "drkit snapshots cover --younger-than 25h --format json",
        "drkit snapshots cover --format openmetrics --output coverage.prom",
        "drkit snapshots cover --format html --language zh --output coverage.html",
    ),
}
