"""Commands: bound whole, approved by others, run once by the broker, and everything else refused."""

from __future__ import annotations

import json
import shlex
import signal
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from gating import People, Stranger, approve, broker, slip

from drkit.core.actions import action_from_data
from drkit.core.canonical import canonical, digest
from drkit.sandbox.testing import Running


@pytest.fixture
def place(people: People, tmp_path: Path) -> Path:
    """A data directory that the estate protects, with a file, and scratch within it."""
    data = tmp_path / "data"
    (data / "scratch").mkdir(parents=True)
    (data / "orders.db").write_text("all orders")
    (data / "scratch" / "old").write_text("old")
    people.estate(
        gate={"protected": [str(data)], "scratch": [str(data / "scratch")]},
        approvals={"roster": str(people.roster), "pin": people.pin, "destroy": 1, "disaster": 2},
    )
    return data


def ask(people: People, *words: str, options: tuple[str, ...] = (), who: str = "alice") -> dict[str, Any]:
    """A request for a command, signed by who asks."""
    done = people.drkit(
        "gate", "request", "--reason", "ticket 4711", "--as", who, "--key", people.key(who), "--format", "json",
        *options, "--", *words,
    )  # fmt: skip
    assert done.status == 0, done.err
    found: dict[str, Any] = done.json["request"]
    return found


def test_a_command_that_another_person_approved_runs_once_and_never_again(
    people: People, sandbox: Running, place: Path
) -> None:
    words = ("find", str(place / "scratch"), "-name", "old", "-print", "-delete")
    asked = ask(people, *words)
    with broker(people, sandbox):
        alone = people.drkit("gate", "run", asked["id"])
        assert (alone.status, "too-few" in alone.err) == (5, True)
        assert (place / "scratch" / "old").exists()
        approve(people, asked, "bob")

        done = people.drkit("gate", "run", "--", *words)
        assert (done.status, done.out) == (0, f"{place}/scratch/old\n"), done.err
        assert not (place / "scratch" / "old").exists()

        (place / "scratch" / "old").write_text("it came back")
        again = people.drkit("gate", "run", asked["id"])
        assert (again.status, "never carried out again" in again.err) == (5, True)
        assert (place / "scratch" / "old").exists()
        shown = people.drkit("gate", "output", asked["id"])
        assert (shown.status, shown.out) == (0, f"{place}/scratch/old\n")


def test_who_approves_sees_the_command_whole_with_the_gates_reasons_and_nothing_that_a_terminal_obeys(
    people: People, place: Path
) -> None:
    long = "x" * 100_000
    asked = ask(people, "printf", f"%s\x1b[2J{long}", str(place / "orders.db"))
    shown = people.drkit("gate", "show", asked["id"]).out
    assert long in shown
    assert "\x1b" not in shown
    assert "sha256" in shown
    assert "the gate says" in shown


def test_what_the_gate_denies_needs_security_keys_that_verify_who_touched_them(
    people: People, place: Path
) -> None:
    asked = ask(people, "rm", "-rf", "/usr/lib")
    assert json.loads(Path(asked["path"]).read_bytes())["danger"] == "disaster"
    signature = people.sign("bob", Path(asked["path"]))
    refused = people.drkit("gate", "approve", asked["id"], "--as", "bob", "--signature", signature)
    assert (refused.status, "on this machine" in refused.err) == (5, True), refused.err
    slip(people, Path(asked["path"]), "bob")
    assert "unverified-key" in people.drkit("gate", "show", asked["id"]).out


def test_a_program_or_a_file_that_was_changed_after_the_request_does_not_run(
    people: People, sandbox: Running, place: Path, tmp_path: Path
) -> None:
    program = tmp_path / "tool"
    program.write_text("#!/bin/sh\necho harmless\n")
    program.chmod(0o755)
    asked = ask(people, str(program))
    approve(people, asked, "bob")
    program.write_text(f"#!/bin/sh\nrm -rf {shlex.quote(str(place))}\n")
    with broker(people, sandbox):
        done = people.drkit("gate", "run", asked["id"])
    assert (done.status, "another file than the one that was approved" in done.err) == (3, True)
    assert (place / "orders.db").exists()


def test_a_script_runs_as_it_was_signed_whatever_became_of_its_file(
    people: People, sandbox: Running, place: Path, tmp_path: Path
) -> None:
    script = tmp_path / "clean.sh"
    script.write_text(f"cd {shlex.quote(str(place / 'scratch'))}\nls\nrm -- old\nexit 4\n")
    asked = ask(people, options=("--script", str(script)))
    approve(people, asked, "bob")
    script.write_text("echo somebody else\n")
    with broker(people, sandbox):
        done = people.drkit("gate", "run", asked["id"])
    assert (done.status, done.out) == (3, "old\n"), done.err
    assert "status 4" in done.err
    assert not (place / "scratch" / "old").exists()


