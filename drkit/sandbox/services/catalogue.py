"""Every emulated action of every service."""

from __future__ import annotations

from drkit.sandbox.services import cbs_disks, cbs_snapshots, cvm, sts
from drkit.sandbox.services.table import Emulated

EMULATED: dict[tuple[str, str, str], Emulated] = {
    (actions.service, actions.version, name): emulated
    for actions in (cvm.ACTIONS, cbs_disks.ACTIONS, cbs_snapshots.ACTIONS, sts.ACTIONS)
    for name, emulated in actions.table.items()
}
