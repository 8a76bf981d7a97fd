"""What tests of the vault share: an estate with one, a broker that may lend to it, and questions past drkit."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from gating import ROLE, broker
from helpers import Drkit
from holding import eventually
from scratching import REGION, Scene
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from drkit.sandbox.testing import Running

VAULT_NUMBER = "100000000002"
# The one data disk of this service in Beijing, and a copy of it in the vault.
VAULT = """\
playbook: vaulted
schedule: {every: day}
after_crash: %s
steps:
  - uses: snapshots.vault
    with: {vault: vault, regions: [ap-beijing], tags: {service: search}, data_disks_only: %s, keep_for: 90d,
           copies: %s}
"""


def accounts(**vault: Any) -> dict[str, Any]:
    """The accounts of an estate with a vault; ``vault`` changes what it says of that."""
    regions = REGION, "ap-shanghai"
    production = {"look": "DRKIT_LOOK", "make": "DRKIT_MAKE", "destroy": "DRKIT_DESTROY"}
    own = {"look": "DRKIT_VAULT_LOOK", "make": "DRKIT_VAULT_MAKE", "destroy": "DRKIT_VAULT_DESTROY"}
    return {
        "production": {
            "cloud": "tencent",
            "regions": list(regions),
            "account": "100000000001",
            "environment": "production",
            "credentials": production,
            "destroy_role": ROLE,
        },
        "vault": {
            "cloud": "tencent",
            "regions": list(regions),
            "account": VAULT_NUMBER,
            "environment": "vault",
            "credentials": own,
            "destroy_role": ROLE.replace("100000000001", VAULT_NUMBER),
            "vault_for": ["production"],
            **vault,
        },
    }


class VaultScene(Scene):
    """An estate with a vault and a broker, pointed at the sandbox, with a good snapshot of each disk."""

    def __init__(self, drkit: Drkit, sandbox: Running) -> None:
        super().__init__(drkit, sandbox)
        self.take()

    def estate(self, **changed: Any) -> None:
        """Write the estate; scratch may be removed in the vault."""
        scratch = {"accounts": ["vault"], "regions": [REGION]}
        Scene.estate(self, **{"accounts": accounts(), "scratch": scratch, **changed})

    def playbook(self, after_crash: str = "resume", *, system: bool = False, copies: str = "[]") -> Any:
        """The playbook of copies in the vault; of system disks too, and in other regions, where that is wanted."""
        text = VAULT % (after_crash, str(not system).lower(), copies)
        return self.drkit.write("vaulted.yaml", text)

    def broker(self) -> AbstractContextManager[object]:
        """A broker with both accounts' key pairs that the runner does not have."""
        pair = self.sandbox.key("vault-broker")
        more = {
            "DRKIT_VAULT_DESTROY_SECRET_ID": pair.secret_id,
            "DRKIT_VAULT_DESTROY_SECRET_KEY": pair.secret_key,
        }
        return broker(self.people, self.sandbox, **more)

    # --- the cloud, past drkit ---

    def ask(self, who: str, action: str, region: str = REGION, **parameters: Any) -> dict[str, Any]:
        """One question to CBS, by the key pair of somebody of the seed."""
        http = HttpProfile(protocol="http", endpoint=f"127.0.0.1:{self.sandbox.port}", reqTimeout=10)
        pair = self.sandbox.key(who)
        credential = Credential(pair.secret_id, pair.secret_key)
        client = CommonClient("cbs", "2017-03-12", credential, region, ClientProfile(httpProfile=http))
        answer: dict[str, Any] = client.call_json(action, parameters)["Response"]
        return answer

    def vaulted(self, region: str = REGION) -> list[dict[str, Any]]:
        """All snapshots that the vault sees."""
        answer = self.ask("vault-administrator", "DescribeSnapshots", region, Limit=100)
        found: list[dict[str, Any]] = answer["SnapshotSet"]
        return found

    def scratch(self) -> list[dict[str, Any]]:
        """All disks of the vault."""
        found: list[dict[str, Any]] = self.ask("vault-administrator", "DescribeDisks", Limit=100)["DiskSet"]
        return found

    def lent(self) -> list[str]:
        """The ids of production's snapshots that are shared with anybody."""
        found = self.ask("administrator", "DescribeSnapshots", Limit=100)["SnapshotSet"]
        return [each["SnapshotId"] for each in found if each["ShareReference"]]

    def lendable(self) -> list[dict[str, Any]]:
        """Production's snapshots that are there to be lent."""
        found = self.ask("administrator", "DescribeSnapshots", Limit=100)["SnapshotSet"]
        return [each for each in found if each["SnapshotName"].startswith("lent-by-drkit-")]

    def newest(self) -> dict[str, Any]:
        """The newest snapshot of the service's data disk in Beijing."""
        disk = self.search_disk()
        filters = [{"Name": "disk-id", "Values": [disk]}]
        found: dict[str, Any] = self.ask("administrator", "DescribeSnapshots", Filters=filters)[
            "SnapshotSet"
        ][0]
        return found

    def search_disk(self) -> str:
        """The id of the service's data disk in Beijing."""
        found = self.ask("administrator", "DescribeDisks", Limit=100)["DiskSet"]
        (disk,) = [
            each["DiskId"]
            for each in found
            if each["DiskName"].startswith("search")
            and each["DiskUsage"] == "DATA_DISK"
            and each["InstanceId"]
        ]
        return str(disk)

    def remove_search_disk(self) -> None:
        """End that disk; its snapshots stay."""
        disks = [self.search_disk()]
        self.ask("administrator", "DetachDisks", DiskIds=disks)
        eventually(lambda: self._state_of(disks) == "UNATTACHED")
        self.ask("administrator", "TerminateDisks", DiskIds=disks)

    def _state_of(self, disks: list[str]) -> str:
        (disk,) = self.ask("administrator", "DescribeDisks", DiskIds=disks)["DiskSet"]
        return str(disk["DiskState"])