def test_the_command_sees_no_variable_that_is_not_bound_and_no_secret_of_the_broker(
    people: People, sandbox: Running, place: Path
) -> None:
    asked = ask(people, "env", options=("--env", "COLOUR=blue"))
    approve(people, asked, "bob")
    with broker(people, sandbox):
        done = people.drkit("gate", "run", asked["id"])
    names = {line.partition("=")[0] for line in done.out.splitlines()}
    assert names == {"PATH", "LANG", "USER", "LOGNAME", "COLOUR"}, done.err


def test_a_command_outlives_the_broker_and_what_it_said_is_found_again(
    people: People, sandbox: Running, place: Path
) -> None:
    flag = place / "scratch" / "go"
    waits = f"echo begun; until [ -e {flag} ]; do sleep 0.05; done; echo ended"
    asked = ask(people, "sh", "-c", waits)
    approve(people, asked, "bob")
    with broker(people, sandbox) as process:
        client = people.drkit.start("gate", "run", asked["id"])
        assert client.stdout is not None
        assert client.stdout.readline().strip() == "begun"
        process.send_signal(signal.SIGKILL)
        process.wait()
    client.communicate(timeout=20)
    flag.touch()
    with broker(people, sandbox):
        ends = time.monotonic() + 20
        while (done := people.drkit("gate", "output", asked["id"])).status != 0 and time.monotonic() < ends:
            pass
    assert (done.status, done.out) == (0, "begun\nended\n"), done.err


def test_what_cannot_be_recorded_is_not_begun(people: People, sandbox: Running, place: Path) -> None:
    asked = ask(people, "rm", str(place / "scratch" / "old"))
    approve(people, asked, "bob")
    keys = people.drkit.directory / "state" / "broker" / "weimob" / "recording-keys"
    with broker(people, sandbox):
        keys.write_text("in the way")
        done = people.drkit("gate", "run", asked["id"])
    assert (done.status, "could not be recorded" in done.err) == (3, True)
    assert (place / "scratch" / "old").exists()


def test_breaking_the_glass_needs_one_other_person_and_lasts_an_hour(
    people: People, sandbox: Running, place: Path
) -> None:
    told = people.drkit.directory / "told"
    people.estate(
        approvals={"roster": str(people.roster), "pin": people.pin, "destroy": 3},
        notify=[{"command": ["/usr/bin/tee", "-a", str(told)]}],
    )
    asked = ask(people, "sh", "-c", "echo mended", options=("--break-glass",))
    document = json.loads(Path(asked["path"]).read_bytes())
    assert document["approvals"] == 1
    approve(people, asked, "bob")
    with broker(people, sandbox):
        early = review(people, asked, "carol")
        assert (early.status, "no glass was broken" in early.err) == (5, True), early.err
        done = people.drkit("gate", "run", asked["id"])
        assert (done.status, done.out) == (0, "mended\n"), done.err
        message = json.loads(told.read_text())
        assert (message["kind"], message["requester"], message["approvers"]) == (
            "glass.broken",
            "alice",
            ["bob"],
        )
        open_ = people.drkit("gate", "report", "--format", "json")
        assert (open_.status, [each["id"] for each in open_.json["findings"]]) == (3, ["gate/unreviewed"])
        for involved in ("alice", "bob"):
            refused = review(people, asked, involved)
            assert (refused.status, "cannot review it" in refused.err) == (5, True), refused.err
        borrowed = people.drkit(
            "gate", "review", asked["id"], "--as", "carol", "--key", people.key("bob"), "--reason", "fine"
        )
        assert (borrowed.status, "bob's" in borrowed.err) == (5, True), borrowed.err
        assert review(people, asked, "carol").status == 0
        closed = people.drkit("gate", "report", "--format", "json", "--bastion", "production")
        assert (closed.status, closed.json["findings"]) == (0, []), closed.err
        [glass] = closed.json["report"]["broken_glass"]
        assert glass["review"] == "carol: it was so"
        counts = {each["name"]: each for each in closed.json["report"]["people"]}
        assert (counts["alice"]["asked"], counts["alice"]["carried_out"], counts["alice"]["broke_glass"]) == (
            1,
            1,
            1,
        )
        assert (counts["bob"]["approved"], counts["carol"]["reviewed"]) == (1, 1)
        assert (
            counts["wang.wei"]["sessions"],
            counts["wang.wei"]["typed"],
            counts["wang.wei"]["blocked"],
        ) == (2, 4, 2)
        page = people.drkit("gate", "report", "--format", "html", "--language", "zh").out
        assert "carol: it was so" in page
        assert "紧急破例" in page
        again = review(people, asked, "dave")
        assert (again.status, "carol has reviewed" in again.err) == (5, True), again.err
    long = people.drkit(
        "gate", "request", "--reason", "x", "--break-glass", "--lasts", "2h", "--as", "alice", "--", "true"
    )
    assert long.status == 2


