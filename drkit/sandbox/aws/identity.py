"""Whose the AWS beside the sandbox is: its account, its root's key pair, the variables for its clients."""

from __future__ import annotations

import secrets
import string
from dataclasses import asdict, dataclass, field
from typing import Any

ACCOUNT = "210000000001"
MEMBER = "210000000002"  # another account of the same organization
REGION = "us-east-1"
# The alphabets of real ones: an access key id is AKIA and 16 of base 32, a secret 40 characters.
KEY_ID_ALPHABET = string.ascii_uppercase + "234567"
SECRET_ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class AwsIdentity:
    """The key pair of the account's root, which may do everything; it opens nothing but this sandbox."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    account: str = ACCOUNT
    region: str = REGION

    @classmethod
    def new(cls) -> AwsIdentity:
        """A key pair that nobody can guess."""
        key_id = "".join(secrets.choice(KEY_ID_ALPHABET) for _ in range(16))
        secret = "".join(secrets.choice(SECRET_ALPHABET) for _ in range(40))
        return cls(f"AKIA{key_id}", secret)

    def plain(self) -> dict[str, Any]:
        """For the child's standard input, where nobody else reads."""
        return asdict(self)


def variables(port: int, access_key_id: str, secret_access_key: str) -> dict[str, str]:
    """What points boto3, the AWS command line and others at the sandbox, and at no file of the user's."""
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": access_key_id,
        "AWS_SECRET_ACCESS_KEY": secret_access_key,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
