"""CreateSnapshots, which ministack does not know: snapshots of the volumes of one host, each by its CreateSnapshot.

By the API reference of EC2: all volumes of the instance but those that `InstanceSpecification` leaves out; an answer
tells of each; where one is not accepted, nothing is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drkit.sandbox.aws.inside import OK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drkit.sandbox.aws.inside import Answer, Ec2, Parameters, Thing

WHERE = "InstanceSpecification"
OF_ONE = ("TagSpecification.", "Description")  # parameters that each snapshot is made with


class Together:
    """What answers CreateSnapshots."""

    def __init__(self, ec2: Ec2) -> None:
        self.ec2 = ec2

    def take_over(self) -> None:
        """Answer it from now on."""
        self.ec2.handlers["CreateSnapshots"] = self.create

    def create(self, parameters: Parameters) -> Answer:
        """A snapshot of each volume that is not left out."""
        id_ = self.ec2.word(parameters, f"{WHERE}.InstanceId")
        host = self.ec2.host(id_)
        if not host:
            return self.ec2.error("InvalidInstanceID.NotFound", f"The instance ID '{id_}' does not exist")
        attached = {volume["VolumeId"]: device for volume, device in self._attached(id_)}
        left_out = set(self._left_out(parameters))
        if wrong := sorted(left_out - attached.keys()):
            return self.ec2.error("InvalidParameterValue", f"{wrong[0]} is no data volume of {id_}")
        if self.ec2.word(parameters, f"{WHERE}.ExcludeBootVolume") == "true":
            left_out |= {volume for volume, device in attached.items() if device == host["RootDeviceName"]}
        return self._each(parameters, sorted(attached.keys() - left_out))

    def _attached(self, host: str) -> Iterator[tuple[Thing, str]]:
        for volume in self.ec2.volumes.values():
            for each in volume["Attachments"]:
                if each["InstanceId"] == host:
                    yield volume, each["Device"]

    def _left_out(self, parameters: Parameters) -> Iterator[str]:
        number = 1
        while volume := self.ec2.word(parameters, f"{WHERE}.ExcludeDataVolumeId.{number}"):
            yield volume
            number += 1

    def _each(self, parameters: Parameters, volumes: list[str]) -> Answer:
        if not volumes:
            return self.ec2.error("InvalidParameterValue", "no volume is left")
        shared: dict[str, Any] = {
            name: value for name, value in parameters.items() if name.startswith(OF_ONE)
        }
        items = []
        for volume in volumes:
            status, headers, body = self.ec2.handlers["CreateSnapshot"]({**shared, "VolumeId": [volume]})
            if status != OK:
                return status, headers, body
            items.append(inner_of(body))
        return self.ec2.answer_with("CreateSnapshots", f"<snapshotSet>{''.join(items)}</snapshotSet>")


def inner_of(body: bytes) -> str:
    """What the answer to CreateSnapshot tells, as an item; its state is called otherwise there (SnapshotInfo)."""
    text = body.decode()
    told = text[text.index("<snapshotId>") : text.index("<requestId>")]
    return f"<item>{told.replace('status>', 'state>')}</item>"
