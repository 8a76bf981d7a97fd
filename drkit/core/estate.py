"""The estate: all that is protected, as ``estate.yaml`` says it."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, field_validator

from drkit.core.approval.settings import Approvals, Broker
from drkit.core.configuration.model import Model
from drkit.core.configuration.problems import suggest
from drkit.core.configuration.types import Name
from drkit.core.datasets import Dataset, places
from drkit.core.gate import Gate
from drkit.core.money import MoneyText
from drkit.core.waivers import Waiver, each_finding_once

Region = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]{2,4}(-[a-z0-9]+)+$"),
    Field(examples=["ap-beijing", "ap-shanghai", "ap-nanjing"]),
]
VariablePrefix = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]
DiskKind = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,31}$")]
AWS_DIGITS = 12
# How each cloud names a role.
ROLES = {
    "tencent": r"qcs::cam::uin/[0-9]+:roleName/[A-Za-z0-9_.-]+",
    "aws": r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+",
}
# How the clouds write the id of a host.
DrillHostId = Annotated[str, StringConstraints(pattern=r"^(ins|i)-[0-9a-z]{8,40}$")]
HostName = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$"),
    Field(examples=["backup-1", "backup-1.example.com"]),
]


def _each_once(regions: tuple[str, ...]) -> tuple[str, ...]:
    for region in regions:
        if regions.count(region) > 1:
            raise ValueError(f"names {region} twice: everything in it would be counted twice")
    return regions


class Credentials(Model):
    """Which environment variables hold the account's key pairs; never the keys themselves.

    A prefix ``TENCENTCLOUD`` means TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY and, for temporary
    keys, TENCENTCLOUD_TOKEN; on AWS a prefix ``AWS`` means AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
    AWS_SESSION_TOKEN, and is what is taken unless said.
    """

    look: VariablePrefix = "TENCENTCLOUD"
    """The key pair that reads."""

    make: VariablePrefix = "TENCENTCLOUD"
    """The key pair that creates and tags; it cannot delete."""

    destroy: VariablePrefix | None = None
    """The key pair that may assume the role `destroy_role` and nothing else; the broker alone has it."""


def _usual_credentials(account: dict[str, Any]) -> Credentials:
    """Those of an account that names none: the variables that its cloud's own tools read."""
    return Credentials(look="AWS", make="AWS") if account.get("cloud") == "aws" else Credentials()


class Prices(Model):
    """What an account pays, as its contract or the price list says; what is not here costs UNKNOWN."""

    snapshots: dict[Region, MoneyText] = Field(default_factory=dict, examples=[{"ap-beijing": "0.12 CNY"}])
    """The price of a GiB of snapshots for a month of 720 hours, by region."""

    disks: dict[Region, dict[DiskKind, MoneyText]] = Field(
        default_factory=dict, examples=[{"ap-beijing": {"CLOUD_PREMIUM": "0.50 CNY"}}]
    )
    """The price of a GiB of a disk that is paid by the hour, for a month of 720 hours, by region and kind."""


class Account(Model):
    """One account of one cloud."""

    cloud: Literal["tencent", "aws"]
    """The cloud it belongs to."""

    account: Annotated[str, StringConstraints(pattern=r"^[0-9]{6,20}$"), Field(examples=["100000000001"])]
    """The account's own number (Tencent: the UIN of the root account; AWS: twelve digits), which the cloud
    must confirm before every run."""

    environment: Name
    """What it is for, such as production, test or development."""

    regions: Annotated[
        tuple[Region, ...],
        Field(
            min_length=1, examples=[["ap-beijing", "ap-shanghai"]], json_schema_extra={"uniqueItems": True}
        ),
        AfterValidator(_each_once),
    ]
    """The regions that are looked at."""

    credentials: Annotated[Credentials, Field(default_factory=_usual_credentials)]
    """Which environment variables hold its key pairs."""

    prices: Prices = Prices()
    """What it pays, so that plans can say what they cost at most."""

    vault_for: Annotated[tuple[Name, ...], Field(examples=[["production"]])] = ()
    """Names of accounts whose snapshots may be lent to this one, so that it makes copies of its own; of no others."""

    destroy_role: Annotated[
        str | None,
        StringConstraints(pattern=f"^({'|'.join(ROLES.values())})$"),
        Field(
            examples=[
                "qcs::cam::uin/100000000001:roleName/drkit-destroy",
                "arn:aws:iam::210000000001:role/drkit-destroy",
            ]
        ),
    ] = None
    """The role that the broker assumes for an approved action; without it nothing is destroyed here."""

    @field_validator("account")
    @classmethod
    def _number_of_its_cloud(cls, account: str, info: ValidationInfo) -> str:
        if info.data.get("cloud") == "aws" and len(account) != AWS_DIGITS:
            raise ValueError(f"an account of AWS has {AWS_DIGITS} digits")
        return account

    @field_validator("credentials", mode="before")
    @classmethod
    def _usual_prefix(cls, credentials: Any, info: ValidationInfo) -> Any:
        """The variables that the cloud's own tools read, where the estate names no others."""
        if info.data.get("cloud") == "aws" and isinstance(credentials, dict):
            return {"look": "AWS", "make": "AWS", **credentials}
        return credentials

    @field_validator("destroy_role")
    @classmethod
    def _role_of_its_account(cls, role: str | None, info: ValidationInfo) -> str | None:
        cloud = info.data.get("cloud")
        if role is None or cloud is None:
            return role
        if not re.fullmatch(ROLES[cloud], role):
            raise ValueError(f"is no role of the cloud '{cloud}'")
        if cloud == "aws" and role.split(":")[4] != info.data.get("account", role.split(":")[4]):
            raise ValueError("is a role of another account")
        return role


