"""The estate: all that is protected, as ``estate.yaml`` says it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from drkit.core.configuration.model import Model
from drkit.core.configuration.types import Name

Region = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]{2,4}(-[a-z0-9]+)+$"),
    Field(examples=["ap-beijing", "ap-shanghai", "ap-nanjing"]),
]
VariablePrefix = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]


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

    regions: Annotated[tuple[Region, ...], Field(min_length=1, examples=[["ap-beijing", "ap-shanghai"]])]
    """The regions that are looked at."""

    credentials: Credentials = Credentials()
    """Which environment variables hold its key pairs."""


class Estate(Model):
    """All that is protected."""

    estate: Name
    """The estate's id; journal and evidence lie under it."""

    accounts: Annotated[dict[Name, Account], Field(min_length=1)]
    """The accounts, by the names that playbooks and reports use."""
