"""The process in which ministack serves: ``python -m drkit.sandbox.aws.child DESCRIPTOR``.

DESCRIPTOR is a listening socket that is inherited, so that clients can connect before ministack is up. The
first line of standard input says who may call, what opens the control door and where volumes are kept (a secret
belongs neither into arguments nor into the environment); its end means that the sandbox is gone, however it ended.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import threading
from pathlib import Path
from typing import Any

# What an estate on AWS is made of. The others would run code and containers of their own.
SERVICES = (
    *("account", "backup", "cloudtrail", "ec2", "iam", "kms", "organizations"),
    *("resource-groups", "s3", "secretsmanager", "sns", "sqs", "sts", "tagging"),
)


def settings(identity: dict[str, Any], port: int) -> dict[str, str]:
    """The environment that ministack reads while it is imported.

    ``AUTH`` makes it verify signatures and evaluate policies, which it does not do by itself.
    """
    return {
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": identity["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": identity["secret_access_key"],
        "MINISTACK_ACCOUNT_ID": identity["account"],
        "MINISTACK_REGION": identity["region"],
        "CLOUDTRAIL_RECORDING": "1",
        "GATEWAY_PORT": str(port),
        "SERVICES": ",".join(SERVICES),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": "unix:///nonexistent",  # no daemon is looked for, and nothing of it reaped
        "LOG_LEVEL": "WARNING",
    }


def main(arguments: list[str]) -> int:
    """Serve until standard input ends."""
    descriptor = int(arguments[0])
    identity = json.loads(sys.stdin.readline())
    threading.Thread(target=end_with_parent, daemon=True).start()
    with socket.socket(fileno=os.dup(descriptor)) as listener:
        os.environ.update(settings(identity, listener.getsockname()[1]))
    serve(descriptor, identity["token"], Path(identity["volumes"]))
    return 0


def end_with_parent() -> None:
    """Wait until the other end of standard input is closed, also by SIGKILL, and end at once."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os._exit(0)


def serve(descriptor: int, token: str, volumes: Path) -> None:
    """Run ministack on an inherited socket; ``volumes`` is the directory that holds what its volumes hold."""
    from hypercorn.asyncio import serve as hypercorn_serve
    from hypercorn.config import Config
    from ministack.app import app
    from ministack.services import ec2

    from drkit.sandbox.aws import sharing
    from drkit.sandbox.aws.attaching import Attaching
    from drkit.sandbox.aws.door import with_door
    from drkit.sandbox.aws.files import Files
    from drkit.sandbox.aws.guard import guarded
    from drkit.sandbox.aws.inside import Ec2
    from drkit.sandbox.aws.together import Together

    sharing.install()
    inside = Ec2(ec2)
    Attaching(inside).take_over()
    Together(inside).take_over()
    files = Files(volumes, inside)
    files.take_over()
    config = Config()
    config.bind = [f"fd://{descriptor}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    asyncio.run(hypercorn_serve(with_door(guarded(app), token, files), config))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
