"""The accounts of an estate, opened with the power that is needed, after the cloud confirmed who it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from drkit.core.actions import Action
from drkit.core.configuration.problems import suggest
from drkit.core.crews import side_by_side
from drkit.core.errors import AccountError, UsageError
from drkit.core.estate import Account, Estate
from drkit.ports.read_only import ReadOnlyCloud

if TYPE_CHECKING:
    from drkit.ports.cloud import Cloud
    from drkit.ports.identity import Caller


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
    """Open accounts, side by side, and ask each cloud who it is, before anything else is asked of it.

    Of several errors that of the first account by name is raised.

    Raises:
        UsageError: a credential or a region is missing or wrong.
        AccountError: a credential belongs to another account than the estate says.
        CloudError: the cloud did not answer.
    """
    accounts = sorted(set(names))
    opened = side_by_side([partial(_open, estate, name, powers) for name in accounts])
    by_name = dict(zip(accounts, opened, strict=True))
    return Opened(
        {name: ReadOnlyCloud(of["look"][0]) for name, of in by_name.items() if "look" in of},
        {name: of["make"][0] for name, of in by_name.items() if "make" in of},
        {name: {power: caller for power, (_, caller) in of.items()} for name, of in by_name.items()},
    )


def _open(estate: Estate, name: str, powers: tuple[str, ...]) -> dict[str, tuple[Cloud, Caller]]:
    """One account with each power; a key pair that has several is asked for once."""
    account = estate.accounts[name]
    by_prefix: dict[str, tuple[Cloud, Caller]] = {}
    for prefix in dict.fromkeys(getattr(account.credentials, power) for power in powers):
        cloud = connect(account.cloud, prefix, account.regions[0], lenders_of(account, estate))
        whose = f"the key pair in {id_variable(account.cloud, prefix)}"
        by_prefix[prefix] = cloud, confirm(name, account, whose, cloud)
    opened = {power: by_prefix[getattr(account.credentials, power)] for power in powers}
    _check_regions(name, account, opened["look"][0])
    return opened


@dataclass(frozen=True, slots=True)
class Power:
    """Accounts opened with the power to destroy, for as long as the approved actions may take.

    Args:
        clouds: by the account's name in the estate.
        callers: who the clouds say that this is.
        unbound: sentences on what the clouds cannot bind to the approved things.
    """

    clouds: Mapping[str, Cloud]
    callers: Mapping[str, Caller]
    unbound: tuple[str, ...]


def open_to_destroy(estate: Estate, actions: Iterable[Action], run: str) -> Power:
    """Open the accounts of approved actions with the power to destroy; for the broker alone.

    Args:
        estate: as the broker knows it.
        actions: all that were approved.
        run: the id of the run on whose behalf.

    Raises:
        UsageError: the estate does not say how, or a key pair is not there.
        AccountError: the role belongs to another account than the estate says.
        ApprovalError, CloudError: an action that nothing carries out; a cloud that does not give the power.
    """
    by_account: dict[str, list[Action]] = {}
    for action in actions:
        by_account.setdefault(action.account, []).append(action)
    clouds: dict[str, Cloud] = {}
    callers: dict[str, Caller] = {}
    unbound: dict[str, None] = {}
    for name, approved in sorted(by_account.items()):
        if name not in estate.accounts:
            raise UsageError(f"the estate has no account '{name}'{suggest(name, estate.accounts)}")
        clouds[name], sentences = _connect_to_destroy(name, estate.accounts[name], approved, run)
        callers[name] = confirm(name, estate.accounts[name], "the role that was assumed", clouds[name])
        unbound |= dict.fromkeys(f"{name}: {sentence}" for sentence in sentences)
    return Power(clouds, callers, tuple(unbound))


def _connect_to_destroy(
    name: str, account: Account, actions: Iterable[Action], run: str
) -> tuple[Cloud, tuple[str, ...]]:
    prefix, role = account.credentials.destroy, account.destroy_role
    if prefix is None or role is None:
        missing = "credentials.destroy" if prefix is None else "destroy_role"
        raise UsageError(
            f"nothing is destroyed in the account '{name}': the estate does not say its {missing}",
            hint="docs/policies.md says how the role and the broker's key pair are made",
        )
    match account.cloud:
        case "tencent":
            from drkit.clouds.tencent.cloud import open_to_destroy as open_tencent

            return open_tencent(prefix, role, actions, run, account.account)
        case "aws":
            from drkit.clouds.aws.cloud import open_to_destroy as open_aws

            return open_aws(prefix, role, actions, run, account.account, account.regions[0])
        case _:
            raise AssertionError(f"the estate's model admits no cloud {account.cloud!r}")


def policy_to_destroy(account: Account, actions: Iterable[Action]) -> Mapping[str, Any]:
    """What the power for these actions would be bounded by; what has the same bounds may be done with the same.

    Raises:
        ApprovalError: an action that nothing carries out.
    """
    if account.destroy_role is None:
        return {}  # there is no power, and nothing to bound
    if account.cloud == "aws":
        from drkit.clouds.aws.assuming import bounds as aws_bounds

        return aws_bounds(actions, account.destroy_role, account.account).policy
    from drkit.clouds.tencent.assuming import bounds

    return bounds(actions, account.account).policy


def all_on_this_machine(clouds: Iterable[str] = ("tencent",)) -> bool:
    """Whether every cloud that would be asked is one on this machine: a sandbox."""
    from drkit.clouds.aws import settings as aws
    from drkit.clouds.tencent import settings as tencent

    checks = {"tencent": tencent.is_on_this_machine, "aws": aws.is_on_this_machine}
    return all(checks[cloud]() for cloud in clouds)


def id_variable(cloud: str, prefix: str) -> str:
    """The variable that holds the id of a key pair."""
    return f"{prefix}_ACCESS_KEY_ID" if cloud == "aws" else f"{prefix}_SECRET_ID"


def lenders_of(vault: Account, estate: Estate) -> tuple[str, ...]:
    """The numbers of the accounts that an account is a vault for."""
    return tuple(estate.accounts[name].account for name in vault.vault_for)


def connect(cloud: str, prefix: str, home: str, lenders: tuple[str, ...] = ()) -> Cloud:
    """Open an account with one key pair; nobody has confirmed yet whose it is.

    Args:
        cloud: which cloud it belongs to; only that one is imported.
        prefix: of the variables that hold the key pair.
        home: a region of the account, where it is asked what concerns no region; not every cloud needs it.
        lenders: the numbers of the accounts that it is a vault for; not every cloud needs them.

    Raises:
        UsageError: the key pair or a setting is missing or wrong.
    """
    match cloud:
        case "tencent":
            from drkit.clouds.tencent.cloud import TencentCloud

            return TencentCloud(prefix)
        case "aws":
            from drkit.clouds.aws.cloud import AwsCloud

            return AwsCloud(prefix, home, lenders)
        case _:
            raise AssertionError(f"the estate's model admits no cloud {cloud!r}")


def confirm(name: str, account: Account, whose: str, cloud: Cloud) -> Caller:
    """Who a cloud says that a credential is, if that is of the estate's account.

    Args:
        name: the account's, in the estate.
        account: as the estate has it.
        whose: the credential, in words.
        cloud: opened with it.

    Raises:
        AccountError: it belongs to another account, or is no good.
        CloudError: the cloud did not answer.
    """
    caller = cloud.identity.caller()
    if caller.account != account.account:
        raise AccountError(
            f"wrong account: {whose} belongs to account {caller.account}, "
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
