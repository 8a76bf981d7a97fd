"""Hosts on which the disks that are made of snapshots are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

from pydantic import Field

from drkit.core.estate import Estate
from drkit.core.reached import Reached
from drkit.ports.facts import Facts, Scope, Unread
from drkit.ports.shells import Program
from drkit.snapshots.hooks import Word
from drkit.snapshots.selection import HostId


class DrillHost(Reached):
    """A host that disks of its own zone are attached to, so that a program there reads them."""

    host: Annotated[HostId, Field(examples=["ins-2xq8fd4v"])]
    """The host's id in the cloud; the estate's `scratch` has to name it too."""

    prove: Annotated[tuple[Word, ...], Field(min_length=1)]
    """The words of the command that reads a disk."""

    def as_program(self) -> Program:
        """For whoever asks it."""
        return Program(self.address, self.port, self.user, self.key, self.host_key, self.prove)


def each_drill_host_once(hosts: tuple[DrillHost, ...]) -> tuple[DrillHost, ...]:
    """The same, or a ValueError: a host is there twice."""
    ids = [each.host for each in hosts]
    for id_ in ids:
        if ids.count(id_) > 1:
            raise ValueError(f"names {id_} twice")
    return hosts


def undeclared(host: DrillHost, scope: Scope, estate: Estate) -> str:
    """What the estate does not say, so that a disk would be made in vain and be left behind; empty where it does."""
    scratch = estate.scratch
    if estate.broker is None:
        return "the estate names no broker, and nobody else may attach, detach or remove a disk"
    if scratch is None or scope.account not in scratch.accounts or scope.region not in scratch.regions:
        return f"the estate declares no scratch in {scope}, so no disk that is made could be removed"
    if host.host not in (scratch.hosts or ()):
        return f"the estate's `scratch.hosts` does not name {host.host}, so nothing may be attached to it"
    return ""


Zones = Mapping[tuple[Scope, str], DrillHost]
"""The host of each zone of an account."""


def by_zone(hosts: Iterable[DrillHost], facts: Facts) -> Zones:
    """Where the hosts are, as far as the clouds said so; of two in a zone the first that the playbook names."""
    found: dict[tuple[Scope, str], DrillHost] = {}
    wanted = {each.host: each for each in hosts}
    for region in facts.regions:
        there = {} if isinstance(region.hosts, Unread) else {host.id: host.zone for host in region.hosts}
        for id_ in (id_ for id_ in wanted if id_ in there):
            found.setdefault((region.scope, there[id_]), wanted[id_])
    return found


def absent(hosts: Iterable[DrillHost], facts: Facts) -> Iterator[DrillHost]:
    """The hosts that no region has, if all of them were read."""
    if any(isinstance(region.hosts, Unread) for region in facts.regions):
        return
    there = {
        host.id for region in facts.regions if not isinstance(region.hosts, Unread) for host in region.hosts
    }
    yield from (each for each in hosts if each.host not in there)
