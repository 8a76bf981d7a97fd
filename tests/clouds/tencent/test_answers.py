"""Real answers of the real API, and answers with null, absent and extra fields, go through our parsers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from helpers import ROOT

from drkit.clouds.tencent.client import Call
from drkit.clouds.tencent.disks import TencentDisks, parse_disk, parse_snapshot
from drkit.clouds.tencent.machines import parse_host
from drkit.clouds.tencent.times import FIELDS, read_time
from drkit.ports.disks import SnapshotState
from drkit.ports.machines import Volume

# Other people's data: read where it lies, and not part of the project.
RECORDED = ROOT.parent / "shared" / "recorded" / "tencent_answers.json"


def recorded(service: str, action: str) -> list[dict[str, Any]]:
    if not RECORDED.is_file():
        pytest.skip("the recorded answers of the real API are not on this machine")
    answers = json.loads(RECORDED.read_text(encoding="utf-8"))
    return [
        each["response"] for each in answers if (each.get("service"), each.get("action")) == (service, action)
    ]


def test_recorded_disks_are_read() -> None:
    disks = [parse_disk(item) for answer in recorded("cbs", "DescribeDisks") for item in answer["DiskSet"]]

    assert [(disk.id, disk.state, disk.busy, disk.can_snapshot, disk.host) for disk in disks] == [
        ("disk-3i2gnf0k", "UNATTACHED", False, True, "")
    ]


def test_recorded_hosts_are_read_with_every_volume() -> None:
    answers = recorded("cvm", "DescribeInstances")
    items = [item for answer in answers for item in answer.get("InstanceSet", [])]

    hosts = [parse_host(item) for item in items]

    assert len(hosts) > 10
    assert all(host.id.startswith("ins-") and host.state and host.zone for host in hosts)
    named = {
        volume["DiskId"] for item in items for volume in [item["SystemDisk"], *(item["DataDisks"] or [])]
    }
    assert {volume.disk for host in hosts for volume in host.volumes} == named


class Careless:
    """A cloud that answers with two things, whichever was asked for."""

    def call(self, call: Call, _parameters: object) -> dict[str, Any]:
        kind, set_ = ("Disk", "DiskSet") if call.action == "DescribeDisks" else ("Snapshot", "SnapshotSet")
        return {"TotalCount": 2, set_: [{f"{kind}Id": "one"}, {f"{kind}Id": "other"}]}


def test_what_was_not_asked_for_is_not_taken_for_what_was() -> None:
    """Whoever judges a thing by its id, such as the broker, must not judge another one."""
    disks = TencentDisks(Careless())

    assert [each.id for each in disks.get_disks("ap-beijing", ["other"])] == ["other"]
    assert [each.id for each in disks.get_snapshots("ap-beijing", ["other"])] == ["other"]


@pytest.mark.parametrize("parse", [parse_disk, parse_snapshot, parse_host])
@pytest.mark.parametrize("value", [None, [], {}, 5, "x", True])
def test_null_and_ill_typed_fields_read_as_absent_and_never_raise(parse: Any, value: Any) -> None:
    fields = ("DiskId", "DiskState", "Placement", "SnapshotAbility", "Tags", "CreateTime", "SnapshotState")
    fields += ("SystemDisk", "DataDisks", "InstanceId", "SnapshotId", "Rollbacking")
    for field in fields:
        parse({field: value, "Unheard": value})


def test_a_snapshot_state_that_nobody_knows_is_never_good() -> None:
    assert parse_snapshot({"SnapshotState": "SHINY"}).state is SnapshotState.OTHER


@pytest.mark.parametrize(
    "item",
    [
        {"SystemDisk": None, "DataDisks": [{"DiskId": "disk-2"}]},
        {"SystemDisk": {"DiskId": "disk-2"}, "DataDisks": [None]},
        {"SystemDisk": {"DiskId": "disk-2"}, "DataDisks": "oops"},
        {"SystemDisk": {"DiskId": "disk-2"}, "DataDisks": [7]},
    ],
)
def test_a_volume_that_cannot_be_read_is_still_a_volume(item: Any) -> None:
    assert sorted(volume.disk for volume in parse_host(item).volumes) == ["", "disk-2"]


def test_text_of_the_cloud_can_be_written_down_anywhere_and_has_an_end() -> None:
    disk = parse_disk({"DiskId": "disk-1", "DiskName": "bad\ud800name" + "x" * 5000})

    assert disk.name.startswith("bad\ufffdname")
    assert len(disk.name) == 1024


def test_local_disks_are_told_from_cloud_disks() -> None:
    host = parse_host({"SystemDisk": {"DiskType": "LOCAL_BASIC", "DiskId": "ldisk-1"}, "DataDisks": None})

    assert host.volumes == (Volume("ldisk-1", local=True),)


def test_a_time_field_without_an_entry_in_the_table_is_not_read() -> None:
    with pytest.raises(KeyError):
        read_time("cbs", "Snapshot", "SomeOtherTime", {"SomeOtherTime": "2026-11-22 01:30:00"})


@pytest.mark.parametrize("text", ["", "0000-00-00 00:00:00", "yesterday", 5, None])
def test_a_time_that_nobody_can_read_is_none(text: Any) -> None:
    assert read_time("cbs", "Snapshot", "CreateTime", {"CreateTime": text}) is None


def test_a_time_without_a_zone_keeps_both_of_its_readings() -> None:
    reading = read_time("cbs", "Snapshot", "CreateTime", {"CreateTime": "2022-09-23 11:27:30"})

    assert reading is not None
    assert (reading.latest - reading.earliest).total_seconds() == 8 * 3600
    assert {each for each in FIELDS if each[0] == "cbs"} == {
        ("cbs", "Disk", "CreateTime"),
        ("cbs", "Snapshot", "CreateTime"),
        ("cbs", "Snapshot", "DeadlineTime"),
    }