class ScratchScope(Model):
    """Where drkit may make and remove what it needs for a while."""

    accounts: Annotated[tuple[Name, ...], Field(min_length=1, examples=[["production"]])]
    """Names of accounts of the estate."""

    regions: Annotated[tuple[Region, ...], Field(min_length=1, examples=[["ap-beijing"]])]
    """Regions of those accounts."""

    hosts: Annotated[tuple[DrillHostId, ...] | None, Field(min_length=1, examples=[["ins-2xq8fd4v"]])] = None
    """Ids of hosts that scratch disks may be attached to, so that what is on them is read there; none, unless said."""


class OutsideDirectory(Model):
    """A directory in which another host keeps what this one gives it."""

    directory: Annotated[str, StringConstraints(pattern=r"^/"), Field(examples=["/mnt/worm/drkit"])]
    """Its absolute path. It has to be there already, so that an unmounted share is noticed."""


class OtherHost(Model):
    """A host that is in no account of the estate: on premises, bare metal, of another cloud."""

    name: HostName
    """What people call it."""

    where: Annotated[
        str, StringConstraints(pattern=r"^[^\x00-\x1f]{1,100}$"), Field(examples=["office, rack 3"])
    ]
    """Where it is."""

    covered: Literal["none", "impossible", "elsewhere"] = "none"
    """What covers its volumes: nothing; nothing can; or something else, at which nobody looks here."""

    reason: Annotated[
        str, StringConstraints(pattern=r"^[^\x00-\x1f]{1,300}$"), Field(examples=["a tape robot saves it"])
    ]
    """Why."""


def _no_host_twice(hosts: tuple[OtherHost, ...]) -> tuple[OtherHost, ...]:
    names = [host.name for host in hosts]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"names the host '{name}' twice")
    return hosts


class EvidenceKept(Model):
    """Where the evidence is kept beside this host."""

    outside: tuple[OutsideDirectory, ...] = ()
    """Places beyond this host's reach that get each signed checkpoint."""


class Notified(Model):
    """Somebody who is told when something changed."""

    command: Annotated[
        tuple[Annotated[str, StringConstraints(min_length=1)], ...],
        Field(min_length=1, examples=[["/usr/local/bin/tell", "--channel", "backups"]]),
    ]
    """A program and its arguments, without a shell. It gets the message as JSON on its stdin, has 30
    seconds, and does not see the accounts' keys."""


class Heartbeat(Model):
    """A sign of life that something outside can miss."""

    file: Annotated[str, StringConstraints(pattern=r"^/"), Field(examples=["/run/drkit/alive"])]
    """The absolute path of the file that each concluded run replaces; its directory has to be there."""


def _no_number_twice(accounts: dict[str, Account]) -> dict[str, Account]:
    seen: dict[tuple[str, str], str] = {}
    for name, account in accounts.items():
        other = seen.setdefault((account.cloud, account.account), name)
        if other != name:
            raise ValueError(
                f"'{other}' and '{name}' are one account: everything in it would be counted twice"
            )
    return accounts


