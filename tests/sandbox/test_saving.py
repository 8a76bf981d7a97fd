"""The whole state is saved, in memory and in a file, and loaded back."""

from __future__ import annotations

import dataclasses
import functools
import json
import stat
import urllib.error
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest
from helpers import Drkit
from prepared import prepare
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from drkit.core import exits
from drkit.sandbox.seeds.catalogue import SEEDS
from drkit.sandbox.seeds.people import new_keys
from drkit.sandbox.testing import InThread, running
from drkit.sandbox.world.events import catch_up
from drkit.sandbox.world.model import Disk, Snapshot, World
from drkit.sandbox.world.reading import reader
from drkit.sandbox.world.saving import load, plain, save
from drkit.sandbox.world.things import Passing

Calling = Callable[..., Any]
NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def refused(sandbox: InThread, method: str, path: str, content: Any = None) -> Any:
    """The status of a refusal, and the reason."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        sandbox.control(method, path, content)
    with caught.value as answer:
        return answer.code, json.load(answer)["error"]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_seed_is_the_same_after_it_was_saved_and_loaded(seed: str) -> None:
    world = World()
    SEEDS[seed].built_with(new_keys())(world, NOON)
    catch_up(world, NOON + timedelta(hours=2))
    loaded, now = load(save(world, NOON))
    assert loaded == world
    assert now == NOON
    account = next(iter(loaded.accounts.values()))
    assert account.regions["ap-nowhere"].disks == {}  # entries that are missing are made up as before


def test_an_attack_is_undone(sandbox: InThread, call: Calling) -> None:
    def everything() -> Any:
        listing = {"Limit": 100}
        return [
            call("cbs", "DescribeSnapshots", listing)["SnapshotSet"],
            call("cbs", "DescribeDisks", listing)["DiskSet"],
            call("cvm", "DescribeInstances", listing)["InstanceSet"],
        ]

    before = everything()
    sandbox.save("before")
    call("cbs", "DeleteSnapshots", {"SnapshotIds": [one["SnapshotId"] for one in before[0]]})
    call("cvm", "TerminateInstances", {"InstanceIds": [one["InstanceId"] for one in before[2]]})
    sandbox.advance(timedelta(days=1))
    assert everything()[0] == everything()[2] == []
    sandbox.load("before")
    assert everything() == before


def test_what_was_under_way_goes_on_after_it_was_loaded(sandbox: InThread, call: Calling) -> None:
    host = call("cvm", "DescribeInstances", {"Limit": 1})["InstanceSet"][0]["InstanceId"]

    def state() -> Any:
        shown = call("cvm", "DescribeInstancesStatus", {"InstanceIds": [host]})
        return shown["InstanceStatusSet"][0]["InstanceState"]

    call("cvm", "StopInstances", {"InstanceIds": [host]})
    sandbox.save("stopping")
    sandbox.advance(timedelta(hours=1))
    assert state() == "STOPPED"
    sandbox.load("stopping")
    assert state() == "STOPPING"
    sandbox.advance(timedelta(seconds=2))
    assert state() == "STOPPED"


def test_a_world_that_is_loaded_again_and_again_is_no_other(sandbox: InThread, call: Calling) -> None:
    sandbox.save("start")
    for _ in range(2):
        disk = call("cbs", "DescribeDisks", {"Limit": 1})["DiskSet"][0]["DiskId"]
        made = call("cbs", "CreateSnapshot", {"DiskId": disk})["SnapshotId"]
        sandbox.load("start")
        assert call("cbs", "DescribeSnapshots", {"SnapshotIds": [made]})["TotalCount"] == 0


def test_states_are_listed_and_forgotten(sandbox: InThread) -> None:
    sandbox.save("one")
    assert sandbox.control("GET", "states")["states"] == ["one"]
    sandbox.control("DELETE", "states/one")
    assert sandbox.control("GET", "states")["states"] == []
    for method, path in (("POST", "states/one/load"), ("DELETE", "states/one")):
        assert refused(sandbox, method, path)[0] == 404


@pytest.mark.parametrize(
    "content",
    [None, {}, [], 7, {"format": "another"}, {"format": "drkit sandbox state 1", "now": "x", "world": {}}],
    ids=str,
)
def test_what_is_no_saved_state_is_refused_and_changes_nothing(
    sandbox: InThread, call: Calling, content: Any
) -> None:
    before = call("cbs", "DescribeDisks", {})["TotalCount"]
    status, why = refused(sandbox, "POST", "state", content)
    assert (status, "no state of a sandbox" in why) == (400, True)
    assert call("cbs", "DescribeDisks", {})["TotalCount"] == before


def paths(content: Any, *before: Any) -> Iterator[tuple[Any, ...]]:
    """Where the values of a state are; of a list, and of the things of one kind, the first."""
    inner = content.items() if isinstance(content, dict) else enumerate(content)
    for name, value in inner:
        yield (*before, name)
        if isinstance(value, dict | list):
            yield from paths(value, *before, name)


def spoilt(state: Any, path: tuple[Any, ...], value: Any) -> bytes:
    """A saved state in which one value is another."""
    content = json.loads(state)
    *above, last = path
    functools.reduce(lambda level, name: level[name], above, content)[last] = value
    return json.dumps(content).encode()


def small_state() -> bytes:
    """A saved world that has one thing of each kind, and something under way."""
    world = World()
    SEEDS["empty"].built_with(new_keys())(world, NOON)
    account = world.accounts["100000000001"]
    for other in list(account.identity.users)[1:]:
        del account.identity.users[other]
    held = account.regions["ap-beijing"]
    passing = Passing("EXPANDING", NOON, NOON + timedelta(seconds=2), size=60)
    held.disks["disk-1"] = Disk(
        "disk-1", "d", "ap-beijing-3", "DATA_DISK", "CLOUD_SSD", 50, NOON, passing=passing
    )
    held.add_snapshot(Snapshot("snap-1", "s", "disk-1", "DATA_DISK", 50, "ap-beijing-3", NOON, deadline=NOON))
    world.foresee(NOON, "disk", "100000000001", "ap-beijing", "disk-1")
    account.audit.rows.append("{}")
    return save(world, NOON)


def test_a_value_of_another_type_anywhere_in_a_state_is_refused() -> None:
    """A text where a number is, a number where a text is, and so on, for each value of a saved state."""
    state = small_state()
    content = json.loads(state)
    taken = []
    for path in paths(content):
        before = functools.reduce(lambda level, name: level[name], path, content)
        wrong = [one for one in ("?", 7.5, [[]], {"?": None}) if type(one) is not type(before)]
        for value in wrong:
            try:
                load(spoilt(state, path, value))
            except ValueError:
                continue
            taken.append((path, before, value))
    # Where nothing was there may be a text.
    assert [one for one in taken if one[1:] != (None, "?")] == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("now",), "2026-03-01T12:00:00"),
        (("now",), "9500-03-01T12:00:00Z"),
        (("world", "events", 0, "kind"), "doomsday"),
        (("world", "events", 0, "at"), "9999-12-31T23:59:59Z"),
        (("world", "accounts", "100000000001", "identity", "policies", "10000001", "default"), 9),
        (("world", "creation"), 1e308),
    ],
    ids=str,
)
def test_a_state_in_which_no_call_could_be_answered_is_refused_and_changes_nothing(
    sandbox: InThread, call: Calling, path: tuple[Any, ...], value: Any
) -> None:
    before = call("cbs", "DescribeDisks", {})["TotalCount"]
    state = json.loads(spoilt(small_state(), path, value))
    assert refused(sandbox, "POST", "state", state)[0] == 400
    assert call("cbs", "DescribeDisks", {})["TotalCount"] == before


def test_a_defect_at_the_control_door_is_an_answer_and_the_next_request_is_answered(
    sandbox: InThread,
) -> None:
    """A world may be changed in the test's own process: into one that cannot go on, too."""
    sandbox.world.foresee(sandbox.clock.now(), "doomsday", "100000000001", "ap-beijing", "")
    status, why = refused(sandbox, "GET", "clock")
    assert (status, "defect of the sandbox" in why) == (500, True)
    assert sandbox.control("GET", "health")["status"] == "ok"