def review(people: People, asked: dict[str, Any], who: str) -> Any:
    """A word on a command that broke the glass."""
    return people.drkit(
        "gate", "review", asked["id"], "--as", who, "--key", people.key(who), "--reason", "it was so"
    )


def test_a_report_without_the_brokers_evidence_is_unknown_and_never_green(people: People) -> None:
    told = people.drkit("gate", "report", "--format", "json")
    assert (told.status, told.json["verdict"]) == (1, "unknown")
    assert "the broker's evidence" in told.json["reason"]


def test_the_glass_is_not_broken_where_nobody_would_be_told(people: People) -> None:
    asked = people.drkit("gate", "request", "--reason", "x", "--break-glass", "--as", "alice", "--", "true")
    assert (asked.status, "nobody would be told" in asked.err) == (2, True)


def test_a_requester_cannot_approve_his_own_command(people: People, place: Path) -> None:
    asked = ask(people, "rm", str(place / "scratch" / "old"))
    signature = people.sign("alice", Path(asked["path"]))
    refused = people.drkit("gate", "approve", asked["id"], "--as", "alice", "--signature", signature)
    assert (refused.status, "own-request" in refused.err) == (5, True)


def forged(people: People, asked: dict[str, Any], **arguments: Any) -> Path:
    """A request like another one, but for some arguments of its command, approved by bob."""
    data = json.loads(Path(asked["path"]).read_bytes())
    [action] = data["plan"]["actions"]
    action["arguments"] |= arguments
    words = action["arguments"]["verdict"]["reasons"]
    action["reason"] = "; ".join(each["why"] for each in words)[:500] or "asked for by hand"
    action["key"] = action_from_data({**action, "key": key_of(action)}).key
    data["plan"]["fingerprint"] = digest(data["plan"]["actions"])
    data["playbook"]["sha256"] = digest(action["arguments"])
    raw = canonical(data)
    path = Path(asked["path"]).parent.parent / sha256(raw).hexdigest() / "request.json"
    path.parent.mkdir()
    path.write_bytes(raw)
    (path.parent / "request.sig").write_bytes(people.sign("alice", path, "request@drkit").read_bytes())
    slip(people, path, "bob")
    return path


def key_of(action: dict[str, Any]) -> str:
    """What `Action.key` says, by its own definition."""
    fields = [action[name] for name in ("verb", "account", "region", "target", "arguments")]
    return digest(fields)[:24]


def test_a_forged_judgement_is_neither_approved_nor_run(
    people: People, sandbox: Running, place: Path
) -> None:
    asked = ask(people, "sh", "-c", f"rm {place}/orders.db")
    path = forged(people, asked, verdict={"verdict": "allow", "reasons": []})
    with broker(people, sandbox):
        done = people.drkit("gate", "run", path.parent.name)
    assert (done.status, "the gate says otherwise here" in done.err) == (5, True), done.err
    assert "the gate says otherwise here" in people.drkit("gate", "show", path.parent.name).out
    again = people.drkit(
        "gate", "approve", path.parent.name, "--as", "carol", "--key", people.key("carol"), "--yes"
    )
    assert (again.status, "the gate says otherwise here" in again.err) == (5, True), again.err
    assert (place / "orders.db").exists()


def test_whatever_escapes_into_a_session_of_its_own_ends_with_the_command(
    people: People, sandbox: Running, place: Path
) -> None:
    mark = place / "scratch" / "mark"
    escapes = (
        f"setsid sh -c 'while :; do touch {mark}; sleep 0.05; done' >/dev/null 2>&1 & sleep 0.5; echo over"
    )
    asked = ask(people, "bash", "-c", escapes)
    approve(people, asked, "bob")
    with broker(people, sandbox):
        done = people.drkit("gate", "run", asked["id"])
    assert (done.status, done.out) == (0, "over\n"), done.err
    assert mark.exists()
    mark.unlink()
    time.sleep(0.3)
    assert not mark.exists()


def test_a_command_that_says_more_than_is_kept_or_lasts_too_long_is_ended_and_never_passes(
    people: People, sandbox: Running, place: Path
) -> None:
    asked = ask(people, "sh", "-c", "trap 'exit 0' TERM; sleep 60 & wait", options=("--timeout", "1s"))
    approve(people, asked, "bob")
    with broker(people, sandbox):
        done = people.drkit("gate", "run", asked["id"])
    assert (done.status, "its time was up" in done.err) == (3, True), done.err