def _vaults_are_for_others(accounts: dict[str, Account]) -> dict[str, Account]:
    for name, account in accounts.items():
        for other in account.vault_for:
            if other not in accounts:
                raise ValueError(
                    f"'{name}' is a vault for '{other}', which is not there{suggest(other, accounts)}"
                )
            if other == name or accounts[other].cloud != account.cloud:
                raise ValueError(
                    f"'{name}' cannot be a vault for '{other}': it takes another account of the same cloud"
                )
            if accounts[other].vault_for:
                raise ValueError(f"'{name}' is a vault for '{other}', which is a vault itself")
    return accounts


class Estate(Model):
    """All that is protected."""

    estate: Name
    """The estate's id; journal and evidence lie under it."""

    accounts: Annotated[
        dict[Name, Account],
        Field(min_length=1),
        AfterValidator(_no_number_twice),
        AfterValidator(_vaults_are_for_others),
    ]
    """The accounts, by the names that playbooks and reports use."""

    hosts: Annotated[tuple[OtherHost, ...], AfterValidator(_no_host_twice)] = ()
    """Hosts that are in none of these accounts, so that what covers nothing of them is seen."""

    datasets: dict[Name, Dataset] = Field(default_factory=dict)
    """Data whose loss hurts, with the cold copies of it that are promised."""

    evidence: EvidenceKept = EvidenceKept()
    """Where the evidence is kept beside this host."""

    waivers: Annotated[tuple[Waiver, ...], AfterValidator(each_finding_once)] = ()
    """Findings that somebody answers for until a day: shown as waived, and not counted as wrong."""

    notify: tuple[Notified, ...] = ()
    """Who is told when a playbook's verdict or its open findings changed."""

    heartbeat: Heartbeat | None = None
    """Where each concluded run leaves a sign of life."""

    scratch: ScratchScope | None = None
    """Where scratch may be removed without anybody's approval; without it nowhere."""

    approvals: Approvals | None = None
    """Who must agree to what destroys; without it nothing does."""

    broker: Broker | None = None
    """The process that carries out what was approved; without it nothing is destroyed."""

    gate: Annotated[Gate, Field(default_factory=Gate)]
    """What a command may not touch without a second person, where it may do anything, and where approved ones run."""

    runner: HostName | None = None
    """The one host that may run playbooks, as ``hostname`` prints it; any host, unless said."""

    @field_validator("datasets")
    @classmethod
    def _copies_are_in_the_estate(
        cls, datasets: dict[str, Dataset], info: ValidationInfo
    ) -> dict[str, Dataset]:
        accounts: dict[str, Account] = info.data.get("accounts", {})
        for dataset, name, copy in places(datasets) if accounts else ():
            if copy.account not in accounts:
                told = f"there is no account '{copy.account}'{suggest(copy.account, accounts)}"
                raise ValueError(f"{dataset}/{name}: {told}")
            regions = accounts[copy.account].regions
            if copy.region not in regions:
                told = f"the account '{copy.account}' does not list the region '{copy.region}'"
                raise ValueError(f"{dataset}/{name}: {told}{suggest(copy.region, regions)}")
        return datasets

    @field_validator("scratch")
    @classmethod
    def _scratch_is_in_the_estate(
        cls, scratch: ScratchScope | None, info: ValidationInfo
    ) -> ScratchScope | None:
        """A name that nothing has would declare nothing, and nobody would notice."""
        accounts: dict[str, Account] = info.data.get("accounts", {})
        if scratch is None or not accounts:
            return scratch  # what is wrong with the accounts is said of them
        for name in scratch.accounts:
            if name not in accounts:
                raise ValueError(f"there is no account '{name}'{suggest(name, accounts)}")
        known = {region for name in scratch.accounts for region in accounts[name].regions}
        for region in scratch.regions:
            if region not in known:
                raise ValueError(f"none of its accounts lists the region '{region}'{suggest(region, known)}")
        return scratch

    @field_validator("gate")
    @classmethod
    def _gate_hosts_are_in_the_estate(cls, gate: Gate, info: ValidationInfo) -> Gate:
        accounts: dict[str, Account] = info.data.get("accounts", {})
        for name, host in gate.hosts.items() if accounts else ():
            if host.account not in accounts:
                told = f"there is no account '{host.account}'{suggest(host.account, accounts)}"
                raise ValueError(f"{name}: {told}")
        return gate
