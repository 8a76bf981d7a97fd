"""Applications are held still while the cloud begins a snapshot, by a program on their host.

A hold is a session with the host: it ends with the session, also where this process dies, and by a time limit of
the host's own. Who holds stands in the action, which is in the journal before anything is held.

That a snapshot was begun under a hold which lasted is known once the host has said that it released. Only then the
action has an outcome that names the snapshot, and only the journal knows: the cloud takes tags at the snapshot's
birth, which is too early, and afterwards not from the credential that makes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Annotated

from pydantic import Field, StringConstraints

from drkit.core.actions import Action, Skipped, Why
from drkit.core.reached import Reached
from drkit.ports.cloud import Hands
from drkit.ports.disks import Disk, Snapshot
from drkit.ports.errors import RefusedError
from drkit.ports.facts import Facts, Scope, Unread
from drkit.ports.shells import Hook, hook_from_data
from drkit.snapshots.selection import HostId

NOT_HELD, TOO_SHORT = "NotHeld", "HeldTooShort"
ARGUMENT = "hook"
HOOK_TAG = "drkit:hook"
"""On a snapshot that was begun under a hold: the host's address. It does not say that the hold lasted."""
Word = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class Hooked(Reached):
    """A host on which a program holds an application still while each of its disks is snapshotted."""

    host: Annotated[HostId, Field(examples=["ins-2xq8fd4v"])]
    """The host's id in the cloud."""

    hold: Annotated[tuple[Word, ...], Field(min_length=1)]
    """The words of the command that holds; it has a time limit of its own."""

    def as_hook(self) -> Hook:
        """For whoever holds."""
        return Hook(self.address, self.port, self.user, self.key, self.host_key, self.hold)


def each_host_once(hooks: tuple[Hooked, ...]) -> tuple[Hooked, ...]:
    """The same, or a ValueError: a host has two hooks."""
    hosts = [each.host for each in hooks]
    for host in hosts:
        if hosts.count(host) > 1:
            raise ValueError(f"names {host} twice")
    return hooks


def arguments_of(hooks: Iterable[Hooked], disk: Disk) -> Mapping[str, object]:
    """What goes into the action of a disk: who holds, if anybody does."""
    hook = next((each for each in hooks if each.host == disk.host), None)
    return {ARGUMENT: hook.as_hook().as_data()} if hook else {}


def tags_of(action: Action) -> Mapping[str, str]:
    """The tag of a snapshot that is begun under a hold, if it is."""
    return (
        {HOOK_TAG: hook_from_data(action.arguments[ARGUMENT]).address} if ARGUMENT in action.arguments else {}
    )


def believed(
    snapshots: Iterable[Snapshot],
    disks: Iterable[Disk],
    hooks: tuple[Hooked, ...],
    made: Mapping[str, Action],
) -> Iterator[Snapshot]:
    """The snapshots that can serve a step with these hooks: none that needs a hold and is not known to have had it.

    A disk that hung on a hooked host when its snapshot was begun may hang elsewhere by now: the tag remembers it.
    `made` is what `drkit.ports.steps.Setting` calls so.
    """
    wanted = {disk.id: arguments.get(ARGUMENT) for disk in disks if (arguments := arguments_of(hooks, disk))}
    for snapshot in snapshots:
        tried = bool(hooks) and HOOK_TAG in snapshot.tags
        if (snapshot.disk in wanted or tried) and not _was_held(snapshot, wanted.get(snapshot.disk), made):
            continue
        yield snapshot


def _was_held(snapshot: Snapshot, hook: object, made: Mapping[str, Action]) -> bool:
    """Whether it is known to have been begun under a hold that lasted: by this hook; by any, where it is None."""
    action = made.get(snapshot.id)
    if action is None or action.target != snapshot.disk or ARGUMENT not in action.arguments:
        return False
    return hook is None or action.arguments[ARGUMENT] == hook


def useless(
    hooks: tuple[Hooked, ...], selected: Iterable[tuple[Scope, Disk]], facts: Facts
) -> Iterator[Skipped]:
    """The hooks of hosts that no selected disk hangs on, if everything was read: somebody relies on them."""
    if not hooks or any(isinstance(region.disks, Unread) for region in facts.regions):
        return
    hosts = {disk.host for _, disk in selected}
    scopes = [region.scope for region in facts.regions]
    accounts = ", ".join(dict.fromkeys(scope.account for scope in scopes))
    regions = ", ".join(dict.fromkeys(scope.region for scope in scopes))
    for hook in hooks:
        if hook.host not in hosts:
            told = "it has a hook, and no selected disk hangs on it"
            yield Skipped(accounts, regions, hook.host, Why.IMPOSSIBLE, told)


def held(action: Action, hands: Hands) -> AbstractContextManager[None]:
    """Hold for as long as the context lasts, if the action says so; raises as `drkit.ports.shells.Shells.held`."""
    if ARGUMENT not in action.arguments:
        return nullcontext()
    if hands.shells is None:
        raise RefusedError("nothing here reaches hosts", code=NOT_HELD)
    return hands.shells.held(hook_from_data(action.arguments[ARGUMENT]))
