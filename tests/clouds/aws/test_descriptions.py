"""botocore's descriptions of services: what botocore reads itself, and nothing of the user's."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore.exceptions import DataNotFoundError
from botocore.loaders import Loader

from drkit.clouds.aws.descriptions import descriptions


@pytest.mark.parametrize("service", ["cloudtrail", "ec2", "iam", "s3", "sts"])
def test_a_service_is_described_as_botocore_describes_it(service: str) -> None:
    ours, theirs = descriptions(), Loader(include_default_search_paths=True)
    version = theirs.determine_latest_version(service, "service-2")

    for kind in ("service-2", "endpoint-rule-set-1"):
        assert ours.load_service_model(service, kind, version) == theirs.load_service_model(
            service, kind, version
        )
    assert ours.load_data("endpoints") == theirs.load_data("endpoints")


def test_what_the_user_describes_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models = tmp_path / ".aws" / "models" / "mine" / "2020-01-01"
    models.mkdir(parents=True)
    (models / "service-2.json").write_text("{}")
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path / ".aws" / "models"))
    monkeypatch.setattr(Loader, "CUSTOMER_DATA_PATH", str(tmp_path / ".aws" / "models"))
    assert Loader().load_service_model("mine", "service-2") == {}

    with pytest.raises(DataNotFoundError):
        descriptions().load_service_model("mine", "service-2", "2020-01-01")
