"""Every emulated action of every service."""

from __future__ import annotations

from drkit.sandbox.services import (
    bh_search,
    bh_templates,
    cam_attached,
    cam_attachments,
    cam_boundaries,
    cam_groups,
    cam_keys,
    cam_policies,
    cam_providers,
    cam_roles,
    cam_safety,
    cam_users,
    cam_versions,
    cbs_apply,
    cbs_attach,
    cbs_change,
    cbs_copy,
    cbs_create,
    cbs_disks,
    cbs_groups,
    cbs_policies,
    cbs_prices,
    cbs_snapshot_life,
    cbs_snapshots,
    cloudaudit,
    cloudaudit_tracks,
    cvm,
    cvm_image_copies,
    cvm_image_list,
    cvm_images,
    cvm_power,
    cvm_run,
    sts,
    tag,
    tag_queries,
)
from drkit.sandbox.services.table import Emulated

MODULES = (
    *(cvm, cvm_image_copies, cvm_image_list, cvm_images, cvm_power, cvm_run),
    *(cbs_apply, cbs_attach, cbs_change, cbs_copy, cbs_create, cbs_disks),
    *(cbs_groups, cbs_policies, cbs_prices, cbs_snapshot_life, cbs_snapshots),
    *(tag, tag_queries),
    *(bh_search, bh_templates),
    *(cam_attached, cam_attachments, cam_boundaries, cam_groups, cam_keys, cam_policies, cam_roles),
    *(cam_providers, cam_safety, cam_users, cam_versions, cloudaudit, cloudaudit_tracks, sts),
)
EMULATED: dict[tuple[str, str, str], Emulated] = {
    (module.ACTIONS.service, module.ACTIONS.version, name): emulated
    for module in MODULES
    for name, emulated in module.ACTIONS.table.items()
}
