from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from core.approval import signing

from drkit.core.actions import Action, Effect
from drkit.core.approval import people
from drkit.core.approval.decide import Known, decide
from drkit.core.approval.intended import Intended
from drkit.core.approval.people import Key, Person, Root
from drkit.core.approval.requesting import request
from drkit.core.approval.roster import Pin, Signed, open_roster

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FOUNDED = NOW - 2 * DAY  # less than seven days, so that the exception of the first version is in every test
KINDS = {
    "ed25519": ("-t", "ed25519"),
    "ecdsa-256": ("-t", "ecdsa", "-b", "256"),
    "ecdsa-384": ("-t", "ecdsa", "-b", "384"),
    "ecdsa-521": ("-t", "ecdsa", "-b", "521"),
    "rsa-2048": ("-t", "rsa", "-b", "2048"),
    "rsa-3072": ("-t", "rsa", "-b", "3072"),
}


@pytest.fixture(scope="session")
def keygen_directory(tmp_path_factory):
    if not shutil.which("ssh-keygen"):
        pytest.skip("ssh-keygen is not on this machine: install openssh-client")
    return tmp_path_factory.mktemp("ssh")


@pytest.fixture(scope="session")
def pens(keygen_directory):
    """A key of every kind in software, made by ssh-keygen."""
    return {kind: signing.generate(keygen_directory, kind, *options) for kind, options in KINDS.items()}


@pytest.fixture(scope="session")
def people_pens(keygen_directory):
    """Everybody's keys, and those of the root; made by ssh-keygen."""
    names = [
        "alice",
        "alice2",
        "bob",
        "bob2",
        "carol",
        "dave",
        "erin",
        "mallory",
        "frank",
        "root1",
        "root2",
        "root3",
        "other1",
        "other2",
    ]
    return {name: signing.generate(keygen_directory, name, "-t", "ed25519") for name in names}


ACTIONS = (
    Action(
        "disks.delete_snapshot",
        Effect.DESTROY,
        "production",
        "ap-beijing",
        "snap-1",
        {"force": False},
        "old",
        "0",
    ),
    Action("disks.delete_snapshot", Effect.DESTROY, "production", "ap-beijing", "snap-2", {}, "old"),
    Action("disks.tag", Effect.CHANGE, "backup", "ap-shanghai", "snap-3", {"tags": {"keep": "no"}}, "marked"),
)
INTENDED = Intended(
    estate="weimob",
    estate_sha256="a" * 64,
    accounts={"production": "100000000001", "backup": "100000000002"},
    playbook="retention",
    playbook_sha256="b" * 64,
    actions=ACTIONS,
    approvals=2,
    playbook_data={"playbook": "retention", "steps": [{"uses": "snapshots.keep"}]},
)


@dataclass
class World:
    """An estate with a request of alice's and a roster of her, bob, carol, dave and erin."""

    pens: dict
    founders: list[Person]
    root: Root
    intended: Intended = INTENDED
    known: Known = field(
        default_factory=lambda: Known(NOW, NOW - timedelta(minutes=1), frozenset(), requester="alice")
    )

    def __post_init__(self):
        self.first = people.write(
            number=1, previous=None, made_at=FOUNDED, root=self.root, people=self.founders
        )
        self.pin = Pin(self.first.digest, self.root)
        self.history = [self.signed(self.first)]
        self.seen = {}
        self.document = self.request()

    def request(self, **given):
        asked = {"requester": "alice", "reason": "the snapshots are old", "now": NOW - timedelta(hours=1)}
        return request(given.pop("intended", self.intended), **(asked | given))

    def person(self, name, **given):
        keys = (Key(self.pens[name].public, FOUNDED - DAY),)
        defaults = {
            "keys": keys,
            "roles": frozenset({"approver", "requester"}),
            "trained_until": NOW + 100 * DAY,
            "added_at": FOUNDED - DAY,
        }
        return Person(name, **(defaults | given))

    def signed(self, version, by=("root1", "root2")):
        return Signed(version.raw, tuple(self.pens[name].sign(version.raw, "roster@drkit") for name in by))

    def next(self, people_of_it, *, before=None, made_at=NOW - DAY, **given):
        """A version after the last one, or another one."""
        before = before or self.last
        made = {"number": before.number + 1, "previous": before.digest, "root": before.root}
        return people.write(**(made | {"made_at": made_at, "people": people_of_it} | given))

    @property
    def last(self):
        return people.read(self.history[-1].raw)

    def extend(self, people_of_it, seen=NOW - DAY, **given):
        """Add a version that the root signed, seen here when it was made, and open the roster."""
        version = self.next(people_of_it, **given)
        self.history.append(self.signed(version))
        if seen is not None:
            self.seen[version.digest] = seen
        return self.roster

    def changed(self, name, **given):
        """The founders, one of them changed."""
        return [replace(each, **given) if each.name == name else each for each in self.founders]

    @property
    def roster(self):
        return open_roster(self.pin, self.history, self.seen)

    def approved(self, *names, document=None):
        return [self.pens[name].sign((document or self.document).raw) for name in names]

    def decide(self, *names, signatures=None, document=None, roster=None, intended=None, **known):
        document = document or self.document
        given = self.approved(*names, document=document) if signatures is None else signatures
        return decide(
            document, given, roster or self.roster, intended or self.intended, replace(self.known, **known)
        )


@pytest.fixture
def world(people_pens):
    made = World.__new__(World)
    made.pens = people_pens
    founders = [made.person(name) for name in ("alice", "bob", "carol", "dave", "erin")]
    second = tuple(Key(people_pens[name].public, FOUNDED - DAY) for name in ("alice", "alice2"))
    founders[0] = replace(founders[0], keys=second)
    bobs = tuple(Key(people_pens[name].public, FOUNDED - DAY) for name in ("bob", "bob2"))
    founders[1] = replace(founders[1], keys=bobs)
    founders[3] = replace(founders[3], roles=frozenset({"administrator", "requester"}))
    founders[4] = replace(founders[4], trained_until=None)
    return World(people_pens, founders, Root(tuple(people_pens[f"root{n}"].public for n in (1, 2, 3)), 2))


@pytest.fixture
def refusals():
    return lambda decision: [reason.refusal.value for reason in decision.reasons]
