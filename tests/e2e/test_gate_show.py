"""What issue 8 shows: each way to wipe the data directory is held; what another person agreed to runs once."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from gating import People, approve, broker

from drkit.sandbox.testing import Running


def test_every_way_to_wipe_the_data_is_held_and_a_harmless_clean_up_runs_once(
    people: People, sandbox: Running, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    (data / "scratch").mkdir(parents=True)
    (data / "orders.db").write_text("all orders")
    (data / "scratch" / "old").write_text("old")
    people.estate(
        gate={"protected": [str(data)], "scratch": [str(data / "scratch")]},
        approvals={"roster": str(people.roster), "pin": people.pin, "destroy": 1},
    )
    encoded = base64.b64encode(f"rm -rf {data}".encode()).decode()
    script = tmp_path / "clean.sh"
    script.write_text(f"cd {tmp_path}\nrm -rf data\n")
    held = {
        f"rm -rf {data}": "deletes",
        f"r''m -r'f' \"{data}\"": "deletes",
        f"echo {encoded} | base64 -d | sh": "opaque",
        f"find {data} -mindepth 1 -delete": "deletes",
        f"python3 -c 'import shutil; shutil.rmtree(\"{data}\")'": "python3 runs code",
        f"sh {script}": "",
        f"ssh db1 rm -rf {data}": "",
        "tccli cbs DeleteSnapshots --SnapshotIds '[\"snap-1\"]'": "DeleteSnapshots: destroys",
    }
    reasons = []
    for text, why in held.items():
        found = people.drkit("gate", "check", "--format", "json", "--", text)
        assert (found.status, found.json["answer"] in ("review", "deny")) == (5, True), text
        told = " ".join(f"{each['why']} [{each['rule']}]" for each in found.json["reasons"])
        assert why in told, (text, told)
        reasons.append(told)
    assert all(reasons)
    assert people.drkit("gate", "check", "--", f"rm -rf {data}/scratch/old").status == 0

    def ask(*words: str) -> dict[str, str]:
        done = people.drkit(
            "gate", "request", "--reason", "ticket 4711", "--as", "alice", "--key", people.key("alice"),
            "--format", "json", "--", *words,
        )  # fmt: skip
        assert done.status == 0, done.err
        found: dict[str, str] = done.json["request"]
        return found

    with broker(people, sandbox):
        worst = ask("rm", "-rf", str(data))
        said = people.drkit("gate", "deny", worst["id"], "--as", "bob", "--reason", "these are the orders")
        assert said.status == 0, said.err
        refused = people.drkit("gate", "run", worst["id"])
        assert (refused.status, "these are the orders" in refused.err) == (5, True), refused.err
        assert (data / "orders.db").read_text() == "all orders"

        harmless = ask("rm", "-v", str(data / "scratch" / "old"))
        own = people.drkit(
            "gate", "approve", harmless["id"], "--as", "alice", "--key", people.key("alice"), "--yes"
        )
        assert (own.status, "own-request" in own.err) == (5, True), own.err
        approve(people, harmless, "bob")
        done = people.drkit("gate", "run", harmless["id"])
        assert (done.status, "removed" in done.out) == (0, True), done.err
        (data / "scratch" / "old").write_text("it came back")
        again = people.drkit("gate", "run", harmless["id"])
        assert (again.status, "never carried out again" in again.err) == (5, True), again.err
        assert (data / "scratch" / "old").exists()
    log = people.drkit.directory / "state" / "broker" / "weimob" / "evidence" / "log.jsonl"
    kinds = [json.loads(line)["kind"] for line in log.read_text().splitlines()]
    assert kinds.count("action.intended") == 1
