"""A fault as it is written: the fields of the control door's JSON and of a file for ``drkit sandbox fault``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from drkit.core.configuration.model import Model

Kind = Literal[
    "throttle",  # RequestLimitExceeded; with a `rate`, only the calls beyond so many a second
    "error",  # the error `code`
    "charset",  # the true answer (or the error `code`) as `application/json; charset=utf-8`
    "garbage",  # no JSON
    "cut_before",  # the connection closes, nothing was done
    "cut_middle",  # the action was carried out, the connection closes in the middle of the answer's body
    "cut_after",  # the action was carried out, then the connection closes
    "hang",  # no answer for `seconds`, then the true one
    "server_error",  # HTTP 500, or another `status`
    "fields",  # the true answer with `nulls`, without `absent`, with `extra`
    "stuck",  # what the call begins does not end: snapshots stay CREATING
    "fail_task",  # the call is answered well, and what it began comes to nothing when it should be done
    "skewed_clock",  # timestamps are judged as if the cloud's clock were `seconds` ahead
    "expired_signature",  # AuthFailure.SignatureExpire
    "flipped_byte",  # the disks that the call makes of a snapshot have a wrong byte at the `offset`
    "cut_short",  # they end at the `offset`
    "region_down",  # whatever goes to the `region` fails
]
# Those that last until they are cleared, unless `times` says otherwise.
STANDING = frozenset({"skewed_clock", "region_down"})
# What a field is good for; the others may have none of them.
NEEDED = {
    "error": "code",
    "region_down": "region",
    "skewed_clock": "seconds",
    "flipped_byte": "offset",
    "cut_short": "offset",
}
USED = {
    "code": ("error", "charset"),
    "rate": ("throttle",),
    "status": ("server_error",),
    "nulls": ("fields",),
    "absent": ("fields",),
    "extra": ("fields",),
    "seconds": ("hang", "skewed_clock"),
    "offset": ("flipped_byte", "cut_short"),
}
DAY = 86400
Path = Annotated[str, Field(pattern=r"^[A-Za-z0-9]+(\.[A-Za-z0-9]+)*$", max_length=200)]


class Fault(Model):
    """One thing that goes wrong, and with which calls."""

    kind: Kind
    """What goes wrong."""

    service: str | None = None
    """Only calls of this service, such as cbs."""

    action: str | None = None
    """Only calls of this action, such as CreateSnapshot."""

    region: str | None = None
    """Only calls to this region."""

    times: Annotated[int, Field(ge=1)] | None = 1
    """How many calls it strikes; null means until it is cleared, as region_down, skewed_clock and rates do."""

    after: Annotated[int, Field(ge=0)] = 0
    """How many of the calls that it concerns go well before."""

    probability: Annotated[float, Field(gt=0, le=1)] = 1.0
    """How likely it strikes a call that it concerns."""

    seed: int = 0
    """What the chance begins with: the same seed strikes the same calls."""

    code: Annotated[str, Field(min_length=1)] | None = None
    """The error code of Tencent Cloud, for error and charset."""

    message: str = "A fault that was asked for."
    """The message of that error."""

    seconds: Annotated[float, Field(ge=-DAY, le=DAY)] | None = None
    """How long to hang (an hour, unless given), or how far ahead the cloud's clock is."""

    offset: Annotated[int, Field(ge=0)] | None = None
    """For flipped_byte and cut_short: where in the disk, in bytes from its begin."""

    rate: Annotated[int, Field(ge=1)] | None = None
    """For throttle: how many calls a second of one key, region of access and action are let through."""

    status: Annotated[int, Field(ge=500, le=599)] = 500
    """For server_error: the status."""

    nulls: tuple[Path, ...] = ()
    """For fields: paths in the answer that become null, such as DiskSet.Encrypt for all in the list."""

    absent: tuple[Path, ...] = ()
    """For fields: paths that are left out."""

    extra: dict[Path, Any] = Field(default_factory=dict)
    """For fields: paths that are added, with their values."""

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Fault:
        needed = NEEDED.get(self.kind)
        if needed and getattr(self, needed) is None:
            raise ValueError(f"a fault of kind {self.kind} needs the {needed}")
        for field, kinds in USED.items():
            if field in self.model_fields_set and self.kind not in kinds:
                raise ValueError(f"{field} is for {' and '.join(kinds)}, not for {self.kind}: remove it")
        if self.kind == "fields" and not (self.nulls or self.absent or self.extra):
            raise ValueError("a fault of kind fields needs nulls, absent or extra")
        if self.kind == "hang" and (self.seconds or 0) < 0:
            raise ValueError("nobody hangs for less than no time: seconds has to be 0 or more")
        return self

    @property
    def most(self) -> int | None:
        """How many calls it strikes; None for all."""
        standing = self.kind in STANDING or self.rate is not None
        return None if standing and "times" not in self.model_fields_set else self.times


class FaultFile(Model):
    """A file of ``drkit sandbox fault``."""

    faults: Annotated[tuple[Fault, ...], Field(min_length=1, max_length=1000)]
    """The faults, in the order in which they are looked at: the first that strikes a call is the one it gets."""
