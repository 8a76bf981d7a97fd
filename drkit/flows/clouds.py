"""The accounts of an estate, opened with the power that is needed, after the cloud confirmed who it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from drkit.core.configuration.problems import suggest
from drkit.core.errors import AccountError, UsageError
from drkit.core.estate import Account, Estate
from drkit.ports.cloud import Cloud
from drkit.ports.identity import Caller
from drkit.ports.read_only import ReadOnlyCloud


@dataclass(frozen=True, slots=True)
class Opened:
    """Accounts opened with both powers, by their names in the estate.

    Args:
        look: opened with the credential that reads, and refusing to do anything else.
        make: opened with the credential that creates.
        callers: who the cloud says the credentials are, as ``{account: {power: Caller}}``.
    """

    look: Mapping[str, Cloud]
    make: Mapping[str, Cloud]
    callers: Mapping[str, Mapping[str, Caller]]


def open_clouds(
    estate: Estate, names: Iterable[str], *, powers: tuple[str, ...] = ("look", "make")
) -> Opened:
    """Open accounts and ask each cloud who it is, before anything else is asked of it.

    Raises:
        UsageError: a credential or a region is missing or wrong.
        AccountError: a credential belongs to another account than the estate says.
        CloudError: the cloud did not answer.
    """
    opened: dict[str, dict[str, Cloud]] = {"look": {}, "make": {}}
    callers: dict[str, dict[str, Caller]] = {}
    for name in sorted(set(names)):
        account = estate.accounts[name]
        by_prefix: dict[str, tuple[Cloud, Caller]] = {}
        for power in powers:
            prefix = getattr(account.credentials, power)
            if prefix not in by_prefix:
                cloud = _connect(account.cloud, prefix)
                by_prefix[prefix] = cloud, _confirm(name, account, prefix, cloud)
            cloud, caller = by_prefix[prefix]
            opened[power][name] = ReadOnlyCloud(cloud) if power == "look" else cloud
            callers.setdefault(name, {})[power] = caller
        _check_regions(name, account, opened["look"][name])
    return Opened(opened["look"], opened["make"], callers)


def _connect(cloud: str, prefix: str) -> Cloud:
    """Only the cloud that is asked for is imported."""
    match cloud:
        case "tencent":
            from drkit.clouds.tencent.cloud import TencentCloud

            return TencentCloud(prefix)
        case _:
            raise AssertionError(f"the estate's model admits no cloud {cloud!r}")


def _confirm(name: str, account: Account, prefix: str, cloud: Cloud) -> Caller:
    caller = cloud.identity.caller()
    if caller.account != account.account:
        raise AccountError(
            f"wrong account: the key pair in {prefix}_SECRET_ID belongs to account {caller.account}, "
            f"but the estate's '{name}' is account {account.account}",
            hint="export the right key pair, or correct the estate; nothing was looked at",
        )
    return caller


def _check_regions(name: str, account: Account, cloud: Cloud) -> None:
    known = cloud.machines.list_regions()
    for region in account.regions:
        if region not in known:
            raise UsageError(
                f"the account '{name}' has no region '{region}' that is available{suggest(region, known)}",
                hint=f"correct accounts.{name}.regions in the estate",
            )
