"""What the estate says about approvals and about the broker that holds the power to destroy."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from drkit.core.configuration.model import Model

AbsolutePath = Annotated[str, StringConstraints(pattern=r"^/")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
People = Annotated[int, Field(ge=1, le=20)]


class Approvals(Model):
    """How many other people must agree to what destroys or weakens, and who they can be."""

    roster: Annotated[AbsolutePath, Field(examples=["/etc/drkit/roster"])]
    """The absolute path of the directory that holds every version of the roster."""

    pin: Digest
    """The SHA-256 of the roster's first version. Keep the estate where the roster's writers cannot change it."""

    requests: Annotated[AbsolutePath | None, Field(examples=["/var/lib/drkit/requests"])] = None
    """The absolute path of the directory of requests; `requests` in the estate's state, unless said."""

    disaster: People = 2
    """How many other people must agree, by security keys that verify who touches them, before a command runs
    that the gate denies."""

    destroy: People = 2
    """How many other people must agree before anything is destroyed."""

    change: People = 1
    """How many other people must agree before what protects is changed."""


class Broker(Model):
    """The process that alone holds the power to destroy, under another user of the system."""

    socket: Annotated[AbsolutePath, Field(examples=["/run/drkit/broker.sock"])]
    """The absolute path of the socket at which it listens."""

    evidence: Annotated[AbsolutePath | None, Field(examples=["/var/lib/drkit/my-estate/evidence"])] = None
    """The absolute path of the runner's evidence, by which the broker tells scratch; the broker needs to read
    it. Unless said, it lies beside the broker's own state."""

    evidence_key: Annotated[
        str | None,
        StringConstraints(pattern=r"^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}$"),
        Field(examples=["my-estate+0a1b2c3d+AQ=="]),
    ] = None
    """The verifier key of that evidence, as `drkit evidence keygen` prints it, by which alone the broker tells
    scratch. Unless said, the one that the broker sees first, from then on."""
