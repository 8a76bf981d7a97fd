"""In a sandbox that enforces policies, each credential gets by with its own, and calls all that it allows."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from helpers import ROOT, Drkit

from drkit.clouds.tencent.bastion import look, push
from drkit.clouds.tencent.client import Call, Power, TencentClient
from drkit.clouds.tencent.cloud import TencentCloud, open_bastion, open_to_destroy
from drkit.clouds.tencent.naming import action_of
from drkit.clouds.tencent.policies import file_name
from drkit.clouds.tencent.settings import KeyPair, endpoint
from drkit.core.actions import Action, Effect
from drkit.flows.saved_identities import holes
from drkit.ports.errors import RefusedError
from drkit.sandbox.gateway import Gateway
from drkit.sandbox.testing import InThread, in_thread

DAILY = ROOT / "playbooks" / "daily-snapshots.yaml"
ROLE = "qcs::cam::uin/100000000001:roleName/drkit-destroy"
ESTATE = """\
estate: weimob
accounts:
  production:
    cloud: tencent
    account: "100000000001"
    environment: production
    regions: [ap-beijing, ap-shanghai]
    credentials: {look: LOOK, make: MAKE}
"""


def allowed(power: Power) -> set[str]:
    text = (ROOT / "configs" / "policies" / file_name(power)).read_text(encoding="utf-8")
    return {action for statement in json.loads(text)["statement"] for action in statement["action"]}


class Watched:
    """A sandbox, and what each of its people called, as policies name it."""

    def __init__(self, sandbox: InThread) -> None:
        self.sandbox = sandbox
        self.called: dict[str, set[str]] = defaultdict(set)
        self.variables = {"DRKIT_TENCENT_ENDPOINT": sandbox.endpoint}
        for power in (Power.LOOK, Power.MAKE, Power.BROKER):
            pair = sandbox.key(f"drkit-{power}")
            self.variables |= {
                f"{power.name}_SECRET_ID": pair.secret_id,
                f"{power.name}_SECRET_KEY": pair.secret_key,
            }


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    authenticate = Gateway.authenticate

    with in_thread() as sandbox:
        watched = Watched(sandbox)

        def authenticate_and_note(self, request, name):
            caller = authenticate(self, request, name)
            watched.called[caller.name].add(action_of(Call(name.service, name.version, name.action)))
            return caller

        monkeypatch.setattr(Gateway, "authenticate", authenticate_and_note)
        for variable, value in watched.variables.items():
            monkeypatch.setenv(variable, value)
        yield watched


def test_a_daily_run_gets_by_with_the_policies_of_look_and_make(drkit: Drkit, watched: Watched) -> None:
    watched.sandbox.create_in(0)

    ran = drkit("run", "--yes", DAILY, "--estate", drkit.write("estate.yaml", ESTATE), **watched.variables)

    assert "snapshots.take" in ran.out, ran.err
    assert "UnauthorizedOperation" not in ran.out + ran.err
    assert set(watched.called) == {"drkit-look", "drkit-make"}
    assert watched.called["drkit-look"] <= allowed(Power.LOOK)
    assert watched.called["drkit-make"] <= allowed(Power.MAKE)


def with_a_group_and_two_versions(sandbox: InThread) -> None:
    """What some of the calls that look ask for more about."""
    administrator = TencentClient(KeyPair(*sandbox.key("administrator")), endpoint(), 10)

    def ask(action: str, **parameters: object) -> dict[str, Any]:
        return administrator.call(Call("cam", "2019-01-16", action), parameters)

    document = json.dumps({"version": "2.0", "statement": {"effect": "deny", "action": "*", "resource": "*"}})
    number = ask("CreatePolicy", PolicyName="two", PolicyDocument=document)["PolicyId"]
    ask("CreatePolicyVersion", PolicyId=number, PolicyDocument=document, SetAsDefault=True)
    ask("CreateGroup", GroupName="ops")


def with_a_group_that_is_adopted(
    sandbox: InThread, eyes: TencentCloud, maker: TencentCloud, region: str
) -> None:
    """A snapshot of a disk that hangs on a host, begun by `make` in a group, and adopted by the role."""
    attached = next(disk for disk in eyes.disks.list_disks(region) if disk.host)
    deadline = datetime.now(UTC) + timedelta(days=9)
    maker.disks.create_group(region, attached.host, [attached.id], name="g", deadline=deadline, tags={})
    sandbox.clock.advance(timedelta(minutes=1))
    ((begun,),) = (group.snapshots for group in maker.disks.find_groups(region, "g"))
    adopt = Action("disks.adopt_snapshot", Effect.CHANGE, "production", region, begun.id, {}, "a test")
    hands, _ = open_to_destroy("BROKER", ROLE, [adopt], "run-1", "100000000001")
    assert hands.disks.group_of(region, begun.id)
    hands.disks.adopt_snapshot(region, begun.id, name="g", deadline=deadline, tags={"k": "v"})


def test_a_shared_snapshot_is_not_copied_where_the_cloud_knows_no_such_call(watched: Watched) -> None:
    maker, later = TencentCloud("MAKE"), datetime.now(UTC) + timedelta(days=9)

    with pytest.raises(RefusedError, match="copies no snapshot of another account"):
        maker.lending.copy_lent("ap-beijing", "snap-1", to="ap-beijing", name="n", deadline=later, tags={})
    assert maker.lending.said_of("ap-beijing", "snap-1") == ""
    assert not any(watched.called.values())


def test_no_policy_allows_what_nothing_calls(drkit: Drkit, watched: Watched) -> None:
    """Each of the calls that policies allow is made here by the credential that it is allowed to."""
    region, eyes, maker = "ap-beijing", TencentCloud("LOOK"), TencentCloud("MAKE")
    deadline = datetime.now(UTC) + timedelta(days=9)

    drkit("doctor", "--estate", drkit.write("estate.yaml", ESTATE), **watched.variables)
    eyes.machines.list_regions()
    eyes.machines.list_hosts(region)
    eyes.disks.list_snapshots(region)
    assert eyes.automatic is not None
    eyes.automatic.list_policies(region)
    now = datetime.now(UTC)
    assert push(open_bastion("MAKE")[1], region, {"one": "rm -rf"}) == ("one",)
    assert look(open_bastion("LOOK")[1], region, now - timedelta(days=7), now).typed
    with_a_group_and_two_versions(watched.sandbox)
    assert not holes(eyes.people.identities("production", "100000000001").policies)
    disk = next(disk for disk in eyes.disks.list_disks(region) if not disk.host)
    maker.identity.caller()
    made = maker.disks.create_snapshot(region, disk.id, name="n", deadline=deadline, tags={})
    watched.sandbox.clock.advance(timedelta(minutes=1))
    assert maker.disks.get_snapshots(region, [made])
    assert maker.disks.copy_snapshot(region, made, to="ap-shanghai", name="n")
    watched.sandbox.clock.advance(timedelta(minutes=1))
    copy = maker.disks.create_disk(
        region, made, zone=disk.zone, kind=disk.kind, name="drkit-scratch", tags={}, token="t" * 20
    )
    watched.sandbox.clock.advance(timedelta(minutes=1))
    assert maker.disks.get_disks(region, [copy])
    with_a_group_that_is_adopted(watched.sandbox, eyes, maker, region)
    grown = [
        Action(verb, Effect.CHANGE, "production", region, made, {"grows": True}, "a test")
        for verb in (
            "disks.extend_snapshot",
            "disks.mark_unneeded",
            "disks.unmark_needed",
            "disks.lend_snapshot",
        )
    ]
    hands, _ = open_to_destroy("BROKER", ROLE, grown, "run-1", "100000000001")
    hands.disks.extend_snapshot(region, made, deadline + timedelta(days=1))
    hands.disks.tag_snapshot(region, made, "k", "v")
    hands.disks.untag_snapshot(region, made, "k")
    hands.lending.lend(region, made, "100000000002")
    assert hands.lending.lent_to(region, made) == {"100000000002"}
    hands.lending.take_back(region, made, "100000000002")
    assert hands.lending.lent_to(region, made) == frozenset()
    host = next(host.id for host in eyes.machines.list_hosts(region) if host.zone == disk.zone)
    moved = [
        Action(verb, Effect.CHANGE, "production", region, copy, {"host": host, "scratch": True}, "a test")
        for verb in ("disks.attach_scratch", "disks.detach_scratch")
    ]
    hands, _ = open_to_destroy("BROKER", ROLE, moved, "run-1", "100000000001")
    hands.disks.attach_disk(region, copy, host)
    watched.sandbox.clock.advance(timedelta(minutes=1))
    hands.disks.detach_disk(region, copy, host)
    watched.sandbox.clock.advance(timedelta(minutes=1))
    doomed = [
        Action(verb, Effect.DESTROY, "production", region, thing, {}, "a test")
        for verb, thing in (("disks.delete_scratch", copy), ("disks.delete_snapshot", made))
    ]
    hands, _ = open_to_destroy("BROKER", ROLE, doomed, "run-1", "100000000001")
    hands.identity.caller()
    assert hands.disks.get_disks(region, [copy])
    hands.disks.delete_disk(region, copy)
    hands.disks.delete_snapshot(region, made)
    assert hands.disks.get_snapshots(region, [made]) == ()

    assert {name: calls for name, calls in watched.called.items() if name.startswith("drkit-")} == {
        f"drkit-{power}": allowed(power) for power in Power
    }
