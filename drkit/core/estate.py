"""The estate: all that is protected, as ``estate.yaml`` says it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from drkit.core.configuration.model import Model
from drkit.core.configuration.types import Name
from drkit.core.waivers import Waiver, each_finding_once

Region = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]{2,4}(-[a-z0-9]+)+$"),
    Field(examples=["ap-beijing", "ap-shanghai", "ap-nanjing"]),
]
VariablePrefix = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]
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
    keys, TENCENTCLOUD_TOKEN.
    """

    look: VariablePrefix = "TENCENTCLOUD"
    """The key pair that reads."""

    make: VariablePrefix = "TENCENTCLOUD"
    """The key pair that creates and tags; it cannot delete."""


class Account(Model):
    """One account of one cloud."""

    cloud: Literal["tencent"]
    """The cloud it belongs to."""

    account: Annotated[str, StringConstraints(pattern=r"^[0-9]{6,20}$"), Field(examples=["100000000001"])]
    """The account's own number (Tencent: the UIN of the root account), which the cloud must confirm
    before every run."""

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

    credentials: Credentials = Credentials()
    """Which environment variables hold its key pairs."""


class OutsideDirectory(Model):
    """A directory in which another host keeps what this one gives it."""

    directory: Annotated[str, StringConstraints(pattern=r"^/"), Field(examples=["/mnt/worm/drkit"])]
    """Its absolute path. It has to be there already, so that an unmounted share is noticed."""


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


class Estate(Model):
    """All that is protected."""

    estate: Name
    """The estate's id; journal and evidence lie under it."""

    accounts: Annotated[dict[Name, Account], Field(min_length=1), AfterValidator(_no_number_twice)]
    """The accounts, by the names that playbooks and reports use."""

    evidence: EvidenceKept = EvidenceKept()
    """Where the evidence is kept beside this host."""

    waivers: Annotated[tuple[Waiver, ...], AfterValidator(each_finding_once)] = ()
    """Findings that somebody answers for until a day: shown as waived, and not counted as wrong."""

    notify: tuple[Notified, ...] = ()
    """Who is told when a playbook's verdict or its open findings changed."""

    heartbeat: Heartbeat | None = None
    """Where each concluded run leaves a sign of life."""

    runner: HostName | None = None
    """The one host that may run playbooks, as ``hostname`` prints it; any host, unless said."""
