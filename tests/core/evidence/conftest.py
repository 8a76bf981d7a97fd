from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from drkit.core.evidence import keys
from drkit.core.evidence.log import EvidenceLog

if TYPE_CHECKING:
    from pathlib import Path

    from drkit.core.evidence.note import Signer


@dataclass(frozen=True)
class Written:
    """A log of six entries with checkpoints at 2, 4 and 6, which are also kept in another directory."""

    directory: Path
    outside: Path
    signer: Signer

    @property
    def log(self) -> Path:
        return self.directory / "log.jsonl"


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return keys.create(tmp_path_factory.mktemp("keys") / "pair", "example.com/estate")


@pytest.fixture
def written(tmp_path: Path, signer: Signer) -> Written:
    directory, outside = tmp_path / "evidence", tmp_path / "outside"
    outside.mkdir()
    with EvidenceLog.open(directory, signer) as log:
        for number in range(6):
            log.append({"kind": "action", "run": f"run{number // 2}", "number": number})
            if number % 2:
                checkpoint = log.checkpoint()
                (outside / str(checkpoint.size)).write_bytes(checkpoint.signed)
    return Written(directory, outside, signer)
