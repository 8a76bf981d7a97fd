"""``drkit copies list``: a bucket that has no inventory, listed into files that `copies reconcile` reads."""

from __future__ import annotations

import argparse
from pathlib import Path

from drkit.copies.lists.keeping import name_of
from drkit.copies.lists.making import Asked, Listing
from drkit.copies.lists.opening import List
from drkit.copies.refusal import RefusedError
from drkit.core import exits
from drkit.core.configuration.problems import suggest
from drkit.core.errors import AccountError, UsageError
from drkit.core.estate import Estate
from drkit.core.results import check_output, json_text, result, write_result
from drkit.core.times import now, text_of
from drkit.core.verdicts import STATUS, Outcome, Verdict
from drkit.flows.clouds import open_clouds
from drkit.flows.loading import load_estate
from drkit.flows.talking import progress
from drkit.ports.errors import CloudError

COMMAND = "copies list"
CLOUDS = {"s3": "aws", "cos": "tencent"}


def list_(arguments: argparse.Namespace) -> int:
    """List a bucket to its end; what an earlier process finished in the same directory is not asked again.

    Raises:
        UsageError: the options do not say what to list, or the directory cannot be used.
    """
    check_output(arguments.output)
    estate = load_estate(arguments.estate)
    cloud, bucket, prefix = _bucket(arguments.bucket)
    name = _account(arguments.account, cloud, estate)
    region = _region(arguments.region, name, estate)
    asked = Asked(region, bucket, prefix, arguments.versions)
    with progress() as show:
        objects = open_clouds(estate, {name}, powers=("look",)).look[name].objects
        if objects is None:
            raise UsageError(f"drkit does not list buckets of {cloud} yet", hint="have an inventory written")
        try:
            made = Listing(objects, asked, arguments.to, now, arguments.workers).run(show)
        except (CloudError, AccountError) as error:
            return _refused(arguments, RefusedError(name_of(error), error.message))
        except RefusedError as error:
            return _refused(arguments, error)
    write_result(_told(arguments.format, made, arguments.to), arguments.output)
    return exits.OK


def _bucket(text: str) -> tuple[str, str, str]:
    """The cloud, the bucket and the prefix that a URL names."""
    scheme, separator, rest = text.partition("://")
    bucket, _, prefix = rest.partition("/")
    if scheme not in CLOUDS or not separator or not bucket:
        raise UsageError(f"--bucket {text}: write s3://BUCKET or s3://BUCKET/PREFIX")
    return CLOUDS[scheme], bucket, prefix


def _account(given: str | None, cloud: str, estate: Estate) -> str:
    """The account whose credential looks."""
    fitting = [name for name, account in estate.accounts.items() if account.cloud == cloud]
    if given is not None:
        if given not in fitting:
            raise UsageError(f"the estate has no account '{given}' of {cloud}{suggest(given, fitting)}")
        return given
    if len(fitting) != 1:
        raise UsageError(
            f"the estate has {len(fitting)} accounts of {cloud}", hint="say which: --account NAME"
        )
    return fitting[0]


def _region(given: str | None, name: str, estate: Estate) -> str:
    regions = estate.accounts[name].regions
    if given is not None and given not in regions:
        raise UsageError(f"the account '{name}' does not list the region '{given}'{suggest(given, regions)}")
    return given or regions[0]


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
