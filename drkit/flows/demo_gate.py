"""The demo's act of the second person: a deletion that nobody approved, two who agree, and the broker that does it."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from drkit.core import exits
from drkit.core.errors import DrkitError

if TYPE_CHECKING:
    from drkit.flows.demo import Stage

KEEPERS, PEOPLE = ("keeper1", "keeper2"), ("zhao", "wang", "li")
REMOVE = "dr/playbooks/remove.yaml"
PLAYBOOK = """\
playbook: remove
schedule: {{every: day}}
steps:
  - uses: snapshots.remove
    with:
      account: production
      region: {region}
      snapshots: [{snapshot}]
      reason: taken by mistake
      last_one: allow
"""
ESTATE = """\
estate: weimob
accounts:
  production:
    cloud: tencent
    account: "100000000001"
    environment: production
    regions: [ap-beijing, ap-shanghai]
    credentials: {{look: DRKIT_LOOK, make: DRKIT_MAKE, destroy: DRKIT_DESTROY}}
    destroy_role: qcs::cam::uin/100000000001:roleName/drkit-destroy
approvals: {{roster: "{directory}/roster", pin: {pin}, requests: "{directory}/requests", destroy: 2}}
broker: {{socket: "{directory}/broker.sock"}}
gate: {{protected: ["{directory}/data"], scratch: ["{directory}/data/scratch"]}}
"""


def play_gate(stage: Stage) -> None:
    """Refused; asked for; approved by two others with SSH keys; carried out by the broker; used up.

    Raises:
        DrkitError: an act did not end as it should.
    """
    from drkit.flows.demo import Act

    _prepare(stage)
    run = ("run", "--yes", REMOVE)
    stage.play(Act("Delete a snapshot: nobody can do that alone", run, exits.APPROVAL, 2))
    asked = ("gate", "request", REMOVE, "--reason", "taken by mistake", "--as", "zhao", "--key", "keys/zhao")
    stage.play(Act("Zhao asks for it; what is signed is exactly this plan", asked, exits.OK, 3))
    [request] = json.loads(stage.drkit("gate", "inbox", "--format", "json").stdout)["requests"]
    for name in ("wang", "li"):
        words = ("gate", "approve", request["id"][:16], "--as", name, "--key", f"keys/{name}", "--yes")
        stage.play(Act(f"{name.capitalize()} agrees, with an SSH key", words, exits.OK, 2))
    with _broker(stage):
        stage.play(Act("The broker carries it out", run, exits.OK, 3))
        shown = ("gate", "show", request["id"][:16])
        stage.play(Act("The approval is used up", shown, exits.OK, 2, first=-2))
        _play_command(stage)


def _play_command(stage: Stage) -> None:
    """A command that the gate holds; and a clean-up that two others agree to, which runs once."""
    from drkit.flows.demo import Act

    (stage.directory / "data" / "scratch").mkdir(parents=True)
    old = stage.directory / "data" / "scratch" / "old.dump"
    old.write_text("old")
    encoded = base64.b64encode(b"rm -rf data").decode()
    held = ("gate", "check", "--cwd", str(stage.directory), "--")
    stage.play(Act("Wipe the data: held", (*held, "r''m -rf data"), exits.APPROVAL, 2))
    stage.play(
        Act("The same, disguised: held", (*held, f"echo {encoded} | base64 -d | sh"), exits.APPROVAL, 2)
    )
    asked = ("gate", "request", "--reason", "ticket 4711", "--as", "zhao", "--key", "keys/zhao")
    clean = ("--account", "production", "--", "rm", "-v", str(old))
    stage.play(
        Act(
            "Zhao asks for a clean-up: program, place and user are bound",
            (*asked, *clean),
            exits.OK,
            4,
        )
    )
    [request] = json.loads(stage.drkit("gate", "inbox", "--format", "json").stdout)["requests"]
    for name in ("wang", "li"):
        stage.drkit("gate", "approve", request["id"], "--as", name, "--key", f"keys/{name}", "--yes")
    run = ("gate", "run", request["id"][:16])
    stage.play(Act("Wang and Li agree, and the broker runs exactly that", run, exits.OK, 3))
    stage.play(Act("Once, and never again", run, exits.APPROVAL, 2))


def _prepare(stage: Stage) -> None:
    """Throw-away keys, a roster that two keepers signed, an estate that pins it, and a playbook."""
    place = stage.directory
    for name in ("keys", "requests"):
        (place / name).mkdir()
    for name in (*KEEPERS, *PEOPLE):
        _call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(place / "keys" / name))
    root = [(place / "keys" / f"{name}.pub").read_text().strip() for name in KEEPERS]
    people = [
        {
            "name": name,
            "keys": [(place / "keys" / f"{name}.pub").read_text().strip()],
            "roles": ["requester", "approver"],
            "trained_until": "2099-01-01",
        }
        for name in PEOPLE
    ]
    (place / "people.yaml").write_text(json.dumps({"root": {"keys": root, "approvals": 2}, "people": people}))
    first, second = (("--key", f"keys/{name}", "--to", "roster", "--format", "json") for name in KEEPERS)
    made = stage.drkit("gate", "roster", "people.yaml", *first)
    stage.drkit("gate", "roster", *second)
    estate = place / "dr" / "gate.yaml"
    estate.write_text(ESTATE.format(directory=place, pin=json.loads(made.stdout)["digest"]))
    stage.environment["DRKIT_ESTATE"] = str(estate)
    region, snapshot = next(
        _taken(Path(stage.environment["DRKIT_STATE"]) / "weimob" / "evidence" / "log.jsonl")
    )
    (place / REMOVE).write_text(PLAYBOOK.format(region=region, snapshot=snapshot))


def _taken(log: Path) -> Iterator[tuple[str, str]]:
    """Region and id of each snapshot that the demo took."""
    regions: dict[str, str] = {}
    for line in log.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if entry["kind"] == "action.intended":
            regions[entry["action"]["key"]] = entry["action"]["region"]
        elif entry["kind"] == "action.settled" and entry.get("created"):
            yield regions[entry["key"]], entry["created"]


def _call(*words: str) -> None:
    try:
        subprocess.run(words, check=True, stdin=subprocess.DEVNULL, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise DrkitError(
            f"{words[0]} did not do its part: {error}", hint="install the OpenSSH client"
        ) from None


@contextmanager
def _broker(stage: Stage) -> Iterator[None]:
    """A broker beside the demo; it alone has the key pair that may assume the role."""
    said = json.loads(stage.drkit("sandbox", "env", "--power", "destroy", "--format", "json").stdout)
    own = {name: value for name, value in stage.environment.items() if "SECRET" not in name}
    print(
        "\n# Another process, which alone holds the power to destroy\n$ drkit broker --same-user", flush=True
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "drkit", "broker", "--same-user"],
        cwd=stage.directory,
        env=own | said["environment"],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    print(process.stderr.readline().rstrip())
    try:
        yield
    finally:
        process.terminate()
        process.communicate()
