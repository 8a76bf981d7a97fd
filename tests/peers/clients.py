"""The official command line and the typed clients, one call after another, in an environment of their own.

Run by `tests/sandbox/test_clients.py` with the Python of `.venv-tccli`: orders as JSON on standard input, what
came of them as JSON on standard output. Nothing of drkit is imported here.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import sys
import tempfile
import urllib.request

from tencentcloud.common.abstract_client import AbstractClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

sys.argv = ["tccli"]  # it looks at that when it is imported
STDOUT = sys.stdout
import tccli.main  # noqa: E402, F401 - it prepares stdout and the locale as the command does
from tccli.command import CLICommand  # noqa: E402

# One of each service: making one takes a quarter of a second, in which it reads the names of all services.
COMMANDS = {}


class Kept(io.BytesIO):
    """The bytes below a stdout; the command line wraps them once more and lets go of the wrapper."""

    def close(self):
        """Keep them."""


def restore(order):
    """Let the sandbox be as it was saved."""
    request = urllib.request.Request(
        f"{order['endpoint']}/-/states/{order['state']}/load",
        method="POST",
        headers={"X-Sandbox-Token": order["token"]},
    )
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30).close()


def by_typed_client(order, call):
    """The names of the answer's fields, or the code of the error."""
    version = f"v{call['version'].replace('-', '')}"
    package = f"tencentcloud.{call['service']}.{version}"
    module = importlib.import_module(f"{package}.{call['service']}_client")
    models = importlib.import_module(f"{package}.models")
    kind = next(
        one
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, AbstractClient) and one is not AbstractClient
    )
    http = HttpProfile(protocol="http", endpoint=order["endpoint"].partition("//")[2], reqTimeout=20)
    credential = Credential(order["secret_id"], order["secret_key"])
    client = kind(credential, call["region"], ClientProfile(httpProfile=http, language="en-US"))
    request = getattr(models, f"{call['action']}Request")()
    request.from_json_string(json.dumps(call["parameters"]))
    try:
        answer = getattr(client, call["action"])(request)
    except TencentCloudSDKException as error:
        return error.code
    return sorted(name for name, value in json.loads(answer.to_json_string()).items() if value is not None)


def by_command_line(order, call):
    """Likewise, by the command line with a file of parameters."""
    out = io.TextIOWrapper(Kept(), "utf-8")
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(call["parameters"], file)
        file.flush()
        sys.argv = ["tccli", call["service"], call["action"], "--version", call["version"]]
        sys.argv += ["--region", call["region"], "--endpoint", order["endpoint"], "--language", "en-US"]
        sys.argv += ["--cli-input-json", f"file://{file.name}"]
        kept = (call["service"], call["version"])
        command = COMMANDS.get(kept) or COMMANDS.setdefault(kept, CLICommand())
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            try:
                command()
            except TencentCloudSDKException as error:
                return error.code
    return sorted(name for name, value in json.loads(out.buffer.getvalue()).items() if value is not None)


def main():
    """Carry out the orders."""
    order = json.load(sys.stdin)
    results = []
    for call in order["calls"]:
        came = {}
        for name, way in (("typed", by_typed_client), ("tccli", by_command_line)):
            restore(order)
            try:
                came[name] = way(order, call)
            except Exception as error:  # noqa: BLE001 - whatever a client makes of an answer is the result
                came[name] = f"{type(error).__name__}: {error}"
        results.append(came)
    json.dump(results, STDOUT)
    STDOUT.flush()


if __name__ == "__main__":
    main()
