"""One AWS account, opened with one key pair."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from drkit.clouds.aws.client import AwsClient
from drkit.clouds.aws.disks import AwsDisks
from drkit.clouds.aws.identity import AwsIdentity
from drkit.clouds.aws.lending import AwsLending
from drkit.clouds.aws.machines import AwsMachines
from drkit.clouds.aws.objects import AwsObjects
from drkit.clouds.aws.settings import endpoint, key_pair
from drkit.clouds.tencent.client import Call
from drkit.clouds.tencent.retry import PatientCaller
from drkit.clouds.tencent.settings import KeyPair, timeout
from drkit.core.actions import Action

if TYPE_CHECKING:
    from drkit.clouds.aws.people import AwsPeople

# What flows back a second into the bucket of an action, an account and a region (EC2 Developer Guide, "Request
# throttling for the Amazon EC2 API"): of those that read, and of the narrowest of those that write.
READS, WRITES = 20, 5
# S3 takes 5,500 reads a second of each prefix (user guide, "Best practices design patterns"); this is for all together.
LISTS = 200
SLOW = {"LookupEvents": 2, "GenerateCredentialReport": 1}  # CloudTrail User Guide, "Quotas"; polled


class AwsCloud:
    """The ports of one account."""

    def __init__(self, pair: str | KeyPair, home: str, lenders: tuple[str, ...] = ()) -> None:
        """Open it with a key pair.

        Args:
            pair: the key pair, or the prefix of the variables that hold it.
            home: a region of the account's partition, where it is asked what concerns no region.
            lenders: the numbers of the accounts that it is a vault for.

        Raises:
            UsageError: the key pair or a setting is missing or wrong.
        """
        self._caller, self._home = _caller(pair), home
        caller = self._caller
        self.disks = AwsDisks(caller, lenders)
        self.machines = AwsMachines(caller, home)
        self.identity = AwsIdentity(caller, home)
        self.objects = AwsObjects(caller)
        self.lending = AwsLending(caller)
        self.automatic = None  # those of Data Lifecycle Manager are not looked at

    @cached_property
    def people(self) -> AwsPeople:
        """Those of IAM; much code, which few ask for."""
        from drkit.clouds.aws.people import AwsPeople

        return AwsPeople(self._caller, self._home)


def open_to_destroy(
    prefix: str, role: str, actions: Iterable[Action], run: str, account: str, home: str
) -> tuple[AwsCloud, tuple[str, ...]]:
    """Open an account with the power to destroy, bound to approved actions.

    Args:
        prefix: of the variables that hold the broker's key pair.
        role: the role that it assumes, by its ARN.
        actions: all that were approved for this account.
        run: the id of the run.
        account: the account's number.
        home: a region of the account's partition.

    Returns:
        The account, and sentences on what the cloud cannot bind.

    Raises:
        UsageError: the key pair or a setting is missing or wrong.
        ApprovalError: nothing here carries out one of the actions.
        CloudError, AccountError: the role is not to be had.
    """
    from drkit.clouds.aws.assuming import assume, bounds

    bound = bounds(actions, role, account)
    return AwsCloud(assume(_caller(prefix), role, run, bound, home), home), bound.unbound


def _caller(pair: str | KeyPair) -> PatientCaller:
    found = key_pair(pair) if isinstance(pair, str) else pair
    return PatientCaller(AwsClient(found, endpoint(), timeout()), calls_a_second=_calls_a_second)


def _calls_a_second(call: Call) -> float:
    reads = LISTS if call.service == "s3" else READS
    return SLOW.get(call.action, WRITES if call.writes else reads)
