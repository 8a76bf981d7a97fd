"""What destroys: refused without approval, signed by two others, carried out by the broker, refused again."""

from __future__ import annotations

import subprocess
from hashlib import sha256
from pathlib import Path
from shutil import rmtree

from gating import People, approve, broker, playbook, request, snapshots, there

from drkit.sandbox.testing import Running


def test_what_destroys_needs_two_others_and_the_broker_and_runs_once(
    people: People, sandbox: Running
) -> None:
    drkit = people.drkit
    [snapshot] = snapshots(sandbox)
    file = playbook(people, snapshot)

    refused = drkit("run", "--yes", file)
    assert refused.status == 5
    assert "nobody asked for an approval" in refused.err
    assert there(sandbox, snapshot)

    asked = request(people, file)
    approve(people, asked, "bob", "carol")
    with broker(people, sandbox):
        done = drkit("run", "--yes", file)
        assert done.status == 0, done.err + done.out
        assert not there(sandbox, snapshot)

        again = drkit("run", "--yes", file, "--format", "json")
        assert again.status == 0, again.err  # there is nothing left to remove
    shown = drkit("gate", "show", asked["id"], "--format", "json").json
    assert [each["refusal"] for each in shown["decision"]["reasons"]] == ["replayed"]


def test_a_plan_tells_in_plain_words_what_it_would_destroy_and_who_must_agree(
    people: People, sandbox: Running
) -> None:
    planned = people.drkit("plan", playbook(people, *snapshots(sandbox)))

    assert (planned.status, "1 needs an approval: drkit gate request" in planned.out) == (0, True)
    assert "shared no, " in planned.out
    assert not {"False", "True", "{"} & set(planned.out.replace(",", " ").split())


def test_an_exported_bundle_has_the_roster_by_which_approvals_are_judged(
    people: People, sandbox: Running
) -> None:
    file = playbook(people, *snapshots(sandbox))
    assert people.drkit("run", "--yes", file).status == 5
    (people.roster / "1" / "signatures" / "zoe.sig").symlink_to("/etc/hostname")
    assert people.drkit("evidence", "export", "--to", "bundle").status == 0
    kept = people.drkit.directory / "bundle" / "roster" / "1"
    assert sha256((kept / "roster.json").read_bytes()).hexdigest() == people.pin
    assert len(list((kept / "signatures").iterdir())) == 2


def test_an_exported_bundle_has_the_requests_that_were_used_and_stock_ssh_keygen_verifies_them(
    people: People, sandbox: Running
) -> None:
    file = playbook(people, *snapshots(sandbox))
    asked = request(people, file)
    approve(people, asked, "bob", "carol")
    unused = request(people, playbook(people, *snapshots(sandbox, 2), name="other"))
    with broker(people, sandbox):
        ran = people.drkit("run", "--yes", file, "--format", "json").json["runs"][0]["id"]

    for words in ((), ("--run", ran)):
        bundle = people.drkit.directory / f"bundle{len(words)}"
        assert people.drkit("evidence", "export", "--to", bundle, *words).status == 0
        place = bundle / "approvals" / asked["id"]
        assert sha256((place / "request.json").read_bytes()).hexdigest() == asked["id"]
        for name, other in (("bob", "carol"), ("carol", "bob")):
            assert verified(place, name, f"approvals/{name}.sig")
            assert not verified(place, other, f"approvals/{name}.sig")
        assert not (bundle / "approvals" / unused["id"]).exists()
        assert "approvals/" in (bundle / "manifest.sha256").read_text()


def verified(place: Path, person: str, signature: str) -> bool:
    """What an auditor does in a bundle, without drkit."""
    command = ["ssh-keygen", "-Y", "verify", "-f", "../allowed_signers", "-I", person, "-n", "approve@drkit"]
    with (place / "request.json").open("rb") as request_:
        done = subprocess.run(
            [*command, "-s", signature], cwd=place, stdin=request_, capture_output=True, check=False
        )
    return done.returncode == 0


def test_a_used_request_that_was_taken_away_is_said_and_the_bundle_is_not_whole(
    people: People, sandbox: Running
) -> None:
    file = playbook(people, *snapshots(sandbox))
    asked = request(people, file)
    approve(people, asked, "bob", "carol")
    with broker(people, sandbox):
        assert people.drkit("run", "--yes", file).status == 0
    rmtree(Path(asked["path"]).parent)

    done = people.drkit("evidence", "export", "--to", "bundle")

    assert (done.status, f"the request {asked['id'][:16]} that was used could not be read" in done.err) == (
        1,
        True,
    )
    assert asked["id"][:16] in (people.drkit.directory / "bundle" / "README.md").read_text()
