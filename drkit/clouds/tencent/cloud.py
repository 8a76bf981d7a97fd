"""One Tencent Cloud account, opened with one key pair."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from drkit.clouds.tencent.automatic import TencentAutomatic
from drkit.clouds.tencent.client import TencentClient
from drkit.clouds.tencent.disks import TencentDisks
from drkit.clouds.tencent.identity import TencentIdentity
from drkit.clouds.tencent.lending import TencentLending
from drkit.clouds.tencent.machines import TencentMachines
from drkit.clouds.tencent.retry import PatientCaller
from drkit.clouds.tencent.settings import KeyPair, endpoint, key_pair, timeout
from drkit.core.actions import Action

if TYPE_CHECKING:
    from drkit.clouds.tencent.people import TencentPeople


class TencentCloud:
    """The ports of one account."""

    def __init__(self, pair: str | KeyPair) -> None:
        """Open it with a key pair.

        Args:
            pair: the key pair, or the prefix of the variables that hold it.

        Raises:
            UsageError: the key pair or a setting is missing or wrong.
        """
        self._caller = caller = _caller(pair)
        self.disks = TencentDisks(caller)
        self.machines = TencentMachines(caller)
        self.identity = TencentIdentity(caller)
        self.automatic = TencentAutomatic(caller)
        self.objects = None  # lists of COS follow
        self.lending = TencentLending(caller)

    @cached_property
    def people(self) -> TencentPeople:
        """Those of CAM; much code, which few ask for."""
        from drkit.clouds.tencent.people import TencentPeople

        return TencentPeople(self._caller)


def open_to_destroy(
    prefix: str, role: str, actions: Iterable[Action], run: str, account: str
) -> tuple[TencentCloud, tuple[str, ...]]:
    """Open an account with the power to destroy, bound to approved actions as far as the cloud can be told.

    Args:
        prefix: of the variables that hold the broker's key pair.
        role: the role that it assumes, by its resource name.
        actions: all that were approved for this account.
        run: the id of the run.
        account: the account's number.

    Returns:
        The account, and sentences on what the cloud cannot bind.

    Raises:
        UsageError: the key pair or a setting is missing or wrong.
        ApprovalError: nothing here carries out one of the actions.
        CloudError, AccountError: the role is not to be had.
    """
    from drkit.clouds.tencent.assuming import assume, bounds

    bound = bounds(actions, account)
    return TencentCloud(assume(_caller(prefix), role, run, bound)), bound.unbound


def open_bastion(prefix: str) -> tuple[TencentIdentity, PatientCaller]:
    """What the managed bastion is asked with, and who that is; raises UsageError as `TencentCloud`."""
    caller = _caller(prefix)
    return TencentIdentity(caller), caller


def _caller(pair: str | KeyPair) -> PatientCaller:
    found = key_pair(pair) if isinstance(pair, str) else pair
    return PatientCaller(TencentClient(found, endpoint(), timeout()))
