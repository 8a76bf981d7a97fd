"""What tests of proofs on AWS share: a volume with real content, a drill host that is a real SSH server, and a broker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from clouds.aws.administrator import account, holder, set_up
from gating import broker
from helpers import Drkit, Ran
from holding import Host
from proving import drill_of, make_image
from scratching import Scene

from drkit.sandbox.testing import Running

REGION = "us-east-1"
ZONE = f"{REGION}a"


@dataclass(slots=True)
class ProvingAws:
    """An account of AWS with two hosts, one of them the drill host, and one volume beside theirs that holds something."""

    cloud: Drkit
    sandbox: Running
    host: Host
    directory: Path
    scene: Scene = field(init=False)
    ec2: Any = field(init=False)
    volume: str = field(init=False)
    drill: str = field(init=False)
    other: str = field(init=False)
    root: str = field(init=False)
    devices: Path = field(init=False)
    snapshot: str = ""

    def __post_init__(self) -> None:
        variables = self.sandbox.environment()
        self.cloud.environment |= set_up(lambda service: holder(service, variables))
        self.ec2 = holder("ec2", variables)
        hosts = self.ec2.run_instances(ImageId="ami-12345678", MinCount=2, MaxCount=2)["Instances"]
        self.drill, self.other = (str(each["InstanceId"]) for each in hosts)
        self.root = str(hosts[1]["BlockDeviceMappings"][0]["Ebs"]["VolumeId"])
        tags = [{"ResourceType": "volume", "Tags": [{"Key": "service", "Value": "search"}]}]
        made = self.ec2.create_volume(AvailabilityZone=ZONE, Size=8, VolumeType="gp3", TagSpecifications=tags)
        self.volume = str(made["VolumeId"])
        self.scene = Scene(self.cloud, self.sandbox)
        self.estate(scratch={"accounts": ["abroad"], "regions": [REGION], "hosts": [self.drill]})
        self.devices = self.directory / "devices"
        self.devices.mkdir()
        self.sandbox.place_instance(self.drill, self.devices)

    def estate(self, **changed: Any) -> None:
        """The estate of the scene, with that account."""
        self.scene.estate(**changed)
        estate = yaml.safe_load((self.cloud.directory / "estate.yaml").read_text())
        estate["accounts"]["abroad"] = account()
        self.cloud.write("estate.yaml", yaml.safe_dump(estate))

    def fill(self, image: Path | None = None) -> Path:
        """The volume holds an image, and has a snapshot of it."""
        made = image or make_image(self.directory)
        self.snapshot = self.hold(self.volume, made)
        return made

    def hold(self, volume: str, image: Path) -> str:
        """A volume holds an image; the id of a snapshot of it."""
        self.sandbox.fill_volume(volume, image)
        return str(self.ec2.create_snapshot(VolumeId=volume)["SnapshotId"])

    def playbook(self, **changes: Any) -> Path:
        """The playbook that proves that volume."""
        drill = drill_of(self.host, self.drill, self.devices)
        arguments = {
            "accounts": ["abroad"],
            "regions": [REGION],
            "tags": {"service": "search"},
            "sample": "100%",
            "drill_hosts": [drill],
            **changes,
        }
        steps = [{"uses": "snapshots.prove", "with": arguments}]
        whole = {"playbook": "prove", "schedule": {"every": "week", "day": "sunday"}, "steps": steps}
        return self.cloud.write("prove.yaml", json.dumps(whole))

    @contextmanager
    def broker(self) -> Iterator[None]:
        """A broker that listens, with the key pair of AWS that it alone has."""
        own = {name: value for name, value in self.cloud.environment.items() if "AWS_" in name}
        with broker(self.scene.people, self.sandbox, **own):
            yield

    def run(self, **changes: Any) -> Ran:
        """One run, with a broker."""
        with self.broker():
            return self.cloud("run", "--yes", self.playbook(**changes), "--format", "json")

    def scratch(self) -> list[dict[str, Any]]:
        """What was made and is still there."""
        filters = [{"Name": "tag-key", "Values": ["drkit:scratch-until"]}]
        found: list[dict[str, Any]] = self.ec2.describe_volumes(Filters=filters)["Volumes"]
        return found
