"""``drkit undo``, and ``after_crash: undo``: what a run made and does not keep is removed, and all of it is told."""

from __future__ import annotations

import signal

import pytest
from helpers import Drkit, snapshots_named
from scratching import FULL, TAKE, Scene

from drkit.sandbox.testing import Running


@pytest.fixture
def scene(cloud: Drkit, sandbox: Running) -> Scene:
    made = Scene(cloud, sandbox)
    made.take()
    return made


def runs_of(scene: Scene, playbook: str = "full") -> list[dict[str, object]]:
    runs = scene.drkit("history", "--format", "json").json["runs"]
    return [run for run in runs if run["playbook"] == playbook]


def test_scratch_that_a_run_left_behind_is_named_and_undo_removes_it_and_keeps_the_copy(
    scene: Scene,
) -> None:
    ran = scene.drkit("run", "--yes", scene.full())
    (run,) = runs_of(scene)
    (scratch,) = [disk["DiskId"] for disk in scene.disks()]

    with scene.broker():
        undone = scene.drkit("undo", "--yes", str(run["id"]), "--format", "json")

    assert (ran.status, f"left behind: {scratch}" in ran.out, scratch in ran.err) == (7, True, True)
    assert run["left"] == [scratch]
    assert (undone.status, undone.json["removed"], undone.json["left"]) == (0, [scratch], [])
    assert scene.disks() == []
    (copy,) = snapshots_named(scene.sandbox, "drkit-full-")
    (run,) = runs_of(scene)
    assert (run["kept"], run["removed"], run["left"]) == ([copy["SnapshotId"]], [scratch], [])
    assert (run["state"], run["verdict"]) == ("ended", "pass")
    assert scene.drkit("sweep").status == 0


def test_without_a_broker_what_cannot_be_removed_is_listed(scene: Scene) -> None:
    scene.estate(broker=None)
    ran = scene.drkit("run", "--yes", scene.full())
    assert ran.status == 7, ran.out + ran.err
    (run,) = runs_of(scene)

    undone = scene.drkit("undo", "--yes", str(run["id"]))

    assert (undone.status, "left behind" in undone.out, "there is no broker" in undone.out) == (7, True, True)
    assert len(scene.disks()) == 1


def test_where_the_estate_declares_no_scratch_the_rule_keeps_it_and_says_why(scene: Scene) -> None:
    scene.estate(scratch=None)
    with scene.broker():
        ran = scene.drkit("run", "--yes", scene.full())
        (run,) = runs_of(scene)
        undone = scene.drkit("undo", "--yes", str(run["id"]), "--format", "json")

    assert (ran.status, undone.status, len(scene.disks())) == (7, 7, 1)
    assert "declares no scratch" in undone.json["left"][0]["why"]


def test_a_run_that_keeps_all_that_it_made_has_nothing_to_undo(scene: Scene) -> None:
    (run,) = runs_of(scene, "take")

    undone = scene.drkit("undo", "--yes", str(run["id"]), "--format", "json")

    assert (undone.status, undone.json["removed"], undone.json["left"]) == (0, [], [])
    assert undone.json["kept"] == run["kept"] == run["created"]
    assert runs_of(scene, "take")[0]["verdict"] == "pass"


def test_undone_twice_nothing_is_removed_twice(scene: Scene) -> None:
    scene.drkit("run", "--yes", scene.full())
    (run,) = runs_of(scene)
    with scene.broker():
        first = scene.drkit("undo", "--yes", str(run["id"]), "--format", "json").json["removed"]
        again = scene.drkit("undo", "--yes", str(run["id"]), "--format", "json")

    assert (again.status, again.json["removed"]) == (0, first)
    assert runs_of(scene)[0]["removed"] == first