def test_a_recording_whose_key_is_erased_tells_nothing_and_leaves_its_hash(
    people: People, sandbox: Running, place: Path
) -> None:
    asked = ask(people, "echo", "a password")
    approve(people, asked, "bob")
    with broker(people, sandbox):
        assert people.drkit("gate", "run", asked["id"]).out == "a password\n"
        busy = people.drkit("gate", "erase", asked["id"], "--reason", "a password", "--as", "carol")
        assert busy.status == 6, busy.err
    done = people.drkit("gate", "erase", asked["id"], "--reason", "a password", "--as", "carol")
    assert done.status == 0, done.err
    with broker(people, sandbox):
        gone = people.drkit("gate", "output", asked["id"])
    assert (gone.status, "erased" in gone.err) == (1, True), gone.err
    log = people.drkit.directory / "state" / "broker" / "weimob" / "evidence" / "log.jsonl"
    kinds = [json.loads(line)["kind"] for line in log.read_text().splitlines()]
    assert "recording.erased" in kinds


def test_a_disk_that_is_full_keeps_a_command_from_beginning_or_ends_it(
    people: People, sandbox: Running, place: Path
) -> None:
    mark = place / "scratch" / "mark"
    for bytes_, status, told in ((524_288, 3, "could not be recorded"), (1_500_000, 1, "recorded any more")):
        asked = ask(people, "sh", "-c", f"head -c 3000000 /dev/zero; sleep 1; touch {mark}")
        approve(people, asked, "bob")
        with broker(people, sandbox, prefix=("prlimit", f"--fsize={bytes_}")):
            done = people.drkit("gate", "run", asked["id"])
        assert (done.status, told in done.err) == (status, True), done.err
        assert not mark.exists()


def test_two_who_run_it_at_once_see_it_run_once(people: People, sandbox: Running, place: Path) -> None:
    ran = place / "scratch" / "ran"
    asked = ask(people, "sh", "-c", f"echo ran >> {ran}; sleep 1; echo over")
    approve(people, asked, "bob")
    with broker(people, sandbox):
        clients = [people.drkit.start("gate", "run", asked["id"]) for _ in range(2)]
        told = [client.communicate(timeout=30) for client in clients]
    assert ran.read_text() == "ran\n"
    assert all(client.returncode in (0, 5) for client in clients), told
    assert any(out == "over\n" for out, _ in told)


def test_whatever_a_client_says_is_answered_and_begins_nothing(
    people: People, sandbox: Running, place: Path
) -> None:
    asked = ask(people, "rm", str(place / "orders.db"))
    strange: list[Any] = [None, 0, -1, 2**70, 1.5, "x", [], {}, "/etc/passwd", "f" * 64, asked["id"].upper()]
    with broker(people, sandbox):
        for ask_ in ("command", "output", "describe", "review"):
            for value in strange:
                for name in ("approval", "host", "names", "review", "signature", "version"):
                    message = {
                        "ask": ask_,
                        "version": 1,
                        "approval": asked["id"],
                        "number": value,
                        "at": value,
                    }
                    with Stranger(people.socket) as stranger:
                        answer = stranger.say({**message, name: value})
                    assert answer is not None, (ask_, name, value)
                    assert {"refused", "error"} & set(answer), (ask_, name, value, answer)
    assert (place / "orders.db").exists()


def test_a_highest_class_is_not_hidden_by_another_shell_a_variable_or_a_lying_name(
    people: People, place: Path, tmp_path: Path
) -> None:
    script = tmp_path / "wipe.sh"
    script.write_text("rm -rf /usr/lib\n")
    for words in (("bash",), ("bash", "-x"), ("sh", "-e"), ("env", "bash")):
        asked = ask(people, *words, options=("--script", str(script)))
        assert json.loads(Path(asked["path"]).read_bytes())["danger"] == "disaster", words
    (tmp_path / "harmless").symlink_to("/usr/bin/rm")
    asked = ask(people, str(tmp_path / "harmless"), "-rf", "/usr/lib")
    assert json.loads(Path(asked["path"]).read_bytes())["danger"] == "disaster"
    asked = ask(people, "true", options=("--env", "PATH=/tmp/evil"))
    assert "PATH decides which programs run" in people.drkit("gate", "show", asked["id"]).out


def test_what_nobody_could_read_or_run_is_not_even_asked_for(people: People) -> None:
    cases: list[tuple[tuple[str, ...], str, str]] = [
        ((), "\udcff", "not UTF-8"),
        (("--env", "A=\udcff"), "x", "not UTF-8"),
        ((), "x" * 1_100_000, "more than"),
        (("--script", "/dev/zero"), "x", "more than"),
        (("--user", "Bad User"), "x", "no command runs as"),
        (("--timeout", "48h"), "x", "a day at most"),
        (("--env", "A B=1"), "x", "NAME=VALUE"),
    ]
    for options, word, told in cases:
        done = people.drkit("gate", "request", "--reason", "x", "--as", "alice", *options, "--", "bash", word)
        assert (done.status, told in done.err) == (2, True), done.err
