"""What destroys: refused without approval, signed by two others, carried out by the broker, refused again."""

from __future__ import annotations

from hashlib import sha256

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
