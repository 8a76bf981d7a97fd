"""The power to destroy: a role for minutes, with a session policy that names what was approved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from helpers import ROOT

from drkit.clouds.tencent.assuming import ASSUME_ROLE, VERBS, assume, bounds
from drkit.clouds.tencent.client import Call, Power, TencentClient
from drkit.clouds.tencent.cloud import TencentCloud
from drkit.clouds.tencent.naming import action_of
from drkit.clouds.tencent.policies import declared
from drkit.clouds.tencent.settings import Endpoint, KeyPair
from drkit.core.actions import Action, Done, Effect, Pending
from drkit.core.errors import AccountError, ApprovalError, UsageError
from drkit.core.estate import Estate
from drkit.flows.clouds import all_on_this_machine, open_to_destroy
from drkit.flows.registry import work_by_verb
from drkit.ports.cloud import Hands
from drkit.ports.errors import RefusedError, UncertainError
from drkit.sandbox.testing import InThread, in_thread
from drkit.snapshots.describing import describe

ROLE = "qcs::cam::uin/100000000001:roleName/drkit-destroy"
RUN = "20261122T013000Z-abc123"


def delete(verb: str, thing: str, region: str = "ap-beijing", **arguments: Any) -> Action:
    return Action(verb, Effect.DESTROY, "production", region, thing, arguments, "a test")


def estate(account: str = "100000000001", **changes: Any) -> Estate:
    production = {
        "cloud": "tencent",
        "account": account,
        "environment": "production",
        "regions": ["ap-beijing"],
        "credentials": {"look": "LOOK", "make": "MAKE", "destroy": "BROKER"},
        "destroy_role": ROLE,
        **changes,
    }
    return Estate.model_validate_json(json.dumps({"estate": "e", "accounts": {"production": production}}))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[InThread]:
    with in_thread() as server:
        monkeypatch.setenv("DRKIT_TENCENT_ENDPOINT", server.endpoint)
        for prefix, name in (
            ("LOOK", "drkit-look"),
            ("MAKE", "drkit-make"),
            ("BROKER", "drkit-broker"),
            ("ADMINISTRATOR", "administrator"),
        ):
            pair = server.key(name)
            monkeypatch.setenv(f"{prefix}_SECRET_ID", pair.secret_id)
            monkeypatch.setenv(f"{prefix}_SECRET_KEY", pair.secret_key)
        yield server


def removal(server: InThread) -> Action:
    """The approved end of a snapshot that is good, and not the only one of its disk."""
    disks = TencentCloud("ADMINISTRATOR").disks
    disk = disks.list_disks("ap-beijing")[0].id
    deadline = datetime.now(UTC) + timedelta(days=9)
    for name in ("kept", "doomed"):
        made = disks.create_snapshot("ap-beijing", disk, name=name, deadline=deadline, tags={})
        server.clock.advance(timedelta(minutes=1))
    (found,) = disks.get_snapshots("ap-beijing", [made])
    told = {**describe(found), "disk_name": "", "disk_exists": True, "leaves_no_good_one": False}
    return delete("disks.delete_snapshot", made, **told)


def test_an_approved_snapshot_is_deleted_by_the_role_and_by_no_other_credential(server: InThread) -> None:
    action = removal(server)
    for prefix in ("LOOK", "MAKE", "BROKER"):
        with pytest.raises(RefusedError, match="UnauthorizedOperation"):
            TencentCloud(prefix).disks.delete_snapshot("ap-beijing", action.thing)

    power = open_to_destroy(estate(), [action], RUN)
    outcome = work_by_verb()[action.verb].run(action, Hands(power.clouds, RUN))

    assert isinstance(outcome, Pending)
    assert work_by_verb()[action.verb].find(action, Hands(power.clouds, RUN)) == Done()
    assert power.callers["production"].account == "100000000001"
    assert "assumed-role" in power.callers["production"].principal


def test_the_session_can_do_nothing_but_what_its_verbs_call(server: InThread) -> None:
    action = removal(server)

    cloud = open_to_destroy(estate(), [action], RUN).clouds["production"]

    with pytest.raises(RefusedError, match="UnauthorizedOperation"):
        cloud.disks.delete_disk("ap-beijing", str(action.arguments["disk"]))
    with pytest.raises(RefusedError, match="UnauthorizedOperation"):
        cloud.disks.list_disks("ap-beijing")
    with pytest.raises(RefusedError, match="UnauthorizedOperation"):
        cloud.machines.list_hosts("ap-beijing")


def test_a_session_for_one_disk_cannot_touch_another(server: InThread) -> None:
    disks = TencentCloud("ADMINISTRATOR").disks
    mine, other = [disk.id for disk in disks.list_disks("ap-beijing") if not disk.host][:2]

    power = open_to_destroy(estate(), [delete("disks.delete_scratch", mine)], RUN)

    assert power.unbound == ()
    with pytest.raises(RefusedError, match="UnauthorizedOperation"):
        power.clouds["production"].disks.delete_disk("ap-beijing", other)
    power.clouds["production"].disks.delete_disk("ap-beijing", mine)


def test_what_the_cloud_cannot_bind_is_said(server: InThread) -> None:
    (sentence,) = open_to_destroy(estate(), [removal(server)], RUN).unbound

    assert sentence.startswith("production: cannot be bound: cvm:DeleteSnapshots")


def test_a_session_policy_names_the_approved_things_and_only_them() -> None:
    actions = [delete("disks.delete_scratch", each) for each in ("disk-1", "disk-2")]

    bound = bounds(actions, "100000000001")

    form = "qcs::cvm:ap-beijing:uin/100000000001:volume/"
    assert bound.policy["statement"] == [
        {
            "effect": "allow",
            "action": ["cvm:DescribeSnapshots", "sts:GetCallerIdentity"],
            "resource": ["*"],
        },
        {"effect": "allow", "action": ["cvm:DescribeDisks"], "resource": ["qcs::cvm:::volume/*"]},
        {
            "effect": "allow",
            "action": ["cvm:TerminateDisks"],
            "resource": [f"{form}disk-1", f"{form}disk-2"],
        },
    ]


def test_a_session_lasts_minutes_longer_for_more_actions_and_never_longer_than_the_cloud_allows() -> None:
    def lasts(count: int) -> int:
        return bounds([delete("disks.delete_scratch", f"disk-{n}") for n in range(count)], "1").seconds

    assert (lasts(1), lasts(10), lasts(10_000)) == (150, 420, 43_200)


class Heard:
    """Answers AssumeRole, and keeps what it was asked."""

    def __init__(self, **credentials: Any) -> None:
        self.credentials = credentials

    def call(self, call: Call, parameters: Any) -> dict[str, Any]:
        assert call == ASSUME_ROLE
        self.asked = parameters
        return {"Credentials": self.credentials}


def test_the_role_is_assumed_under_the_runs_id_with_a_url_encoded_policy() -> None:
    heard = Heard(TmpSecretId="i", TmpSecretKey="k", Token="t" * 4000)
    bound = bounds([delete("disks.delete_scratch", "disk-1")], "100000000001")

    pair = assume(heard, ROLE, RUN, bound)

    assert heard.asked["RoleArn"] == ROLE
    assert heard.asked["RoleSessionName"] == f"drkit-{RUN}"
    assert heard.asked["DurationSeconds"] == 150
    assert set('{}": ').isdisjoint(heard.asked["Policy"])
    assert json.loads(unquote(heard.asked["Policy"])) == bound.policy
    assert (pair.id, pair.key, len(pair.token or "")) == ("i", "k", 4000)
    assert "'k'" not in repr(pair)
    assert "tttt" not in repr(pair)


@pytest.mark.parametrize("missing", ["TmpSecretId", "TmpSecretKey", "Token"])
@pytest.mark.parametrize("value", [None, "", 5, "a\nb"])
def test_half_a_credential_is_none(missing: str, value: Any) -> None:
    whole = {"TmpSecretId": "i", "TmpSecretKey": "k", "Token": "t"}

    with pytest.raises(UncertainError, match="holds no credential"):
        assume(Heard(**{**whole, missing: value}), ROLE, RUN, bounds([], "1"))


def test_a_role_of_another_account_than_the_estates_is_refused(server: InThread) -> None:
    with pytest.raises(AccountError, match="the role that was assumed belongs to account 100000000001"):
        open_to_destroy(estate(account="100000000009"), [delete("disks.delete_scratch", "disk-1")], RUN)


def test_a_credential_that_the_role_does_not_trust_does_not_get_it(server: InThread) -> None:
    thief = estate(credentials={"look": "LOOK", "make": "MAKE", "destroy": "MAKE"})

    with pytest.raises(RefusedError, match="UnauthorizedOperation"):
        open_to_destroy(thief, [delete("disks.delete_scratch", "disk-1")], RUN)


@pytest.mark.parametrize("missing", [{"destroy_role": None}, {"credentials": {"look": "A", "make": "B"}}])
def test_without_a_role_or_a_key_pair_nothing_is_destroyed(missing: Any) -> None:
    with pytest.raises(UsageError, match="nothing is destroyed in the account 'production'"):
        open_to_destroy(estate(**missing), [delete("disks.delete_scratch", "disk-1")], RUN)


def test_an_account_that_the_estate_does_not_have_is_refused() -> None:
    elsewhere = Action("disks.delete_disk", Effect.DESTROY, "prodution", "ap-beijing", "disk-1", {}, "")

    with pytest.raises(UsageError, match="did you mean 'production'"):
        open_to_destroy(estate(), [elsewhere], RUN)


def test_a_verb_that_nothing_carries_out_is_refused() -> None:
    with pytest.raises(ApprovalError, match=r"nothing of Tencent Cloud carries out disks\.explode"):
        bounds([delete("disks.explode", "disk-1")], "1")


@pytest.mark.parametrize("thing", ["*", "disk-*", "", "disk-1:volume/disk-2", "disk-${uin}"])
def test_what_would_name_more_than_one_thing_is_refused(thing: str) -> None:
    with pytest.raises(ApprovalError, match="is no single thing"):
        bounds([delete("disks.delete_scratch", thing)], "1")
    with pytest.raises(ApprovalError, match="is no single thing"):
        bounds([delete("disks.delete_scratch", "disk-1", region=thing)], "1")


def test_every_verb_that_a_session_is_bound_to_is_one_that_a_step_carries_out() -> None:
    assert set(VERBS) <= set(work_by_verb())


def test_the_role_may_do_exactly_what_the_verbs_call() -> None:
    role = {action_of(call) for call in declared() if Power.DESTROY in call.powers}

    called = {action_of(call) for calls in VERBS.values() for call in calls}
    assert role == called | {"sts:GetCallerIdentity"}


@pytest.mark.parametrize(
    ("endpoint", "here"),
    [
        ("http://127.0.0.1:4000", True),
        ("http://[::1]:4000", True),
        ("https://cloud.example.com", False),
        ("", False),
    ],
)
def test_a_cloud_is_on_this_machine_only_where_the_endpoint_says_so(
    monkeypatch: pytest.MonkeyPatch, endpoint: str, *, here: bool
) -> None:
    monkeypatch.setenv("DRKIT_TENCENT_ENDPOINT", endpoint)

    assert all_on_this_machine() is here


class Administrator:
    """Sets up the broker as docs/policies.md says, with what the project ships."""

    def __init__(self, server: InThread) -> None:
        self.client = TencentClient(
            KeyPair(server.secret_id, server.secret_key), Endpoint("http", f"127.0.0.1:{server.port}"), 10
        )

    def ask(self, action: str, **parameters: Any) -> dict[str, Any]:
        return self.client.call(Call("cam", "2019-01-16", action), parameters)

    def add_policy(self, name: str) -> int:
        number: int = self.ask("CreatePolicy", PolicyName=f"my-{name}", PolicyDocument=shipped(name))[
            "PolicyId"
        ]
        return number

    def add_broker(self) -> dict[str, Any]:
        """A user with the broker's policy, and a role that trusts him."""
        user = self.ask("AddUser", Name="my-broker", ConsoleLogin=0, UseApi=1)
        self.ask("AttachUserPolicy", PolicyId=self.add_policy("broker"), AttachUin=user["Uin"])
        trust = (
            shipped("destroy-trust").replace("ACCOUNT", "100000000001").replace("BROKER", str(user["Uin"]))
        )
        self.ask("DeleteRole", RoleName="drkit-destroy")
        self.ask("CreateRole", RoleName="drkit-destroy", PolicyDocument=trust)
        policy = self.add_policy("destroy")
        self.ask("AttachRolePolicy", PolicyId=policy, AttachRoleName="drkit-destroy")
        return user


def shipped(name: str) -> str:
    return (ROOT / "configs" / "policies" / f"tencent-{name}.json").read_text(encoding="utf-8")


def test_what_is_shipped_set_up_as_the_page_says_gives_the_broker_the_power_and_nobody_else(
    server: InThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    action = removal(server)
    user = Administrator(server).add_broker()
    monkeypatch.setenv("MINE_SECRET_ID", user["SecretId"])
    monkeypatch.setenv("MINE_SECRET_KEY", user["SecretKey"])
    mine = estate(credentials={"look": "LOOK", "make": "MAKE", "destroy": "MINE"})

    hands = Hands(open_to_destroy(mine, [action], RUN).clouds, RUN)

    assert isinstance(work_by_verb()[action.verb].run(action, hands), Pending)
    with pytest.raises(RefusedError, match="UnauthorizedOperation"):
        TencentCloud("MINE").disks.list_disks("ap-beijing")
    for other in ("BROKER", "MAKE"):  # the seed's own broker, whom this role does not trust
        with pytest.raises(RefusedError, match="UnauthorizedOperation"):
            open_to_destroy(
                estate(credentials={"look": "LOOK", "make": "MAKE", "destroy": other}), [action], RUN
            )
