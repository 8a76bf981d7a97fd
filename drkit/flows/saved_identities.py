"""Who there is in an account, in files: as `drkit collect` saves it, and as the AWS command line prints it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from pydantic import TypeAdapter

from drkit.core.errors import UsageError
from drkit.core.times import text_of
from drkit.flows.saved_lines import read_lines, write_lines
from drkit.ports.identities import (
    Activity,
    Change,
    Group,
    Identities,
    Policy,
    Provider,
    Role,
    Root,
    Trail,
    Use,
    User,
    Workload,
)
from drkit.ports.unread import Unread

# One file a kind; the fields of `Identities` have the same names.
KINDS: Mapping[str, Any] = {
    "users": User,
    "groups": Group,
    "roles": Role,
    "policies": Policy,
    "providers": Provider,
    "trails": Trail,
    "workloads": Workload,
}
ACTS: Mapping[str, Any] = {"uses": Use, "changes": Change}
CLOUDS = ("tencent", "aws")
FOLDER = "identities"
PLAIN = re.compile("[A-Za-z0-9_-]+")


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _as_data(thing: Any) -> Any:
    kind: Any = type(thing)
    return _adapter(kind).dump_python(thing, mode="json")


def write_identities(identities: Identities, directory: Path) -> dict[str, Any]:
    """Save an account; what the head says of it.

    Raises:
        OSError: a file cannot be written.
    """
    place = directory / identities.account / FOLDER
    place.mkdir(parents=True, exist_ok=True)
    kinds = {
        name: {
            **write_lines(getattr(identities, name), place / f"{name}.jsonl", _as_data),
            **holes(getattr(identities, name)),
        }
        for name in KINDS
    }
    app_id, activity = identities.app_id, identities.activity
    return {
        "account": identities.account,
        "cloud": identities.cloud,
        "number": identities.number,
        "app_id": {"unread": app_id.reason} if isinstance(app_id, Unread) else app_id,
        "root": _as_data(identities.root),
        **kinds,
        "activity": {"unread": activity.reason}
        if isinstance(activity, Unread)
        else {
            "since": text_of(activity.since),
            **{
                name: write_lines(getattr(activity, name), place / f"{name}.jsonl", _as_data) for name in ACTS
            },
        },
    }


def holes(read: tuple[Any, ...] | Unread) -> dict[str, Any]:
    """How many of the things that were read have something that was not, and the first reason; else nothing."""
    if isinstance(read, Unread):
        return {}
    reasons = [reason for thing in read if (reason := _hole(thing))]
    return {"incomplete": len(reasons), "why": reasons[0]} if reasons else {}


def _hole(thing: Any) -> str:
    """Why something of a thing was not read; empty where all was."""
    if isinstance(thing, Unread):
        return thing.reason
    if isinstance(thing, tuple):
        return next((reason for each in thing if (reason := _hole(each))), "")
    if not is_dataclass(thing):
        return ""
    return next((reason for each in fields(thing) if (reason := _hole(getattr(thing, each.name)))), "")


def read_saved(directory: Path, entry: Mapping[str, Any]) -> Identities:
    """An account as it was saved; a file that is not as it was written is Unread.

    Args:
        directory: that the facts were saved in.
        entry: what the head says of the account.

    Raises:
        ValueError, KeyError, TypeError: the head is none that was saved.
    """
    account, app_id = entry["account"], entry["app_id"]
    if not PLAIN.fullmatch(account):
        raise ValueError(f"{account} is no account")  # and no way out of the directory
    if entry["cloud"] not in CLOUDS:
        raise ValueError(f"{account} is of no cloud")
    place = directory / account / FOLDER
    read = {name: _lines(place, name, kind, entry[name]) for name, kind in KINDS.items()}
    return Identities(
        account=account,
        cloud=str(entry["cloud"]),
        number=str(entry["number"]),
        app_id=app_id if isinstance(app_id, str) else Unread(str(app_id["unread"])),
        root=_adapter(Root).validate_python(entry["root"]),
        activity=_activity(place, entry["activity"]),
        **read,
    )


def _lines(place: Path, name: str, kind: Any, said: Mapping[str, Any]) -> Any:
    adapter = _adapter(kind)

    def made(items: Iterator[dict[str, Any]]) -> tuple[Any, ...]:
        return tuple(adapter.validate_python(item) for item in items)

    return read_lines(place / f"{name}.jsonl", said, made)


def _activity(place: Path, said: Mapping[str, Any]) -> Activity | Unread:
    if "unread" in said:
        return Unread(str(said["unread"]))
    read = {name: _lines(place, name, kind, said[name]) for name, kind in ACTS.items()}
    for each in read.values():
        if isinstance(each, Unread):
            return each
    return _adapter(Activity).validate_python({"since": said["since"], **read})  # type: ignore[no-any-return]


def read_identities(directory: Path) -> tuple[Identities, ...]:
    """Every account of a directory: what `drkit collect` saved, and ``aws/<account>/authorization-details.json``.

    Raises:
        UsageError: there is none.
    """
    from drkit.flows.saved_facts import HEAD, read_facts

    saved = read_facts(directory).identities if (directory / HEAD).exists() else ()
    printed = tuple(_printed(path) for path in sorted(directory.glob("aws/*/authorization-details.json")))
    found = (*saved, *printed)
    if not found:
        raise UsageError(
            f"there is nobody in {directory}",
            hint="save who there is: drkit collect --to DIR; or DIR/aws/ACCOUNT/authorization-details.json",
        )
    return found


def _printed(path: Path) -> Identities:
    from drkit.clouds.aws.printed import identities_of

    return identities_of(path.parent.name, _json(path), _json(path.with_name("resources.json")))


def _json(path: Path) -> Any:
    """What a file holds; Unread where it cannot be read, None where it is not there."""
    try:
        return orjson.loads(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except FileNotFoundError:
        return None
    except OSError as error:
        return Unread(f"{path.name} cannot be read ({error.strerror})")
    except orjson.JSONDecodeError as error:
        return Unread(f"{path.name}:{error.lineno}:{error.colno}: no JSON ({error.msg})")
