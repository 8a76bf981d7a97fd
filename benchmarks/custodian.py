"""Cloud Custodian pointed at a sandbox: run by `snapshots.py` in an environment of its own, never imported.

    python benchmarks/custodian.py run -s OUT -r REGION ... POLICIES

Two things are changed that no setting of its changes: it speaks plain http, so that ``http_proxy`` leads it to the
sandbox under the real host names; and it does not ask for tags, since it names disks ``qcs::cbs:...``, which the
sandbox refuses as no resource, and which would cost it a call for each nine disks.
"""

from __future__ import annotations

from typing import Any


def speak_http() -> None:
    """Make http the default of the SDK's profile."""
    from tencentcloud.common.profile.http_profile import HttpProfile

    usual = HttpProfile.__init__

    def made(self: Any, protocol: str | None = None, **more: Any) -> None:
        usual(self, protocol=protocol or "http", **more)

    HttpProfile.__init__ = made


def leave_tags() -> None:
    """List things without their tags."""
    from c7n_tencentcloud.query import DescribeSource

    DescribeSource.get_resource_tag = lambda _source, resources: resources


def main() -> None:
    """As ``custodian``."""
    speak_http()
    leave_tags()
    from c7n.cli import main as custodian

    custodian()


if __name__ == "__main__":
    main()
