"""Tencent Cloud, as a sandbox in this process whose world can be looked into."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from drkit.clouds.tencent.cloud import TencentCloud
from drkit.sandbox.testing import InThread, in_thread


@pytest.fixture
def server() -> Iterator[InThread]:
    with in_thread() as server:
        yield server


@pytest.fixture
def tencent(server: InThread, monkeypatch: pytest.MonkeyPatch) -> TencentCloud:
    """With the key pair of its root."""
    monkeypatch.setenv("DRKIT_TENCENT_ENDPOINT", server.endpoint)
    monkeypatch.setenv("SUITE_SECRET_ID", server.secret_id)
    monkeypatch.setenv("SUITE_SECRET_KEY", server.secret_key)
    return TencentCloud("SUITE")
