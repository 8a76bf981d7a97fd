"""Buckets listed on the way into a comparison, all at once; their lists go when it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path

from drkit.copies.lists.keeping import name_of
from drkit.copies.lists.making import Asked, Listing
from drkit.copies.lists.opening import open_list
from drkit.copies.reconcile.comparing import Opener
from drkit.copies.reconcile.private import private_directory
from drkit.copies.refusal import RefusedError
from drkit.copies.source import Source
from drkit.core.errors import AccountError
from drkit.core.estate import Estate
from drkit.core.times import now
from drkit.flows.copies.buckets import bucket_of, open_objects
from drkit.flows.talking import progress
from drkit.ports.errors import CloudError


@contextmanager
def listed(
    urls: Mapping[str, str], estate: Estate, root: Path, *, versions: bool
) -> Iterator[dict[str, Opener]]:
    """What opens each bucket's list, or tells why it was not listed.

    Args:
        urls: of the buckets, by the names of their copies.
        estate: in whose accounts they are.
        root: the directory of state, below which the lists lie.
        versions: every version.

    Raises:
        UsageError: an account or a credential is missing.
        AccountError, CloudError: an account cannot be asked.
    """
    buckets = {name: bucket_of("--copy", url, estate, None, None) for name, url in urls.items()}
    objects = open_objects(estate, (each.account for each in buckets.values()))
    with private_directory(root) as private:
        listings = {
            name: Listing(
                objects[each.account],
                Asked(each.region, each.name, each.prefix, versions),
                private / str(number),
                now,
            )
            for number, (name, each) in enumerate(buckets.items())
        }
        with progress() as show:
            made = _run(listings, show)
        yield {name: partial(_open, found) for name, found in made.items()}


def _run(listings: Mapping[str, Listing], show: Callable[[str], None]) -> dict[str, Path | RefusedError]:
    with ThreadPoolExecutor(len(listings) + 1) as pool:
        pool.submit(import_module, "duckdb")  # while the cloud is waited for: it is needed next, and is large
        made = {name: pool.submit(_list, each, show) for name, each in listings.items()}
        try:
            wait(made.values())
        except BaseException:
            for each in listings.values():
                each.stop()
            raise
    return {name: future.result() for name, future in made.items()}


def _list(listing: Listing, show: Callable[[str], None]) -> Path | RefusedError:
    try:
        listing.run(show)
    except (CloudError, AccountError) as error:
        return RefusedError(name_of(error), error.message)
    except RefusedError as error:
        return error
    return listing.directory


def _open(found: Path | RefusedError) -> Source:
    if isinstance(found, RefusedError):
        raise found
    return open_list(found, None, now())
