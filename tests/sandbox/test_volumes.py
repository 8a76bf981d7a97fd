"""Disks that hold something: kept with snapshots, made again of them, and found by a host while they hang on it."""

from __future__ import annotations

import json
import urllib.error
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from helpers import ask

from drkit.sandbox.testing import Running, running

REGION = "ap-beijing"
CONTENT = b"content" * 1000


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(home=tmp_path_factory.mktemp("home")) as sandbox:
        sandbox.create_in(0)
        yield sandbox


@pytest.fixture
def volume(own: Running, tmp_path: Path) -> dict[str, Any]:
    """A disk that holds something, and a host of its zone with a place."""
    own.reset()
    own.create_in(0)
    found = ask(own, "DescribeDisks", REGION, Limit=100)["DiskSet"]
    disk = next(each for each in found if each["DiskState"] == "UNATTACHED")
    zone = disk["Placement"]["Zone"]
    host = next(
        each["InstanceId"] for each in found if each["InstanceId"] and each["Placement"]["Zone"] == zone
    )
    image, place = tmp_path / "image", tmp_path / "place"
    with image.open("wb") as file:
        file.write(CONTENT)
        file.truncate(64 * 1024 * 1024)
    place.mkdir()
    own.fill_disk(disk["DiskId"], image)
    own.place_host(host, place)
    return {"disk": disk["DiskId"], "host": host, "place": place, "zone": zone, "kind": disk["DiskType"]}


def move(own: Running, action: str, disk: str, host: str) -> None:
    ask(own, action, REGION, DiskIds=[disk], InstanceId=host)
    own.advance(timedelta(seconds=5))


def made_of(own: Running, volume: dict[str, Any], snapshot: str) -> str:
    made = ask(
        own,
        "CreateDisks",
        REGION,
        Placement={"Zone": volume["zone"]},
        DiskChargeType="POSTPAID_BY_HOUR",
        DiskType=volume["kind"],
        SnapshotId=snapshot,
    )
    own.advance(timedelta(seconds=5))
    return str(made["DiskIdSet"][0])


def snapshot_of(own: Running, disk: str) -> str:
    return str(ask(own, "CreateSnapshot", REGION, DiskId=disk)["SnapshotId"])


def test_a_host_finds_a_disk_while_it_hangs_there_and_what_it_writes_stays(
    own: Running, volume: dict[str, Any]
) -> None:
    found = volume["place"] / f"virtio-{volume['disk']}"

    move(own, "AttachDisks", volume["disk"], volume["host"])
    assert found.read_bytes()[: len(CONTENT)] == CONTENT
    with found.open("r+b") as file:
        file.write(b"CHANGED")
    move(own, "DetachDisks", volume["disk"], volume["host"])
    assert not found.exists()

    move(own, "AttachDisks", volume["disk"], volume["host"])
    assert found.read_bytes()[:14] == b"CHANGEDcontent"


def test_holes_take_no_room_however_often_a_content_is_copied(own: Running, volume: dict[str, Any]) -> None:
    move(own, "AttachDisks", volume["disk"], volume["host"])

    told = (volume["place"] / f"virtio-{volume['disk']}").stat()

    assert (told.st_size, told.st_blocks * 512 < 1024 * 1024) == (64 * 1024 * 1024, True)


def test_a_snapshot_holds_what_its_disk_held_then_and_a_disk_made_of_it_the_same(
    own: Running, volume: dict[str, Any]
) -> None:
    move(own, "AttachDisks", volume["disk"], volume["host"])
    snapshot = snapshot_of(own, volume["disk"])
    with (volume["place"] / f"virtio-{volume['disk']}").open("r+b") as file:
        file.write(b"LATER")

    made = made_of(own, volume, snapshot)
    move(own, "AttachDisks", made, volume["host"])

    assert (volume["place"] / f"virtio-{made}").read_bytes()[: len(CONTENT)] == CONTENT


@pytest.mark.parametrize(
    ("kind", "held"), [("flipped_byte", b"con" + bytes([0x74 ^ 0xFF]) + b"ent"), ("cut_short", b"con")]
)
def test_a_disk_is_made_wrong_where_that_was_ordered_and_the_next_one_is_not(
    own: Running, volume: dict[str, Any], kind: str, held: bytes
) -> None:
    snapshot = snapshot_of(own, volume["disk"])
    own.fault(kind, action="CreateDisks", offset=3)

    wrong, right = (made_of(own, volume, snapshot) for _ in range(2))
    for each in (wrong, right):
        move(own, "AttachDisks", each, volume["host"])

    assert (volume["place"] / f"virtio-{wrong}").read_bytes()[:7] == held
    assert (volume["place"] / f"virtio-{right}").read_bytes()[:7] == b"content"


def test_a_saved_state_is_loaded_with_what_disks_held_then(own: Running, volume: dict[str, Any]) -> None:
    own.save("before")
    move(own, "AttachDisks", volume["disk"], volume["host"])
    found = volume["place"] / f"virtio-{volume['disk']}"
    with found.open("r+b") as file:
        file.write(b"CHANGED")

    own.load("before")
    assert not found.exists()
    move(own, "AttachDisks", volume["disk"], volume["host"])

    assert found.read_bytes()[: len(CONTENT)] == CONTENT


def test_a_state_whose_contents_are_elsewhere_is_refused_as_a_whole(
    own: Running, volume: dict[str, Any]
) -> None:
    assert volume
    state = own.control("GET", "state")
    state["world"]["volumes"]["disks"] = {volume["disk"]: "f" * 32}

    with pytest.raises(urllib.error.HTTPError) as caught:
        own.control("POST", "state", state)
    with caught.value as answer:
        assert "not in this sandbox's home" in json.load(answer)["error"]


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"disk": "disk-nobodyhere", "image": "/dev/null"},
        {"disk": 1, "image": "x"},
        {"host": "ins-1", "directory": "relative"},
        {"host": "ins-1", "directory": "/nonexistent"},
    ],
)
def test_what_cannot_be_is_refused(own: Running, wanted: dict[str, Any]) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        own.control("POST", "volumes", wanted)
    with caught.value as answer:
        assert answer.code == 400
