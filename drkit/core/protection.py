"""What the gate protects on hosts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from drkit.core.configuration.model import Model

PlaceText = Annotated[
    str, StringConstraints(pattern=r"^(/[^/\x00-\x1f]+)+$"), Field(examples=["/data", "/var/lib/mysql"])
]


class Protection(Model):
    """Places on hosts; what is usual is protected too."""

    protected: tuple[PlaceText, ...] = ()
    """Directories and files that nobody changes alone, with all that lies below them. `*` stands for anything within
    a name."""

    scratch: tuple[PlaceText, ...] = ()
    """Directories below which anything may go. Where one lies within the other, the longer path decides."""

    builds: Literal["allow", "review"] = "allow"
    """Whether tools such as make and npm may run what the working directory says without anybody's approval."""
