"""The broker's office in this process: its own evidence, a clock that tests move, and what its clients share with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from gating import RUN, People, playbook, slip

from drkit.core.actions import Action, Effect
from drkit.core.approval import requesting, store
from drkit.core.approval.document import Document
from drkit.core.errors import ApprovalError
from drkit.core.evidence.log import EvidenceLog
from drkit.core.state import open_state
from drkit.core.times import now as time_now
from drkit.flows.approving.intention import intend
from drkit.flows.broker.asking import Asked
from drkit.flows.broker.ledger import Ledger
from drkit.flows.broker.licences import Given, Office
from drkit.flows.loading import load, load_estate

SNAPSHOT = "snap-0000000a"
OTHER_RUN = "20261122T000000Z-fedcba"
PEER = {"pid": 1, "uid": 2, "gid": 3}


def removal(target: str = SNAPSHOT, **changed: Any) -> Action:
    fields = {
        "verb": "disks.delete_snapshot", "effect": Effect.DESTROY, "account": "production",
        "region": "ap-beijing", "target": target, "arguments": {"disk": "disk-1"}, "reason": "made by mistake",
    }  # fmt: skip
    return Action(**{**fields, **changed})


@dataclass(slots=True)
class Stage:
    """An office, and what its clients share with it."""

    people: People
    log: EvidenceLog
    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return time_now() + self.ahead

    def office(self) -> Office:
        """As a broker that has just been started: what it knows is what its evidence tells."""
        estate = load_estate(Path(self.people.drkit.environment["DRKIT_ESTATE"]))
        assert estate.approvals
        state = open_state(self.people.drkit.directory / "state" / "broker", estate.estate)
        return Office(estate, estate.approvals, state, self.log, self.now, Ledger(self.log))

    @property
    def requests(self) -> Path:
        return self.people.drkit.directory / "requests"

    def ask(self, *actions: Action, lasts: timedelta = timedelta(hours=1), name: str = "remove") -> Document:
        """A request of alice's for a playbook, with her proof."""
        file = playbook(self.people, SNAPSHOT, name=name)
        loaded = load(Path(self.people.drkit.environment["DRKIT_ESTATE"]), (file,))
        intended = intend(loaded.estate, loaded.playbooks[0], actions or (removal(),), self.now())
        document = requesting.request(
            intended, requester="alice", reason="ticket 4711", now=self.now(), lasts=lasts
        )
        path = store.add(self.requests, document)
        store.prove(self.requests, document.id, self.people.sign("alice", path, "request@drkit").read_bytes())
        return document

    def approve(self, document: Document, *names: str) -> Document:
        for name in names:
            slip(self.people, self.requests / document.id / store.REQUEST, name)
        return document

    def approved(self, *actions: Action, **changed: Any) -> Document:
        return self.approve(self.ask(*actions, **changed), "bob", "carol")

    def asked(self, document: Document, run: str = RUN, **changed: Any) -> Asked:
        content = playbook(self.people, SNAPSHOT, name=document.playbook).read_bytes()
        slot = datetime(2026, 1, 1, tzinfo=UTC)
        return replace(Asked(document.id, run, slot, content, document.allows.actions), **changed)  # type: ignore[union-attr]

    def give(self, document: Document, run: str = RUN, **changed: Any) -> Given:
        return self.office().give(self.asked(document, run, **changed), PEER)

    def refused(self, document: Document, run: str = RUN, **changed: Any) -> str:
        """Why the broker refuses; that it does not is a failure."""
        with pytest.raises(ApprovalError) as error:
            self.give(document, run, **changed)
        return error.value.message