def test_a_run_that_was_broken_off_is_ended_as_undone_and_its_snapshots_are_listed(scene: Scene) -> None:
    other = TAKE.replace("playbook: take", "playbook: other")
    killed = scene.drkit.killed("journal", "after", 7, "run", "--yes", scene.drkit.write("other.yaml", other))
    assert killed.status == -signal.SIGKILL
    (run,) = runs_of(scene, "other")

    undone = scene.drkit("undo", "--yes", str(run["id"]), "--format", "json")

    made = snapshots_named(scene.sandbox, "drkit-other-")
    assert undone.status == 7
    assert {each["id"] for each in undone.json["left"]} == {each["SnapshotId"] for each in made}
    assert made
    assert all("needs an approval" in each["why"] for each in undone.json["left"])
    (run,) = runs_of(scene, "other")
    assert (run["state"], run["verdict"], run["kept"]) == ("undone", "unknown", [])
    assert scene.drkit("recover", "--yes").out == "every run has ended: there is nothing to take up\n"


def test_a_plan_says_what_recover_would_do(scene: Scene) -> None:
    for word in ("resume", "undo"):
        planned = scene.drkit("plan", scene.full(word))
        as_data = scene.drkit("plan", scene.full(word), "--format", "json").json

        assert f"after a crash: {word}" in planned.out
        assert as_data["plans"][0]["after_crash"] == word


def test_a_playbook_resumes_unless_it_says_otherwise(scene: Scene) -> None:
    plain = scene.drkit.write("plain.yaml", FULL.replace("after_crash: %s\n", ""))

    assert scene.drkit("plan", plain, "--format", "json").json["plans"][0]["after_crash"] == "resume"
    wrong = scene.drkit("check", scene.drkit.write("wrong.yaml", FULL % "retry"))
    assert (wrong.status, "wrong.yaml:3" in wrong.err) == (2, True)


@pytest.mark.parametrize("point", [4, 6, 7, 8, 9, 10])
def test_a_run_that_was_broken_off_is_torn_down_where_its_playbook_says_so(scene: Scene, point: int) -> None:
    scene.sandbox.create_in(0)
    killed = scene.drkit.killed("journal", "after", point, "run", "--yes", scene.full("undo"))
    assert killed.status == -signal.SIGKILL

    with scene.broker():
        recovered = scene.drkit("recover", "--yes", "--format", "json")

    copies = [each["SnapshotId"] for each in snapshots_named(scene.sandbox, "drkit-full-")]
    (run,) = runs_of(scene)
    assert scene.disks() == []
    assert (run["state"], run["verdict"]) == ("undone", "unknown")
    # A copy that was begun is no scratch: nobody removes it without an approval, and it is named.
    assert run["left"] == copies
    assert recovered.status == (7 if copies else 1)
    entries = scene.entries()
    assert "run.undone" in {entry["kind"] for entry in entries}
    assert {entry["run"] for entry in entries if entry["kind"] == "run.undone"} == {run["id"]}


def test_a_run_that_is_suspended_goes_on_whatever_its_playbook_says_of_crashes(scene: Scene) -> None:
    scene.sandbox.create_in(600)
    with scene.broker():
        suspended = scene.drkit("run", "--yes", "--wait", "5s", scene.full("undo"))
        scene.sandbox.control("POST", "finish-snapshots")
        recovered = scene.drkit("recover", "--yes")

    assert (suspended.status, recovered.status) == (1, 0), recovered.out + recovered.err
    (run,) = runs_of(scene)
    assert (run["state"], run["verdict"], run["left"]) == ("ended", "pass", [])
    assert scene.disks() == []


@pytest.mark.parametrize(("words", "why"), [(("nothing",), "there is no run"), (("2",), "runs begin with")])
def test_a_run_that_cannot_be_told_is_a_usage_error(scene: Scene, words: tuple[str], why: str) -> None:
    scene.drkit("run", "--yes", scene.full())

    undone = scene.drkit("undo", "--yes", *words)

    assert (undone.status, why in undone.err) == (2, True)


def test_nothing_is_undone_without_consent(scene: Scene) -> None:
    scene.drkit("run", "--yes", scene.full())
    (run,) = runs_of(scene)

    undone = scene.drkit("undo", str(run["id"]))

    assert (undone.status, len(scene.disks())) == (2, 1)
