"""People with SSH keys of their own, a roster that two keepers signed, an estate that trusts it, and a broker."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import yaml
from helpers import ROOT, Drkit, ask

from drkit.sandbox.testing import Running

ACCOUNT = "production"
ROLE = "qcs::cam::uin/100000000001:roleName/drkit-destroy"


@dataclass(slots=True)
class People:
    """Who works there; each name stands for a key in ``keys/``."""

    drkit: Drkit
    names: tuple[str, ...] = ("alice", "bob", "carol", "dave")
    keepers: tuple[str, ...] = ("keeper1", "keeper2")
    roster: Path = field(init=False)
    pin: str = ""

    def __post_init__(self) -> None:
        self.roster = self.drkit.directory / "roster"
        (self.drkit.directory / "keys").mkdir()
        for name in (*self.names, *self.keepers):
            self.generate(name)
        self.pin = self.publish(self.staff())

    def generate(self, name: str, kind: str = "ed25519") -> None:
        """A key pair by stock ``ssh-keygen``."""
        path = self.key(name)
        command = ["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", name, "-f", str(path)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True, env={**os.environ})

    def key(self, name: str) -> Path:
        """The path of a private key."""
        return self.drkit.directory / "keys" / name

    def public(self, name: str) -> str:
        """The content of a ``.pub`` file."""
        return self.key(name).with_suffix(".pub").read_text().strip()

    def staff(self, **changed: dict[str, Any]) -> dict[str, Any]:
        """Everybody may ask and agree, and was trained; ``changed`` by name."""
        people = [
            {
                "name": name,
                "keys": [self.public(name)],
                "roles": ["requester", "approver"],
                "trained_until": "2099-01-01",
                **changed.get(name, {}),
            }
            for name in self.names
        ]
        return {
            "root": {"keys": [self.public(name) for name in self.keepers], "approvals": 2},
            "people": people,
        }

    def publish(self, staff: dict[str, Any], keepers: tuple[str, ...] | None = None) -> str:
        """Write the next version of the roster and have keepers sign it; its digest."""
        file = self.drkit.write("staff.yaml", yaml.safe_dump(staff))
        done = self.drkit("gate", "roster", file, "--to", self.roster, "--format", "json")
        assert done.status == 0, done.err
        for keeper in keepers or self.keepers:
            signed = self.drkit("gate", "roster", "--to", self.roster, "--key", self.key(keeper))
            assert signed.status == 0, signed.err
        return str(done.json["digest"])

    def estate(self, **changed: Any) -> Path:
        """An estate in which two other people must agree to what destroys, with a broker beside it."""
        estate = {
            "estate": "weimob",
            "accounts": {
                ACCOUNT: {
                    "cloud": "tencent",
                    "account": "100000000001",
                    "environment": "production",
                    "regions": ["ap-beijing", "ap-shanghai"],
                    "credentials": {"look": "DRKIT_LOOK", "make": "DRKIT_MAKE", "destroy": "DRKIT_DESTROY"},
                    "destroy_role": ROLE,
                }
            },
            "approvals": {"roster": str(self.roster), "pin": self.pin, "destroy": 2},
            "broker": {"socket": str(self.socket)},
            **changed,
        }
        requests = self.drkit.directory / "requests"
        requests.mkdir(exist_ok=True)
        estate["approvals"].setdefault("requests", str(requests))
        path = self.drkit.write("estate.yaml", yaml.safe_dump(estate))
        self.drkit.environment["DRKIT_ESTATE"] = str(path)
        return path

    @property
    def socket(self) -> Path:
        """Where the broker listens."""
        return self.drkit.directory / "broker.sock"

    def sign(self, name: str, path: Path, namespace: str = "approve@drkit") -> Path:
        """A signature by stock ``ssh-keygen``, beside the file that it signs."""
        signature = path.with_name(f"{path.name}.sig")
        signature.unlink(missing_ok=True)
        command = ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", str(self.key(name)), str(path)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True)
        return signature


REMOVE = """\
playbook: {name}
schedule: {{every: day}}
steps:
  - uses: snapshots.remove
    with:
      account: production
      region: ap-beijing
      snapshots: [{snapshots}]
      reason: made by mistake
