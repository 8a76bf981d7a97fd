"""What ``drkit init`` finds: regions in use, and the account of AWS where its own tools' variables are set."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

from drkit.core.crews import side_by_side
from drkit.core.errors import DrkitError
from drkit.flows.talking import progress, say
from drkit.ports.cloud import Cloud

PREFIX = "AWS"
REGION = "us-east-1"  # where AWS's own tools ask, unless they are told
BLOCK = """\

  aws:
    cloud: aws
    # Twelve digits. The cloud must confirm it before every run.
    account: "{account}"
    environment: production
    regions: [{regions}]
    # Prefixes of the variables with the key pairs: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
    credentials:
      look: AWS
      make: AWS
"""


def used(cloud: Cloud, in_use: Callable[[Cloud, str], bool]) -> list[str]:
    """The regions that are in use, which are all asked side by side.

    Args:
        cloud: that names its regions.
        in_use: whether a region has hosts or disks.
    """
    regions = cloud.machines.list_regions()
    found = side_by_side([partial(in_use, cloud, region) for region in regions])
    return [region for region, is_used in zip(regions, found, strict=True) if is_used]


def with_aws(estate: str, in_use: Callable[[Cloud, str], bool]) -> str:
    """The estate with that account, if any of its regions is in use.

    Args:
        estate: the text of an estate that ends with its accounts.
        in_use: whether a region has hosts or disks.
    """
    if not os.environ.get(f"{PREFIX}_ACCESS_KEY_ID"):
        return estate
    from drkit.clouds.aws.cloud import AwsCloud

    home = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or REGION
    try:
        with progress() as show:
            cloud = AwsCloud(PREFIX, home)
            account = cloud.identity.caller().account
            show("looking for hosts and volumes in every region of AWS")
            regions = ", ".join(used(cloud, in_use))
    except DrkitError as error:
        say(f"nothing of AWS was discovered: {error.message}")
        return estate
    if not regions:
        say(f"left out the AWS account {account}: it is in use in no region")
        return estate
    say(f"discovered the AWS account {account}, in use in {regions}")
    return estate + BLOCK.format(account=account, regions=regions)
