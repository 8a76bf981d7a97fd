"""What a crash or a power cut left at the end of a log is set aside and recorded, never dropped.

The file is named by the index at which its bytes stood. The first entry written after it is the record, which
takes this index; so a torn file named by the index of the *next* entry has no record yet. That makes every
step repeatable: a crash in the middle of setting aside is put right by the next opening.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

from drkit.core.evidence import layout
from drkit.core.files import write_whole
from drkit.core.times import text_of

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

KIND = "evidence.torn"


def set_aside(directory: Path, index: int, length: int) -> None:
    """Move what lies behind the first ``length`` bytes of the log to ``torn-<index>-<digest>``.

    Raises:
        OSError: it could not be; the log is then as it was.
    """
    log = directory / layout.LOG
    with log.open("r+b") as stream:
        stream.seek(length)
        tail = stream.read()
        if tail:
            digest = hashlib.sha256(tail).hexdigest()
            write_whole(directory / f"{layout.torn_prefix(index)}{digest[:8]}", tail, mode=0o640)
            stream.truncate(length)
            os.fsync(stream.fileno())


def record(directory: Path, index: int, at: datetime) -> dict[str, Any] | None:
    """The entry for the torn files that have none yet; None when there are none."""
    paths = sorted(p for p in layout.visible_files(directory) if p.name.startswith(layout.torn_prefix(index)))
    files = [_description(path) for path in paths]
    return {"at": text_of(at), "files": files, "kind": KIND} if files else None


def _description(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {"name": path.name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
