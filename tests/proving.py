"""What tests of proofs share: a disk with real content, a drill host that is a real SSH server, and a broker."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from gating import broker
from helpers import Drkit, Ran, ask
from holding import Host, needs_sshd
from scratching import REGION, SCRATCH, Scene
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from drkit.clouds.ssh.handout import prove
from drkit.sandbox.testing import Running

MKE2FS = shutil.which("mke2fs", path="/usr/sbin:/sbin:/usr/bin")
DEBUGFS = shutil.which("debugfs", path="/usr/sbin:/sbin:/usr/bin")
needs_ext4 = pytest.mark.skipif(not (MKE2FS and DEBUGFS), reason="there is no e2fsprogs here")
needs_hosts = [needs_sshd, needs_ext4]
CONTENT = b"the ledger of 2026\n" * 400


def make_image(directory: Path, *, manifest: bool = True, **files: bytes) -> Path:
    """An ext4 image with files, and a manifest of them."""
    source, image = directory / "source", directory / "image"
    shutil.rmtree(source, ignore_errors=True)
    image.unlink(missing_ok=True)
    (source / "var").mkdir(parents=True)
    for name, content in (files or {"ledger": CONTENT, "var/notes": b"notes"}).items():
        (source / name).write_bytes(content)
    if manifest:
        prove.write_manifest(str(source))
    subprocess.run([str(MKE2FS), "-q", "-F", "-t", "ext4", "-d", str(source), str(image), "8M"], check=True)
    return image


def where(image: Path, content: bytes) -> int:
    """Where a content begins in an image."""
    found = image.read_bytes().find(content)
    assert found > 0
    return found


def drill_of(host: Host, id_: str, devices: Path) -> dict[str, Any]:
    """What a playbook says of a drill host that is a real SSH server here."""
    hook = host.hook
    return {
        "host": id_,
        "address": hook.address,
        "port": hook.port,
        "user": hook.user,
        "key": hook.key,
        "host_key": hook.host_key,
        "prove": [sys.executable, prove.__file__, "--devices", str(devices)],
    }


@dataclass(slots=True)
class Proving:
    """A scene with one disk that holds something, its snapshot, and a drill host in its zone."""

    cloud: Drkit
    sandbox: Running
    host: Host
    directory: Path
    scene: Scene = field(init=False)
    disk: dict[str, Any] = field(init=False)
    drill: str = field(init=False)
    devices: Path = field(init=False)
    snapshot: str = ""

    def __post_init__(self) -> None:
        self.scene = Scene(self.cloud, self.sandbox)
        filters = [
            {"Name": "tag:service", "Values": ["search"]},
            {"Name": "disk-usage", "Values": ["DATA_DISK"]},
        ]
        (self.disk,) = ask(self.sandbox, "DescribeDisks", REGION, Filters=filters)["DiskSet"]
        self.drill = self._host_in_its_zone()
        self.scene.estate(scratch={**SCRATCH, "hosts": [self.drill]})
        self.devices = self.directory / "devices"
        self.devices.mkdir()
        self.sandbox.place_host(self.drill, self.devices)

    def _host_in_its_zone(self) -> str:
        zone = self.disk["Placement"]["Zone"]
        found = ask_cvm(self.sandbox, "DescribeInstances", Limit=100)["InstanceSet"]
        there = [each["InstanceId"] for each in found if each["Placement"]["Zone"] == zone]
        return str(next(each for each in sorted(there) if each != self.disk["InstanceId"]))

    def fill(self, image: Path | None = None) -> Path:
        """The disk holds an image, and has a snapshot of it."""
        made = image or make_image(self.directory)
        self.sandbox.fill_disk(self.disk["DiskId"], made)
        self.sandbox.create_in(0)
        asked = {"DiskId": self.disk["DiskId"], "SnapshotName": "of-today"}
        self.snapshot = str(ask(self.sandbox, "CreateSnapshot", REGION, **asked)["SnapshotId"])
        return made

    def playbook(self, **changes: Any) -> Path:
        """The playbook that proves that disk."""
        drill = {**drill_of(self.host, self.drill, self.devices), **changes.pop("drill", {})}
        arguments = {
            "regions": [REGION],
            "tags": {"service": "search"},
            "data_disks_only": True,
            "sample": "100%",
            "drill_hosts": [drill],
            **changes,
        }
        steps = [{"uses": "snapshots.prove", "with": arguments}]
        whole = {"playbook": "prove", "schedule": {"every": "week", "day": "sunday"}, "steps": steps}
        return self.cloud.write("prove.yaml", json.dumps(whole))

    @contextmanager
    def broker(self) -> Iterator[None]:
        """A broker that listens."""
        with broker(self.scene.people, self.sandbox):
            yield

    def run(self, **changes: Any) -> Ran:
        """One run, with a broker."""
        with self.broker():
            return self.cloud("run", "--yes", self.playbook(**changes), "--format", "json")

    def runs(self) -> list[str]:
        """The ids of all runs, the last one last."""
        told = self.cloud("history", "--format", "json").json["runs"]
        return sorted(str(run["id"]) for run in told)

    def as_maker(self, action: str, **parameters: Any) -> dict[str, Any]:
        """One call to CBS by the credential that makes."""
        pair = self.sandbox.key("drkit-make")
        return ask_as(self.sandbox, pair.secret_id, pair.secret_key, "cbs", action, **parameters)

    def scratch(self) -> list[dict[str, Any]]:
        """What was made and is still there."""
        return self.scene.disks("drkit-prove-")


def row_of(ran: Ran) -> dict[str, Any]:
    """The one row of a run."""
    (row,) = [row for run in ran.json["runs"] for step in run["steps"] for row in step["rows"]]
    return dict(row)


def ask_cvm(sandbox: Running, action: str, **parameters: Any) -> dict[str, Any]:
    """One question to CVM past everything of drkit's."""
    return ask_as(sandbox, sandbox.secret_id, sandbox.secret_key, "cvm", action, **parameters)


def ask_as(
    sandbox: Running, secret_id: str, secret_key: str, service: str, action: str, **parameters: Any
) -> dict[str, Any]:
    """One call past everything of drkit's, by one key pair."""
    http = HttpProfile(protocol="http", endpoint=f"127.0.0.1:{sandbox.port}", reqTimeout=10)
    credential = Credential(secret_id, secret_key)
    client = CommonClient(service, "2017-03-12", credential, REGION, ClientProfile(httpProfile=http))
    answer: dict[str, Any] = client.call_json(action, parameters)["Response"]
    return answer


def assert_all_is_accounted_for(proving: Any) -> None:
    """No scratch, nothing of it on the host, every run ended, every intention with an end."""
    assert proving.scratch() == []
    assert list(proving.devices.iterdir()) == []
    told = proving.cloud("history", "--format", "json").json["runs"]
    assert {run["state"] for run in told} == {"ended"}
    assert [id_ for run in told for id_ in run["left"]] == []
    entries = proving.scene.entries()
    intended = {each["action"]["key"] for each in entries if each["kind"] == "action.intended"}
    settled = {
        each["key"] for each in entries if each["kind"] == "action.settled" and each["outcome"] != "pending"
    }
    assert intended == settled
