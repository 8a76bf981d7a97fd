"""What tests of flows share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from gating import People
from helpers import Drkit
from office import Stage

from drkit.core.evidence.log import EvidenceLog
from drkit.core.evidence.signing import signer
from drkit.core.state import open_state


@pytest.fixture
def stage(drkit: Drkit) -> Iterator[Stage]:
    people = People(drkit)
    people.estate()
    state = open_state(drkit.directory / "state" / "broker", "weimob")
    with EvidenceLog.open(state.evidence, signer(state.keys, "weimob")) as log:
        yield Stage(people, log)
