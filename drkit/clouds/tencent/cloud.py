"""One Tencent Cloud account, opened with one key pair."""

from __future__ import annotations

from drkit.clouds.tencent.client import TencentClient
from drkit.clouds.tencent.disks import TencentDisks
from drkit.clouds.tencent.identity import TencentIdentity
from drkit.clouds.tencent.machines import TencentMachines
from drkit.clouds.tencent.retry import PatientCaller
from drkit.clouds.tencent.settings import endpoint, key_pair, timeout


class TencentCloud:
    """The ports of one account."""

    def __init__(self, prefix: str) -> None:
        """Open it with the key pair in the environment.

        Args:
            prefix: of the variables that hold the key pair.

        Raises:
            UsageError: the key pair or a setting is missing or wrong.
        """
        caller = PatientCaller(TencentClient(key_pair(prefix), endpoint(), timeout()))
        self.disks = TencentDisks(caller)
        self.machines = TencentMachines(caller)
        self.identity = TencentIdentity(caller)
