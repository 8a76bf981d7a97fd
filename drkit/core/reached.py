"""Hosts that are reached by SSH, as estate and playbooks name them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from drkit.core.configuration.model import Model


class Reached(Model):
    """How a host is reached."""

    address: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.:-]{0,252}$"), Field(examples=["10.0.3.7"])
    ]
    """Where its SSH server listens."""

    port: Annotated[int, Field(ge=1, le=65535)] = 22
    """The port of its SSH server."""

    user: Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_-]{0,31}$"), Field(examples=["drkit"])]
    """Whom to log in as."""

    key: Annotated[str, StringConstraints(pattern=r"^/"), Field(examples=["/etc/drkit/hooks/id_ed25519"])]
    """The file of the private key, without a passphrase."""

    host_key: Annotated[
        str,
        StringConstraints(pattern=r"^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|ssh-rsa) [A-Za-z0-9+/]+=*$"),
        Field(examples=["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE0w"]),
    ]
    """The host's own public key, as its ``/etc/ssh/ssh_host_ed25519_key.pub`` says it; any other is refused."""
