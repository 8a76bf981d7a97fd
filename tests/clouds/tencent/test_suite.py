"""Tencent Cloud passes the conformance suite, by the official SDK against the sandbox."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from clouds.suite import CloudSuite, Expected, Trouble

from drkit.clouds.tencent.cloud import TencentCloud
from drkit.sandbox.testing import InThread

FAULTS = {"throttled": "throttle", "garbage": "garbage", "silence": "cut_before", "denied": "error"}


class TestTencent(CloudSuite):
    @pytest.fixture
    def cloud(self, tencent: TencentCloud, monkeypatch: pytest.MonkeyPatch) -> TencentCloud:
        # A page that is smaller than every list.
        monkeypatch.setattr("drkit.clouds.tencent.paging.PAGE", 10)
        return tencent

    @pytest.fixture
    def expected(self, server: InThread) -> Expected:
        region = server.world.accounts["100000000001"].regions["ap-beijing"]
        attached = next(disk.id for disk in region.disks.values() if disk.instance)
        return Expected(
            "100000000001", "ap-beijing", "ap-nanjing", len(region.instances), len(region.disks), attached
        )

    @pytest.fixture
    def trouble(self, server: InThread) -> Trouble:
        def begin(kind: str) -> None:
            code = {"code": "UnauthorizedOperation"} if kind == "denied" else {}
            server.fault(FAULTS[kind], times=None, **code)

        return begin

    @pytest.fixture
    def finish(self, server: InThread) -> Callable[[], None]:
        return lambda: server.clock.advance(timedelta(minutes=1))
