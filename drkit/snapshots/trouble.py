"""Why a disk got no snapshot, by the cloud's own code: what a person does about it differs.

Codes of Tencent Cloud: CBS CreateSnapshot (362/15648) and CopySnapshotCrossRegions (362/68848); those of AWS:
EC2, error codes.
"""

from __future__ import annotations

from collections.abc import Mapping

CHAIN = "chain-too-long"
QUOTA = "quota"
GONE = "gone"
FAILED = "failed"
_KINDS = {
    "ResourceUnavailable.DiskSnapshotChainTooLarge": CHAIN,
    "ResourceInsufficient.OverQuota": QUOTA,
    "InsufficientSnapshotQuota": QUOTA,
    "SnapshotLimitExceeded": QUOTA,
    "PendingSnapshotLimitExceeded": QUOTA,
    "InvalidDisk.NotFound": GONE,
    "InvalidDiskId.NotFound": GONE,
    "InvalidVolume.NotFound": GONE,
    "Vanished": "vanished",
    "NotHeld": "not-held",
    "HeldTooShort": "held-too-short",
}
FIXES: Mapping[str, str] = {
    FAILED: "see what the cloud said; the next run of the same slot tries again",
    CHAIN: "let old snapshots of the disk end: a shorter `keep_for`, or `snapshots.remove`; it can have no more",
    QUOTA: "raise the account's quota of snapshots in this region, or let old ones end; then run the slot again",
    GONE: "the disk is gone since it was listed: nothing is to do, if that was meant",
    "vanished": "the snapshot was begun and came to nothing; the next run of the same slot tries again",
    "not-held": "see that the program on the host holds; no snapshot was made, since it would not be consistent",
    "held-too-short": "raise the program's time limit; the next run of the slot takes another snapshot",
    "busy": "wait until the disk is at rest; the next run of the same slot tries again",
    "impossible": "move the data to a disk that can be snapshotted, or protect it by another copy",
}


def kind_of(code: str) -> str:
    """The word for a failure, which is part of its finding's name."""
    return _KINDS.get(code) or _KINDS.get(code.partition(".")[0], FAILED)
