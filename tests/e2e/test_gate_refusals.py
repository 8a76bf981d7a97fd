"""Each reason for which an approval does not count, through the commands, and for two of them by the broker alone."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from gating import (
    People,
    Stranger,
    approve,
    begin,
    broker,
    playbook,
    request,
    slip,
    snapshots,
    there,
)

from drkit.sandbox.testing import Running

NO_APPROVAL = 5


def shown(people: People, asked: dict[str, Any]) -> list[str]:
    """How a request stands, as ``gate show`` tells it."""
    decision = people.drkit("gate", "show", asked["id"], "--format", "json").json["decision"]
    return [reason["refusal"] for reason in decision["reasons"]]


def refused(people: People, asked: dict[str, Any], file: Path, *refusals: str) -> None:
    """Neither run nor broker do it, and both say why."""
    done = people.drkit("run", "--yes", file)
    assert done.status == NO_APPROVAL, done
    with Stranger(people.socket) as stranger:
        answer = stranger.say(begin(asked, file))
    assert answer is not None
    for refusal in refusals:
        assert refusal in done.err
        assert refusal in answer["refused"]
    # The next case is about another request alone.
    shutil.rmtree(Path(asked["path"]).parent)


def test_what_does_not_count_is_refused_by_runner_and_broker_with_its_reason(  # noqa: PLR0915 - one sandbox for all
    people: People, sandbox: Running
) -> None:
    people.generate("mallory")
    people.generate("bob2")
    both = [people.public("bob"), people.public("bob2")]
    people.names = (*people.names, "root")
    people.generate("root")
    shutil.rmtree(people.roster)
    changed = {"bob": {"keys": both}, "root": {"roles": ["administrator", "requester"]}}
    people.pin = people.publish(people.staff(**changed))
    people.estate()
    [snapshot] = snapshots(sandbox)
    file = playbook(people, snapshot)

    def asked(**by: str) -> tuple[dict[str, Any], Path]:
        made = request(people, file, **by)
        return made, Path(made["path"])

    with broker(people, sandbox):
        one, path = asked()
        refused(people, one, file, "0 of 2 other people approved")

        one, path = asked()
        slip(people, path, "bob")
        slip(people, path, "mallory", "carol")
        refused(people, one, file, "unknown-key", "1 of 2 other people approved")

        one, path = asked()
        slip(people, path, "bob")
        slip(people, path, "bob2", "carol")
        refused(people, one, file, "duplicate", "1 of 2 other people approved")

        one, path = asked()
        slip(people, path, "alice")
        refused(people, one, file, "own-request")

        one, path = asked()
        slip(people, path, "bob")
        slip(people, path, "root")
        refused(people, one, file, "not-an-approver")

        one, path = asked()
        slip(people, path, "bob")
        slip(people, path, "carol", namespace="git")
        refused(people, one, file, "wrong-namespace")

        one, path = asked()
        _, other_path = asked()
        for name in ("bob", "carol"):
            slip(people, other_path, name)
            shutil.copytree(other_path.parent / "approvals", path.parent / "approvals", dirs_exist_ok=True)
        shutil.rmtree(other_path.parent)
        refused(people, one, file, "false-signature")

        for verb, who in (("deny", "dave"), ("withdraw", "alice")):
            one, path = asked()
            approve(people, one, "bob", "carol")
            assert people.drkit("gate", verb, one["id"], "--reason", "no", "--as", who).status == 0
            refused(people, one, file, {"deny": "denied", "withdraw": "withdrawn"}[verb], f"{who} on ")

        one, path = asked()
        approve(people, one, "bob", "carol")
        (path.parent / "request.sig").unlink()
        refused(people, one, file, "2 of 3 other people approved", "nothing proves that alice asked")

        one, path = asked()
        approve(people, one, "bob", "carol")
        path.write_bytes(path.read_bytes().replace(b'"approvals":2', b'"approvals":1'))
        refused(people, one, file, "")

        one, path = asked()
        approve(people, one, "bob", "carol")
        people.publish(people.staff(**changed, carol={"keys": []}))
        refused(people, one, file, "revoked-key")

        people.names = (*people.names, "erin")
        people.generate("erin")
        people.publish(people.staff(**changed))
        one, path = asked()
        slip(people, path, "bob")
        slip(people, path, "erin")
        refused(people, one, file, "new-person")
    assert there(sandbox, snapshot)


def test_what_counts_verifies_with_stock_ssh_keygen_by_the_signers_that_drkit_writes(
    people: People, sandbox: Running
) -> None:
    file = playbook(people, *snapshots(sandbox))
    one = request(people, file)
    approve(people, one, "bob", "carol")
    signers = people.drkit.directory / "allowed_signers"
    assert people.drkit("gate", "signers", "--output", signers).status == 0
    assert shown(people, one) == []
    for name in ("bob", "carol"):
        signature = Path(one["path"]).parent / "approvals" / f"{name}.sig"
        command = [
            "ssh-keygen",
            "-Y",
            "verify",
            "-f",
            str(signers),
            "-I",
            name,
            "-n",
            "approve@drkit",
            "-s",
            str(signature),
        ]
        done = subprocess.run(command, input=Path(one["path"]).read_bytes(), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr


def test_a_signature_that_would_not_count_is_not_even_filed(people: People, sandbox: Running) -> None:
    file = playbook(people, *snapshots(sandbox))
    one = request(people, file)
    for who, key, said in (
        ("alice", "alice", "own-request"),
        ("carol", "bob", "the key is bob's, and not carol's"),
        ("keeper1", "keeper1", "unknown-key"),
    ):
        done = people.drkit("gate", "approve", one["id"], "--as", who, "--key", people.key(key), "--yes")
        assert done.status == NO_APPROVAL, done
        assert said in done.err
    done = people.drkit("gate", "approve", one["id"], "--as", "bob")
    assert done.status == 2
    assert "ssh-keygen -Y sign" in done.err
    assert not (Path(one["path"]).parent / "approvals").exists()


def test_a_second_person_reads_first_what_would_go_and_the_inbox_stands_in_columns(
    people: People, sandbox: Running
) -> None:
    [snapshot] = snapshots(sandbox)
    file = playbook(people, snapshot)
    assert f"1 needs an approval: drkit gate request {file}" in people.drkit("plan", file).out
    assert people.drkit("gate", "inbox").out == "there is no open request\n"
    one = request(people, file)
    text = people.drkit("gate", "show", one["id"][:8]).out
    order = [
        text.index(word)
        for word in ("it would destroy", f"destroy {snapshot}", "why: ticket 4711", "asked by alice")
    ]
    assert order == sorted(order)

    request(people, file, "--standing", "--things", "5")
    people.drkit("gate", "deny", one["id"], "--reason", "no", "--as", "dave")
    head, *lines = people.drkit("gate", "inbox", "--all").out.splitlines()
    assert len(lines) == 2
    for name in ("state", "signed", "danger", "until", "by", "playbook", "reason"):
        at = head.index(name)
        assert all(line[at - 2 : at] == "  " and line[at] != " " for line in lines), name
    listed = people.drkit("gate", "inbox", "--all", "--format", "json").json
    assert {each["state"] for each in listed["requests"]} == {"denied", "open"}
    assert [each["kind"] for each in people.drkit("gate", "inbox", "--format", "json").json["requests"]] == [
        "standing"
    ]
    json.dumps(listed)


def test_mistakes_at_the_gate_are_told_with_what_helps(people: People, sandbox: Running) -> None:
    drkit, key = people.drkit, people.key
    file = playbook(people, *snapshots(sandbox))
    one = request(people, file)
    staff = drkit.directory / "staff.yaml"
    for words, status, said in (
        (("show", "zz"), 2, "is not the beginning of an id"),
        (("show", "0" * 64), 2, "no requests begin with"),
        (("request", file, "--reason", "x", "--as", "No One"), 2, "cannot be the name of a person"),
        (("request", file, "--reason", "x", "--as", "alice", "--lasts", "25h"), 2, "at most"),
        (("request", file, "--reason", "x", "--as", "alice", "--key", key("nosuch")), 2, "ssh-keygen did not sign"),
        (("approve", one["id"], "--as", "bob", "--signature", staff), 5, "not an armored SSH signature"),
        (("deny", one["id"], "--as", "dave", "--reason", "two\nlines"), 5, "cannot be filed"),
        (("roster", staff, "--to", people.roster), 5, "nothing changed"),
        (("roster", "--to", people.roster), 2, "write or sign what?"),
        (("roster", "--to", people.roster, "--key", key("bob")), 5, "is no key of the root"),
    ):  # fmt: skip
        done = drkit("gate", *words)
        assert done.status == status, (words, done)
        assert said in done.err, (words, done.err)
    assert people.drkit("gate", "deny", one["id"], "--as", "dave", "--reason", "no").status == 0
    again = people.drkit("gate", "deny", one["id"], "--as", "bob", "--reason", "no")
    assert "was answered before" in again.err
    people.estate(approvals={"roster": str(people.roster), "pin": "0" * 64})
    assert "not the pinned one" in people.drkit("gate", "signers").err