"""


def playbook(people: People, *ids: str, name: str = "remove") -> Path:
    """A playbook that removes these snapshots."""
    return people.drkit.write(f"{name}.yaml", REMOVE.format(name=name, snapshots=", ".join(ids)))


def snapshots(sandbox: Running, count: int = 1) -> list[str]:
    """Some snapshots of Beijing whose disks have others."""
    found = ask(sandbox, "DescribeSnapshots", "ap-beijing", Limit=100)["SnapshotSet"]
    by_disk: dict[str, list[str]] = {}
    for each in found:
        by_disk.setdefault(each["DiskId"], []).append(each["SnapshotId"])
    return [ids[0] for ids in by_disk.values() if len(ids) > 1][:count]


def there(sandbox: Running, snapshot: str) -> bool:
    """Whether the cloud still lists a snapshot."""
    filters = [{"Name": "snapshot-id", "Values": [snapshot]}]
    return bool(ask(sandbox, "DescribeSnapshots", "ap-beijing", Filters=filters)["TotalCount"])


def request(people: People, file: Path, *words: str | Path, who: str = "alice") -> dict[str, Any]:
    """A request that its requester signed."""
    done = people.drkit(
        "gate", "request", file, "--reason", "ticket 4711", "--as", who, "--key", people.key(who),
        "--format", "json", *words,
    )  # fmt: skip
    assert done.status == 0, done.err
    found: dict[str, Any] = done.json["request"]
    return found


def approve(people: People, asked: dict[str, Any], *names: str) -> None:
    """Approved with plain ``ssh-keygen``, and filed by the command."""
    for name in names:
        signature = people.sign(name, Path(asked["path"]))
        done = people.drkit("gate", "approve", asked["id"], "--as", name, "--signature", signature)
        assert done.status == 0, done.err


def slip(people: People, path: Path, key: str, name: str = "", namespace: str = "approve@drkit") -> None:
    """A signature put among the approvals of a request past the command, which might not have taken it."""
    target = path.parent / "approvals" / f"{name or key}.sig"
    target.parent.mkdir(exist_ok=True)
    people.sign(key, path, namespace).replace(target)


@contextmanager
def broker(people: People, sandbox: Running, *words: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """A broker that listens, with the key pairs that it alone has: to destroy, and to look for itself."""
    process = start_broker(people, sandbox, *words, **options)
    assert process.stderr is not None
    line = process.stderr.readline()
    assert "listens" in line, line + process.stderr.read()
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=20)


def start_broker(
    people: People,
    sandbox: Running,
    *words: str,
    killed: tuple[str, str, int] | None = None,
    prefix: tuple[str, ...] = (),
    **more: str,
) -> subprocess.Popen[str]:
    """A broker's process, which may or may not come to listen.

    Args:
        people: whose broker it is.
        sandbox: where it destroys.
        words: its arguments; by default it lets this very user ask.
        killed: as in `killed.run`.
        prefix: words of a program that starts it.
        more: variables of its environment.
    """
    drkit = people.drkit
    said = ["broker", *(words or ("--same-user",))]
    command = drkit.command(*said, prefix=prefix)
    if killed:
        code = f"import sys; sys.path.insert(0, {str(ROOT / 'tests')!r}); import killed; killed.run({said!r}, *{killed!r})"
        command = [sys.executable, "-c", code]
    pairs = {"DESTROY": sandbox.key("drkit-broker"), "LOOK": sandbox.key("drkit-look")}
    environment = {name: value for name, value in drkit.environment.items() if "SECRET" not in name}
    for name, pair in pairs.items():
        environment |= {
            f"DRKIT_{name}_SECRET_ID": pair.secret_id,
            f"DRKIT_{name}_SECRET_KEY": pair.secret_key,
        }
    return subprocess.Popen(
        command,
        cwd=drkit.directory,
        env=environment | more,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


class Stranger:
    """A client that says to a broker whatever it likes."""

    def __init__(self, path: Path) -> None:
        self.connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.connection.settimeout(20)
        self.connection.connect(str(path))
        self._stream = self.connection.makefile("rb")

    def say(self, message: dict[str, Any] | bytes) -> dict[str, Any] | None:
        """What is answered; None where the broker hangs up."""
        raw = message if isinstance(message, bytes) else json.dumps(message).encode() + b"\n"
        # A broker that has hung up may have said why before.
        with suppress(BrokenPipeError, ConnectionResetError):
            self.connection.sendall(raw)
        try:
            line = self._stream.readline()
        except ConnectionResetError:
            line = b""
        return json.loads(line) if line else None

    def close(self) -> None:
        self._stream.close()
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


RUN = "20261122T000000Z-abcdef"


def begin(asked: dict[str, Any], file: Path, run: str = RUN, **changed: Any) -> dict[str, Any]:
    """The message by which a run asks for a licence, as an honest client sends it but for what is changed."""
    document = json.loads(Path(asked["path"]).read_bytes())
    return {
        "ask": "begin",
        "version": 1,
        "approval": asked["id"],
        "run": run,
        "slot": "2026-11-22T00:00:00Z",
        "playbook": file.read_text(),
        "actions": document.get("plan", {}).get("actions", []),
        **changed,
    }
