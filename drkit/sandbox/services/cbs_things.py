"""What the actions of CBS have in common: disks and snapshots by name, tags, names, what is in the way."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from drkit.sandbox.wire.errors import ApiError, wrong_value
from drkit.sandbox.world.clock import naive_beijing
from drkit.sandbox.world.things import Passing

if TYPE_CHECKING:
    from drkit.sandbox.services.table import Call
    from drkit.sandbox.world.things import Disk, Snapshot

NAME_LENGTH = 60
TAGS = 50  # of one resource (document 651/13354)


def where(call: Call) -> tuple[str, str]:
    """The account and the region of a call."""
    return call.account.uin, call.region


def passing(call: Call, state: str, **more: Any) -> Passing:
    """A state that begins now and ends by itself."""
    return Passing(state, call.now, call.now + call.world.passing, **more)


def ids(call: Call, name: str, most: int, too_many: str = "InvalidParameterValue.LimitExceeded") -> list[str]:
    """The ids of a parameter, each once.

    Raises:
        ApiError: there are none, or too many.
    """
    wanted: list[str] = call.given(name, [])
    if not wanted:
        raise wrong_value(name, "[]")
    if len(wanted) > most:
        raise ApiError(too_many, f"`{name}` holds more than {most} values.")
    return list(dict.fromkeys(wanted))


def disk_named(call: Call, wanted: str, code: str = "InvalidDiskId.NotFound") -> Disk:
    """A disk of the region.

    Raises:
        ApiError: there is none.
    """
    disk = call.resources.disks.get(wanted)
    if disk is None or disk.hidden:
        raise ApiError(code, f"The disk `{wanted}` is not found.")
    return disk


def own_snapshot(call: Call, wanted: str) -> Snapshot:
    """A snapshot of the caller's account in the region.

    Raises:
        ApiError: there is none, or it belongs to another account that shares it.
    """
    found = call.resources.snapshot(wanted, call.now)
    if found:
        return found
    if shared_snapshot(call, wanted):
        raise ApiError("InvalidSnapshot.NotSupported", f"The snapshot `{wanted}` is a shared one.")
    raise not_found(wanted)


def usable_snapshot(call: Call, wanted: str) -> Snapshot:
    """A snapshot that a disk can be made of: an own one, or one that is shared.

    Raises:
        ApiError: there is none.
    """
    found = call.resources.snapshot(wanted, call.now) or shared_snapshot(call, wanted)
    if found is None:
        raise not_found(wanted)
    return found


def shared_snapshot(call: Call, wanted: str) -> Snapshot | None:
    """A snapshot that another account shares with the caller's."""
    owner = call.world.accounts.get(call.resources.shared.get(wanted, ""))
    return owner.regions[call.region].snapshot(wanted, call.now) if owner else None


def not_found(snapshot: str) -> ApiError:
    """There is no such snapshot."""
    return ApiError("InvalidSnapshotId.NotFound", f"The snapshot `{snapshot}` is not found.")


def name(call: Call, parameter: str, default: str | None = None) -> str:
    """A display name, at most 60 characters; unnamed in the caller's language.

    Raises:
        ApiError: it is too long.
    """
    wanted: str = call.given(parameter, default or ("未命名" if call.chinese else "Unnamed"))
    if len(wanted) > NAME_LENGTH:
        raise wrong_value(parameter, wanted)
    return wanted


def tags(
    given: list[dict[str, str]], too_many: str = "LimitExceeded.TagQuotaLimitExceeded"
) -> dict[str, str]:
    """Tags as they are given to a new resource.

    Raises:
        ApiError: a key is given twice, or there are too many.
    """
    found = {tag["Key"]: tag["Value"] for tag in given}
    if len(found) < len(given):
        raise ApiError("InvalidParameterValue", "A tag key is given twice.")
    if len(found) > TAGS:
        raise ApiError(too_many, f"A resource has at most {TAGS} tags.")
    return found


def is_creating(call: Call, disk: Disk) -> bool:
    """Whether a snapshot of the disk is in the making."""
    snapshots = call.resources.snapshots_of(disk.id, call.now)
    return any(one.state(call.now) == "CREATING" for one in snapshots)


def images_of(call: Call, snapshot: str) -> list[tuple[str, str]]:
    """Id and name of the images that are made of a snapshot."""
    return [(one.id, one.name) for one in call.resources.images.values() if snapshot in one.snapshots]


def date_of(moment: datetime) -> str:
    """A day of UTC+8."""
    return naive_beijing(moment)[:10]
