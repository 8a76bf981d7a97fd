"""``drkit evidence``: the tamper-evident record."""

import argparse

from drkit import arguments
from drkit.commands import Command


def evidence_directory(parser: argparse.ArgumentParser) -> None:
    arguments.add_path(
        parser, "directory", nargs="?", metavar="DIR", help="default: the estate's own evidence"
    )


def evidence_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--run", metavar="ID", help="only this run: its id or the beginning of it")


def evidence_keygen(parser: argparse.ArgumentParser) -> None:
    arguments.add_path(parser, "--to", metavar="DIR", help="make it there (default: where runs look for it)")


def evidence_checkpoint(parser: argparse.ArgumentParser) -> None:
    arguments.add_path(parser, "--to", metavar="DIR", help="send it there too; the directory has to be there")


def evidence_export(parser: argparse.ArgumentParser) -> None:
    arguments.add_path(parser, "--to", metavar="DIR", required=True, help="a new directory, or an empty one")
    parser.add_argument(
        "--run", metavar="ID", help="only this run, with proofs: its id or the beginning of it"
    )


def evidence_verify(parser: argparse.ArgumentParser) -> None:
    arguments.add_path(
        parser, "--key", metavar="FILE", help="the verifier key (default: the one beside the log)"
    )
    arguments.add_path(
        parser,
        "--outside",
        action="append",
        default=[],
        metavar="FILE",
        help="a checkpoint, or a directory of them, that was kept elsewhere (default, for the estate's "
        "own evidence: the estate's outsides)",
    )


COMMANDS = {
    "keygen": Command(
        "flows.evidence:keygen",
        "make the key that signs it, ahead of the first run; prints the key that verifies it",
        (
            evidence_keygen,
            *arguments.ESTATE_STATE_RESULT,
        ),
        "drkit evidence keygen --output verifier-key",
    ),
    "show": Command(
        "flows.evidence:show",
        "read it",
        (
            evidence_directory,
            evidence_show,
            arguments.estate,
            arguments.state,
            arguments.result_format("text", "json", "jsonl"),
        ),
        "drkit evidence show",
    ),
    "verify": Command(
        "flows.evidence:verify",
        "prove that nothing in it was altered or cut off",
        (
            evidence_directory,
            evidence_verify,
            *arguments.ESTATE_STATE_RESULT,
        ),
        "drkit evidence verify",
        "drkit evidence verify ./evidence --key verifier-key --outside checkpoint",
    ),
    "checkpoint": Command(
        "flows.evidence:checkpoint",
        "sign what it holds now and send that out of this host",
        (
            evidence_checkpoint,
            *arguments.ESTATE_STATE_RESULT,
        ),
        "drkit evidence checkpoint",
        "drkit evidence checkpoint --to /mnt/worm/drkit",
    ),
    "export": Command(
        "flows.evidence:export",
        "a bundle that another party verifies without drkit",
        (
            evidence_export,
            *arguments.ESTATE_STATE_RESULT,
        ),
        "drkit evidence export --to bundle",
        "drkit evidence export --run 20260301T040000Z --to run",
    ),
}
