"""What a client asks the broker for, read as what anybody could have sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from drkit.core.actions import Action, action_from_data
from drkit.core.approval.fields import SHA256
from drkit.core.errors import ApprovalError
from drkit.flows.broker.messages import RUN, VERSION


@dataclass(frozen=True, slots=True)
class Asked:
    """A licence that is asked for.

    Args:
        approval: the request's id.
        run: the id of the run on whose behalf.
        slot: that it is carried out for.
        playbook: the bytes of the playbook's file.
        actions: all that is to be carried out, in its order.
    """

    approval: str
    run: str
    slot: datetime
    playbook: bytes
    actions: tuple[Action, ...]


def read_asked(message: Mapping[str, Any]) -> Asked:
    """A licence that is asked for.

    Raises:
        ApprovalError: it is not what a client of this version sends.
    """
    if message.get("ask") != "begin" or message.get("version") != VERSION:
        raise ApprovalError("the client speaks another version", hint="use the same drkit on both sides")
    try:
        slot = datetime.fromisoformat(message["slot"])
        asked = Asked(
            message["approval"],
            message["run"],
            slot,
            message["playbook"].encode(),
            tuple(action_from_data(each) for each in message["actions"]),
        )
        sound = slot.tzinfo and SHA256.fullmatch(asked.approval) and RUN.fullmatch(asked.run)
    except (KeyError, TypeError, ValueError, AttributeError):
        sound = None
    if not sound:
        raise ApprovalError("what the client asked for cannot be understood")
    return asked