def test_a_file_brings_the_state_into_another_sandbox(drkit: Drkit, tmp_path: Path, client: Calling) -> None:
    file = tmp_path / "state.json"
    with running(home=tmp_path / "one") as one:
        made = client(one, "cbs").call_json(
            "CreateDisks",
            {
                "Placement": {"Zone": "ap-beijing-3"},
                "DiskChargeType": "POSTPAID_BY_HOUR",
                "DiskType": "CLOUD_PREMIUM",
                "DiskSize": 50,
                "DiskName": "carried over",
            },
        )["Response"]["DiskIdSet"]
        one.advance(timedelta(days=2))
        ended = drkit("sandbox", "save", str(file), "--home", str(one.home.path))
        assert (ended.status, ended.err) == (exits.OK, "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with running("empty", tmp_path / "two") as two:
        there = client(two, "cbs")
        assert there.call_json("DescribeDisks", {})["Response"]["TotalCount"] == 0
        assert drkit("sandbox", "load", str(file), "--home", str(two.home.path)).status == exits.OK
        shown = there.call_json("DescribeDisks", {"DiskIds": made})["Response"]["DiskSet"]
        assert [one["DiskName"] for one in shown] == ["carried over"]
        ahead = datetime.fromisoformat(two.control("GET", "clock")["now"]) - datetime.now(UTC)
        assert timedelta(days=1) < ahead <= timedelta(days=2)


def test_files_that_cannot_be_are_refused(drkit: Drkit, tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text("{")
    with running(home=tmp_path / "home") as sandbox:
        home = ("--home", str(sandbox.home.path))
        for words in (
            ("load", str(file)),
            ("load", str(tmp_path / "none.json")),
            ("save", str(tmp_path / "none" / "state.json")),
        ):
            ended = drkit("sandbox", *words, *home)
            assert ended.status == exits.USAGE
            assert "Traceback" not in ended.err


class Colour(Enum):
    RED = "red"


class Pair(NamedTuple):
    left: int
    at: datetime


@dataclasses.dataclass(slots=True)
class Inner:
    at: datetime


@dataclasses.dataclass
class Everything:
    """One field of each type that a world may be made of."""

    at: datetime = NOON
    day: date = date(2026, 3, 1)
    span: timedelta = timedelta(milliseconds=1500)
    colour: Colour = Colour.RED
    raw: bytes = b"\0\xff"
    word: Literal["a", "b"] = "a"
    perhaps: Inner | None = None
    several: tuple[Inner, ...] = ()
    fixed: tuple[int, datetime] = (1, NOON)
    pair: Pair = dataclasses.field(default_factory=lambda: Pair(1, NOON))
    names: set[str] = dataclasses.field(default_factory=set)
    numbered: dict[int, Inner] = dataclasses.field(default_factory=dict)
    made_up: dict[str, list[Inner]] = dataclasses.field(default_factory=lambda: defaultdict(list))
    _scratch: int = 0


def test_a_world_may_be_made_of_every_common_type() -> None:
    import orjson

    one = Everything(
        perhaps=Inner(NOON),
        several=(Inner(NOON), Inner(NOON)),
        names={"b", "a"},
        numbered={7: Inner(NOON)},
        _scratch=5,
    )
    one.made_up["x"].append(Inner(NOON))
    content = orjson.dumps(one, default=plain, option=orjson.OPT_NON_STR_KEYS)
    again = reader(Everything)(orjson.loads(content))
    assert again == dataclasses.replace(one, _scratch=0)
    assert again.made_up["missing"] == []


def test_a_type_that_cannot_be_told_apart_is_a_defect() -> None:
    with pytest.raises(TypeError, match="cannot be told"):
        reader(Inner | Everything)
    with pytest.raises(TypeError, match="no form"):
        reader(complex)


def test_a_key_that_is_made_in_an_attack_opens_nothing_once_it_is_undone(
    sandbox: InThread, call: Calling, client: Calling
) -> None:
    from tencentcloud.common.credential import Credential

    sandbox.save("before")
    uin = next(iter(sandbox.world.accounts["100000000001"].identity.users))
    made = call("cam", "CreateAccessKey", {"TargetUin": int(uin)})["AccessKey"]
    thief = client(sandbox, "sts", credential=Credential(made["AccessKeyId"], made["SecretAccessKey"]))
    assert thief.call_json("GetCallerIdentity", {})["Response"]["AccountId"] == "100000000001"
    sandbox.load("before")
    with pytest.raises(TencentCloudSDKException, match="SecretIdNotFound"):
        thief.call_json("GetCallerIdentity", {})


def test_a_world_in_which_much_has_happened_is_the_same_after_it_was_saved_and_loaded(
    sandbox: InThread, call: Calling
) -> None:
    def calling(service: str, _version: str, action: str, parameters: dict[str, Any]) -> Any:
        return call(service, action, parameters)

    prepared = prepare(calling, lambda: sandbox.clock.advance(timedelta(seconds=5)))
    vault = next(uin for uin, one in sandbox.world.accounts.items() if one.name == "vault")
    share = {"ImageId": prepared.ids["img"][0], "AccountIds": [vault], "Permission": "SHARE"}
    call("cvm", "ModifyImageSharePermission", share)
    snapshot = prepared.ids["snap"][0]
    copy = {"SnapshotId": snapshot, "DestinationRegions": ["ap-shanghai"]}
    call("cbs", "CopySnapshotCrossRegions", copy)
    call("cvm", "RebootInstances", {"InstanceIds": [prepared.ids["ins"][1]]})
    world = sandbox.world
    assert world.events
    assert any(account.audit.rows for account in world.accounts.values())
    loaded, _ = load(save(world, sandbox.clock.now()))
    assert loaded == world
