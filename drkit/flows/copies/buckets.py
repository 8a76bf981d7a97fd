"""Buckets that options name, as ``s3://BUCKET/PREFIX``; and the account and region in which they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from drkit.core.configuration.problems import suggest
from drkit.core.errors import UsageError
from drkit.core.estate import Estate
from drkit.flows.clouds import confirm, connect, id_variable
from drkit.flows.copies.pairs import is_bucket
from drkit.ports.objects import Objects
from drkit.ports.read_only import ReadOnlyCloud

CLOUDS = MappingProxyType({"s3": "aws", "cos": "tencent"})


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket, or the keys of it that begin with a prefix, in an account of the estate."""

    account: str
    region: str
    name: str
    prefix: str


def bucket_of(option: str, text: str, estate: Estate, account: str | None, region: str | None) -> Bucket:
    """What a URL names.

    Args:
        option: which it was given to.
        text: the URL.
        estate: whose accounts there are.
        account: whose bucket it is; the only one of the cloud, unless said.
        region: where it is; the account's first, unless said.

    Raises:
        UsageError: it names no bucket, or the estate does not say in which account it is.
    """
    scheme, _, rest = text.partition("://")
    name, _, prefix = rest.partition("/")
    if not is_bucket(text) or not name:
        raise UsageError(f"{option} {text}: write s3://BUCKET or s3://BUCKET/PREFIX")
    owner = _account(account, CLOUDS[scheme], estate)
    return Bucket(owner, _region(region, owner, estate), name, prefix)


def _account(given: str | None, cloud: str, estate: Estate) -> str:
    """The account whose credential looks."""
    fitting = [name for name, account in estate.accounts.items() if account.cloud == cloud]
    if given is not None:
        if given not in fitting:
            raise UsageError(f"the estate has no account '{given}' of {cloud}{suggest(given, fitting)}")
        return given
    if len(fitting) != 1:
        raise UsageError(
            f"the estate has {len(fitting)} accounts of {cloud}",
            hint="say which: drkit copies list --account NAME",
        )
    return fitting[0]


def _region(given: str | None, name: str, estate: Estate) -> str:
    regions = estate.accounts[name].regions
    if given is not None and given not in regions:
        raise UsageError(f"the account '{name}' does not list the region '{given}'{suggest(given, regions)}")
    return given or regions[0]


def open_objects(estate: Estate, names: Iterable[str]) -> Mapping[str, Objects]:
    """The objects of accounts, each confirmed to be the estate's.

    Which regions there are is not asked: a bucket answers in its own alone.

    Raises:
        UsageError: a credential is missing, or drkit does not list buckets of the cloud yet.
        AccountError: a credential belongs to another account than the estate says.
        CloudError: the cloud did not answer.
    """
    opened = {}
    for name in sorted(set(names)):
        account = estate.accounts[name]
        prefix = account.credentials.look
        cloud = ReadOnlyCloud(connect(account.cloud, prefix, account.regions[0]))
        confirm(name, account, f"the key pair in {id_variable(account.cloud, prefix)}", cloud)
        if cloud.objects is None:
            raise UsageError(
                f"drkit does not list buckets of {account.cloud} yet", hint="have an inventory written"
            )
        opened[name] = cloud.objects
    return opened
