"""AttachVolume, DetachVolume and CreateVolume, where ministack's are laxer and faster than EC2's.

ministack attaches what hangs elsewhere, under a name that is taken, in another zone; detaches from a host that was
not named; asks IAM about the host and not about the volume; makes a volume of a snapshot that is not there, and for
each call another, whatever its client token. Here EC2's own errors answer that (Developer Guide, "Error codes for the
Amazon EC2 API"). What is attached or detached is under way until somebody has looked once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from drkit.sandbox.aws.inside import OK

if TYPE_CHECKING:
    from drkit.sandbox.aws.inside import Answer, Ec2, Handler, Parameters, Thing

DEVICE = re.compile(r"(/dev/)?(sd[a-z]([1-9]|1[0-5])?|xvd[a-z]|xvd[b-c][a-z])")
HOLDS = frozenset({"running", "stopped"})  # states of a host that a volume can be attached to


class Attaching:
    """What answers in the place of ministack's own handlers."""

    def __init__(self, ec2: Ec2) -> None:
        self.ec2 = ec2
        self.own: dict[str, Handler] = dict(ec2.handlers)
        self.tokens: dict[tuple[str, str, str], tuple[Parameters, Answer]] = {}

    def take_over(self) -> None:
        """Answer these actions from now on."""
        self.ec2.handlers.update(
            AttachVolume=self.attach,
            DetachVolume=self.detach,
            DescribeVolumes=self.describe,
            CreateVolume=self.create,
        )

    def attach(self, parameters: Parameters) -> Answer:
        """AttachVolume; the volume is attaching until it was looked at."""
        volume = self.ec2.volumes.get(self.ec2.word(parameters, "VolumeId"))
        host = self.ec2.host(self.ec2.word(parameters, "InstanceId"))
        if not volume or not host:
            return self.own["AttachVolume"](parameters)
        device = self.ec2.word(parameters, "Device")
        denied = self.ec2.denied("ec2:AttachVolume", volume["VolumeId"])
        if refused := denied or self._misplaced(volume, host) or self._misnamed(device, host):
            return refused
        status, headers, body = self.own["AttachVolume"](parameters)
        if status == OK:
            volume["Attachments"][0]["State"] = "attaching"
            host["BlockDeviceMappings"].append(mapping_of(volume["Attachments"][0]))
        return status, headers, body.replace(b"<status>attached<", b"<status>attaching<")

    def detach(self, parameters: Parameters) -> Answer:
        """DetachVolume; the volume is detaching until it was looked at."""
        volume = self.ec2.volumes.get(self.ec2.word(parameters, "VolumeId"))
        if not volume:
            return self.own["DetachVolume"](parameters)
        id_, named = volume["VolumeId"], self.ec2.word(parameters, "InstanceId")
        if denied := self.ec2.denied("ec2:DetachVolume", id_):
            return denied
        if not volume["Attachments"]:
            return self.ec2.error("IncorrectState", f"Volume '{id_}' is in the 'available' state.")
        (attachment,) = volume["Attachments"]
        if named and named != attachment["InstanceId"]:
            told = f"'{id_}' is not attached to instance '{named}'."
            return self.ec2.error("InvalidAttachment.NotFound", told)
        attachment["State"] = "detaching"
        return self.ec2.answer(
            "DetachVolume",
            {
                "volumeId": id_,
                "instanceId": attachment["InstanceId"],
                "device": attachment["Device"],
                "status": attachment["State"],
                "attachTime": attachment["AttachTime"],
            },
        )

    def describe(self, parameters: Parameters) -> Answer:
        """DescribeVolumes; what was under way has arrived for whoever looks again."""
        answer = self.own["DescribeVolumes"](parameters)
        for volume in self.ec2.volumes.values():
            for attachment in list(volume["Attachments"]):
                self._arrive(volume, attachment)
        return answer

    def create(self, parameters: Parameters) -> Answer:
        """CreateVolume: once for each client token, of a snapshot that is there, and as large as that."""
        token = (*self.ec2.place, self.ec2.word(parameters, "ClientToken"))
        asked, answer = self.tokens.get(token, (parameters, None))
        if asked != parameters:
            told = "The same client token was given with other parameters."
            return self.ec2.error("IdempotentParameterMismatch", told)
        answer = answer or self._create(parameters)
        if token[-1] and answer[0] == OK:
            self.tokens[token] = parameters, answer
        return answer

    def _create(self, parameters: Parameters) -> Answer:
        wanted = self.ec2.word(parameters, "SnapshotId")
        snapshot = self.ec2.snapshots_here().get(wanted)
        if wanted and snapshot is None:
            return self.ec2.error("InvalidSnapshot.NotFound", f"The snapshot '{wanted}' does not exist.")
        if snapshot and not self.ec2.word(parameters, "Size"):
            parameters = {**parameters, "Size": [str(snapshot["VolumeSize"])]}
        return self.own["CreateVolume"](parameters)

    def _arrive(self, volume: Thing, attachment: Thing) -> None:
        if attachment["State"] == "attaching":
            attachment["State"] = "attached"
        elif attachment["State"] == "detaching":
            volume["Attachments"].remove(attachment)
            volume["State"] = "available"
            host = self.ec2.host(attachment["InstanceId"]) or {"BlockDeviceMappings": []}
            mappings = host["BlockDeviceMappings"]
            mappings[:] = [each for each in mappings if each["Ebs"]["VolumeId"] != volume["VolumeId"]]

    def _misplaced(self, volume: Thing, host: Thing) -> Answer | None:
        """What EC2 says of a volume and a host that do not go together."""
        id_, where = volume["VolumeId"], host["InstanceId"]
        if volume["Attachments"]:
            return self.ec2.error("VolumeInUse", f"{id_} is already attached to an instance")
        if volume["AvailabilityZone"] != host["Placement"]["AvailabilityZone"]:
            told = f"The volume '{id_}' is not in the same availability zone as instance '{where}'"
            return self.ec2.error("InvalidVolume.ZoneMismatch", told)
        if host["State"]["Name"] not in HOLDS:
            return self.ec2.error("IncorrectState", f"Instance '{where}' is not 'running' or 'stopped'.")
        return None

    def _misnamed(self, device: str, host: Thing) -> Answer | None:
        """What EC2 says of a name that is none, or is taken; it takes each as it was given."""
        if not DEVICE.fullmatch(device):
            told = (
                f"Value ({device}) for parameter device is invalid. {device} is not a valid EBS device name."
            )
            return self.ec2.error("InvalidParameterValue", told)
        attachments = [each for volume in self.ec2.volumes.values() for each in volume["Attachments"]]
        if (device, host["InstanceId"]) in [(each["Device"], each["InstanceId"]) for each in attachments]:
            told = f"Invalid value '{device}' for unixDevice. Attachment point {device} is already in use"
            return self.ec2.error("InvalidParameterValue", told)
        return None


def mapping_of(attachment: Thing) -> dict[str, Any]:
    """What a host says of an attachment."""
    ebs = {
        "VolumeId": attachment["VolumeId"],
        "Status": "attached",
        "AttachTime": attachment["AttachTime"],
        "DeleteOnTermination": False,
    }
    return {"DeviceName": attachment["Device"], "Ebs": ebs}
