"""``drkit copies list``: a bucket that has no inventory, listed into files that `copies reconcile` reads."""

from __future__ import annotations

import argparse
from pathlib import Path

from drkit.copies.lists.keeping import name_of
from drkit.copies.lists.making import Asked, Listing
from drkit.copies.lists.opening import List
from drkit.copies.refusal import RefusedError
from drkit.core import exits
from drkit.core.errors import AccountError
from drkit.core.results import check_output, json_text, result, write_result
from drkit.core.times import now, text_of
from drkit.core.verdicts import STATUS, Outcome, Verdict
from drkit.flows.copies.buckets import bucket_of, open_objects
from drkit.flows.loading import load_estate
from drkit.flows.talking import progress
from drkit.ports.errors import CloudError

COMMAND = "copies list"


def list_(arguments: argparse.Namespace) -> int:
    """List a bucket to its end; what an earlier process finished in the same directory is not asked again.

    Raises:
        UsageError: the options do not say what to list, or the directory cannot be used.
    """
    check_output(arguments.output)
    estate = load_estate(arguments.estate)
    bucket = bucket_of("--bucket", arguments.bucket, estate, arguments.account, arguments.region)
    asked = Asked(bucket.region, bucket.name, bucket.prefix, arguments.versions)
    with progress() as show:
        objects = open_objects(estate, {bucket.account})[bucket.account]
        try:
            made = Listing(objects, asked, arguments.to, now, arguments.workers).run(show)
        except (CloudError, AccountError) as error:
            return _refused(arguments, RefusedError(name_of(error), error.message))
        except RefusedError as error:
            return _refused(arguments, error)
    write_result(_told(arguments.format, made, arguments.to), arguments.output)
    return exits.OK


def _refused(arguments: argparse.Namespace, error: RefusedError) -> int:
    verdict = Verdict(Outcome.UNKNOWN, f"{arguments.bucket} was not listed: {error}")
    text = f"UNKNOWN  {verdict.reason}"
    if arguments.format == "json":
        text = json_text(result(COMMAND, verdict, summary={}, refused=error.name))
    write_result(text, arguments.output)
    return STATUS[verdict.outcome]


def _told(form: str, made: List, directory: Path) -> str:
    between = {"begun": text_of(made.begun), "ended": text_of(made.ended)}
    if form == "json":
        summary = {"objects": made.rows, "segments": len(made.segments)}
        told = result(COMMAND, Verdict(Outcome.PASS), summary=summary, list=str(directory))
        return json_text({**told, **between})
    what = "versions and delete markers" if made.versions else "objects"
    return (
        f"{made.rows} {what} of {made.bucket}/{made.prefix} in {directory}\n"
        f"  as it was between {between['begun']} and {between['ended']}"
    )
