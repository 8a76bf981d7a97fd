"""Evidence off the host, through the command line: keys, sending, verification, bundles."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from helpers import ROOT, SMALL, Drkit, Ran, bare_environment

from drkit.core.evidence import keys
from drkit.core.evidence.log import EvidenceLog
from drkit.sandbox.testing import Running


@dataclass(frozen=True, slots=True)
class Estate:
    """An estate with a log of twelve entries in three runs, checkpoints at 4, 8, 12, all kept outside."""

    drkit: Drkit
    state: Path
    outside: Path
    key: Path

    @property
    def evidence(self) -> Path:
        return self.state / "evidence"

    @property
    def log(self) -> Path:
        return self.evidence / "log.jsonl"

    def append(self, first: int = 0, count: int = 4) -> None:
        with EvidenceLog.open(self.evidence, keys.load(self.state / "keys")) as log:
            log.extend(
                {"kind": "action", "run": f"run{number // 4}", "number": number}
                for number in range(first, first + count)
            )

    def verify(self, *words: str | Path) -> Ran:
        return self.drkit("evidence", "verify", "--key", self.key, "--format", "json", *words)


def with_outside(text: str, outside: Path) -> str:
    return f"{text}\nevidence:\n  outside:\n    - directory: {outside}\n"


def open_estate(drkit: Drkit) -> Estate:
    outside = drkit.directory / "outside"
    drkit.write("estate.yaml", with_outside((ROOT / "configs" / "estate.yaml").read_text(), outside))
    return Estate(drkit, drkit.directory / "state" / "my-estate", outside, drkit.directory / "verifier-key")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the estate of each test is a copy of."""
    home = tmp_path_factory.mktemp("template")
    drkit = Drkit(home, bare_environment(home) | {"DRKIT_STATE": str(home / "state")})
    made = open_estate(drkit)
    made.outside.mkdir()
    assert drkit("evidence", "keygen", "--output", made.key).status == 0
    for first in (0, 4, 8):
        made.append(first)
        assert drkit("evidence", "checkpoint").status == 0
    return home


@pytest.fixture
def estate(drkit: Drkit, template: Path) -> Estate:
    shutil.copytree(template, drkit.directory, dirs_exist_ok=True)
    made = open_estate(drkit)
    (made.evidence / "sent").write_text(f'{{"{made.outside}":12}}\n')
    return made


def checks(ran: Ran) -> set[str]:
    return {finding["id"] for finding in ran.json["findings"]}


# Keys


def test_keygen_prints_the_verifier_key_that_runs_then_sign_with(drkit: Drkit) -> None:
    drkit.write("estate.yaml", (ROOT / "configs" / "estate.yaml").read_text())
    made = drkit("evidence", "keygen")
    pair = drkit.directory / "state" / "my-estate" / "keys"
    assert made.status == 0
    assert made.out == (pair / "verifier-key").read_text()
    assert str(pair) in made.err
    assert (pair / "private-key.pem").stat().st_mode & 0o077 == 0
    assert "PRIVATE" not in made.out + made.err


def test_keygen_never_overwrites_a_key(drkit: Drkit) -> None:
    drkit.write("estate.yaml", (ROOT / "configs" / "estate.yaml").read_text())
    first = drkit("evidence", "keygen", "--to", "pair").out
    again = drkit("evidence", "keygen", "--to", "pair")
    assert (again.status, again.out) == (2, "")
    assert "not overwritten" in again.err
    assert (drkit.directory / "pair" / "verifier-key").read_text() == first


def test_no_key_is_made_whose_public_half_cannot_be_written_where_it_is_wanted(drkit: Drkit) -> None:
    drkit.write("estate.yaml", (ROOT / "configs" / "estate.yaml").read_text())
    assert drkit("evidence", "keygen", "--output", "absent/verifier-key").status == 2
    assert not (drkit.directory / "state").exists()


def test_keygen_as_json_has_the_shape_of_every_result(drkit: Drkit) -> None:
    drkit.write("estate.yaml", (ROOT / "configs" / "estate.yaml").read_text())
    made = drkit("evidence", "keygen", "--format", "json")
    assert made.json["verdict"] == "pass"
    assert made.json["key"].startswith("drkit/my-estate+")


# Verification, with the estate's outside and without


def test_the_estates_own_outside_proves_the_log(estate: Estate) -> None:
    ran = estate.verify()
    assert (ran.status, ran.json["verdict"]) == (0, "pass")
    assert ran.json["summary"]["covered_outside"] == 12
    assert ran.json["summary"]["outside"] == [str(estate.outside)]


def test_without_an_outside_it_is_self_signed_only(estate: Estate) -> None:
    ran = estate.verify(estate.evidence)
    assert (ran.status, ran.json["verdict"]) == (1, "unknown")
    assert "self-signed only" in ran.json["reason"]


def test_an_outside_that_cannot_be_read_is_something_that_was_not_checked(estate: Estate) -> None:
    estate.outside.rename(estate.outside.with_name("away"))
    ran = estate.verify()
    assert (ran.status, ran.json["verdict"]) == (1, "unknown")
    assert checks(ran) == {"evidence.unreadable", "evidence.self-signed"}


def test_an_outside_may_be_named_as_it_stands_in_the_estate(estate: Estate) -> None:
    assert estate.verify(estate.evidence, "--outside", estate.outside).status == 0
    assert estate.verify(estate.evidence, "--outside", next(estate.outside.iterdir())).status == 0


def flip(estate: Estate) -> None:
    content = estate.log.read_bytes()
    estate.log.write_bytes(content.replace(b'"number":5', b'"number":9', 1))


def rearranged(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[Estate], None]:
    def apply(estate: Estate) -> None:
        estate.log.write_bytes(b"".join(change(estate.log.read_bytes().splitlines(keepends=True))))

    return apply


def re_sign_shorter(estate: Estate) -> None:
    """All of it written anew with the real key: only the outside knows that there was more."""
    shutil.rmtree(estate.evidence)
    with EvidenceLog.open(estate.evidence, keys.load(estate.state / "keys")) as log:
        for number in range(7):
            log.append({"kind": "action", "run": f"run{number // 4}", "number": number})
            log.checkpoint()


def cut_off_cleanly(estate: Estate) -> None:
    """The last run is gone, and with it the checkpoint that covers it."""
    rearranged(lambda lines: lines[:8])(estate)
    (estate.evidence / "checkpoints" / f"{12:016d}").unlink()
    shutil.copy(estate.evidence / "checkpoints" / f"{8:016d}", estate.evidence / "checkpoint")


TAMPERING = {
    "flipped": flip,
    "dropped": rearranged(lambda lines: lines[:5] + lines[6:]),
    "reordered": rearranged(lambda lines: [*lines[:5], lines[6], lines[5], *lines[7:]]),
    "duplicated": rearranged(lambda lines: [*lines[:6], lines[5], *lines[6:]]),
    "truncated": lambda estate: os.truncate(estate.log, estate.log.stat().st_size - 20),
    "truncated between entries": rearranged(lambda lines: lines[:10]),
    "cut off with its checkpoint": cut_off_cleanly,
    "replaced by a shorter one, validly signed": re_sign_shorter,
    "removed": lambda estate: shutil.rmtree(estate.evidence),
    "removed with the whole state": lambda estate: shutil.rmtree(estate.state),
}


@pytest.mark.parametrize("tamper", TAMPERING.values(), ids=TAMPERING)
def test_tampering_is_found_against_the_outside(estate: Estate, tamper: Callable[[Estate], None]) -> None:
    assert estate.verify().status == 0
    tamper(estate)
    ran = estate.verify()
    assert (ran.status, ran.json["verdict"]) == (3, "fail")


@pytest.mark.parametrize("tamper", [cut_off_cleanly, re_sign_shorter])
def test_what_only_the_outside_can_know_is_unknown_without_it(
    estate: Estate, tamper: Callable[[Estate], None]
) -> None:
    tamper(estate)
    assert estate.verify(estate.evidence).status == 1
    ran = estate.verify()
    assert ran.status == 3
    assert "evidence.short" in checks(ran)


def test_a_history_written_a_second_time_does_not_hide_the_first_outside(estate: Estate) -> None:
    re_sign_shorter(estate)
    refused = estate.drkit("evidence", "checkpoint")
    assert (refused.status, "and the journal remembers" in refused.err) == (1, True)
    for part in estate.evidence.parent.glob("journal.sqlite3*"):
        part.unlink()  # who rewrites the log takes the journal away too
    assert estate.drkit("evidence", "checkpoint").status == 0
    assert estate.verify().status == 3


# Sending


def test_a_checkpoint_is_printed_as_it_was_signed_and_kept_outside(estate: Estate) -> None:
    ran = estate.drkit("evidence", "checkpoint")
    assert ran.status == 0
    assert ran.out == (estate.evidence / "checkpoint").read_text()
    [folder] = estate.outside.iterdir()
    assert folder.name == "drkit%2Fmy-estate"
    kept = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    assert [int(path.name[:16]) for path in kept] == [4, 8, 12]
    assert kept[-1].read_text() == ran.out


def test_one_more_place_can_be_named(estate: Estate) -> None:
    place = estate.drkit.directory / "stick"
    assert estate.drkit("evidence", "checkpoint", "--to", place).status == 2
    assert not place.exists()
    place.mkdir()
    ran = estate.drkit("evidence", "checkpoint", "--to", place, "--format", "json")
    assert (ran.status, ran.json["sent"]) == (0, [str(estate.outside), str(place)])
    assert (place / ran.json["name"]).read_text() == ran.json["checkpoint"]


def test_what_could_not_be_sent_is_said_recorded_and_sent_later(estate: Estate) -> None:
    away = estate.outside.rename(estate.outside.with_name("away"))
    estate.append(12)
    ran = estate.drkit("evidence", "checkpoint", "--format", "json")
    assert (ran.status, ran.json["verdict"], ran.json["sent"]) == (1, "unknown", [])
    assert "NOT kept in" in ran.err
    assert checks(ran) == {"evidence.checkpoint/unsent"}
    assert json.loads(estate.log.read_bytes().splitlines()[-1])["kind"] == "checkpoint.unsent"
    away.rename(estate.outside)
    assert estate.drkit("evidence", "checkpoint").status == 0
    assert estate.verify().status == 0
    assert {path.name[:16] for path in estate.outside.rglob("*-*")} >= {f"{16:016d}", f"{17:016d}"}


def test_a_checkpoint_that_goes_nowhere_is_self_signed_only(estate: Estate) -> None:
    estate.drkit.write("estate.yaml", (ROOT / "configs" / "estate.yaml").read_text())
    ran = estate.drkit("evidence", "checkpoint")
    assert ran.status == 1
    assert "self-signed only" in ran.err
    assert ran.out == (estate.evidence / "checkpoint").read_text()


def test_an_outside_within_the_state_is_refused(estate: Estate) -> None:
    inside = estate.state / "outside"
    estate.drkit.write("estate.yaml", with_outside((ROOT / "configs" / "estate.yaml").read_text(), inside))
    ran = estate.drkit("evidence", "checkpoint")
    assert ran.status == 2
    assert "not outside" in ran.err


def test_a_relative_outside_is_refused_with_its_place(estate: Estate) -> None:
    text = with_outside((ROOT / "configs" / "estate.yaml").read_text(), Path("worm"))
    estate.drkit.write("estate.yaml", text)
    ran = estate.drkit("check", "estate.yaml")
    assert ran.status == 2
    assert f"estate.yaml:{len(text.splitlines())}" in ran.err + ran.out


def test_signing_waits_for_nobody(estate: Estate) -> None:
    """A run that goes on sends its own checkpoint."""
    with (estate.state / "lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert estate.drkit("evidence", "checkpoint").status == 6


def test_without_evidence_there_is_nothing_to_sign_or_export(drkit: Drkit) -> None:
    drkit.write("estate.yaml", (ROOT / "configs" / "estate.yaml").read_text())
    assert drkit("evidence", "keygen").status == 0
    assert drkit("evidence", "checkpoint").status == 2
    assert drkit("evidence", "export", "--to", "bundle").status == 2
    assert not (drkit.directory / "bundle").exists()


# Runs


@pytest.fixture
def running(cloud: Drkit) -> Drkit:
    """drkit at the sandbox, with an estate that names an outside."""
    (cloud.directory / "outside").mkdir()
    text = Path(cloud.environment["DRKIT_ESTATE"]).read_text()
    path = cloud.write("outside.yaml", with_outside(text, cloud.directory / "outside"))
    cloud.environment["DRKIT_ESTATE"] = str(path)
    cloud.write("small.yaml", SMALL)
    return cloud


def test_a_run_sends_what_it_signed_and_is_proven_by_it(running: Drkit) -> None:
    ran = running("run", "--yes", "small.yaml")
    assert (ran.status, "NOT kept" in ran.err) == (0, False)
    assert running("evidence", "verify").status == 0
    assert running("run", "--yes", "small.yaml").status == 0
    assert running("evidence", "verify").status == 0


def test_an_unreachable_outside_leaves_the_verdict_and_hides_nowhere(running: Drkit) -> None:
    outside = running.directory / "outside"
    outside.rmdir()
    ran = running("run", "--yes", "small.yaml", "--format", "json")
    assert (ran.status, ran.json["verdict"]) == (1, "pass")
    assert f"NOT kept in {outside}" in ran.err
    told = [step for step in ran.json["runs"][0]["steps"] if step["verdict"] == "unknown"]
    assert [step["name"] for step in told] == [f"checkpoint to {outside}"]
    assert f"checkpoint to {outside}" in running("report").out
    outside.mkdir()
    assert running("run", "--yes", "small.yaml").status == 0
    assert running("evidence", "verify").status == 0


def test_a_run_that_breaks_sends_what_it_signed_too(running: Drkit, sandbox: Running) -> None:
    running("run", "--yes", "small.yaml")
    before = set((running.directory / "outside").rglob("*-*"))
    sandbox.fault("hang", action="DescribeDisks", seconds=30)
    process = running.start("run", "--yes", "small.yaml")
    log = Path(running.environment["DRKIT_STATE"]) / "weimob" / "evidence" / "log.jsonl"
    started = log.read_bytes().count(b'"kind":"run.started"')
    while log.read_bytes().count(b'"kind":"run.started"') == started:
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert set((running.directory / "outside").rglob("*-*")) > before
    assert running("evidence", "verify").status == 0


# Bundles


def by_hand(bundle: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The script of a bundle, by a Python that has nothing of drkit or of any package within reach."""
    return subprocess.run(
        [sys.executable, "-I", "-S", "verify_by_hand.py", *words],
        cwd=bundle,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )


def sums_hold(bundle: Path) -> bool:
    command = ["sha256sum", "--check", "--strict", "--quiet", "manifest.sha256"]
    return subprocess.run(command, cwd=bundle, capture_output=True, check=False).returncode == 0


def files(bundle: Path) -> set[str]:
    return {str(path.relative_to(bundle)) for path in bundle.rglob("*") if path.is_file()}


def test_a_bundle_verifies_without_drkit(estate: Estate) -> None:
    (estate.state / "roster" / "1").mkdir(parents=True)
    (estate.state / "roster" / "1" / "roster.json").write_text("{}")
    ran = estate.drkit("evidence", "export", "--to", "bundle", "--format", "json")
    assert (ran.status, ran.json["verdict"]) == (0, "pass")
    assert ran.json["summary"]["entries"] == 12
    bundle = estate.drkit.directory / "bundle"
    kept = sorted(path.name for path in (bundle / "outside" / "1").iterdir())
    assert len(kept) == 3
    assert (bundle / "roster" / "1" / "roster.json").exists()
    assert sums_hold(bundle)
    listed = {line.split("  ", 1)[1] for line in (bundle / "manifest.sha256").read_text().splitlines()}
    assert listed == files(bundle) - {"manifest.sha256"}
    done = by_hand(
        bundle, "evidence", "verifier-key", "evidence/checkpoint", *(f"outside/1/{n}" for n in kept)
    )
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 4), done.stderr
    verified = estate.drkit("evidence", "verify", bundle / "evidence", "--outside", bundle / "outside" / "1")
    assert verified.status == 0


def test_a_bundle_holds_no_private_key(estate: Estate) -> None:
    estate.drkit("evidence", "export", "--to", "bundle")
    private = (estate.state / "keys" / "private-key.pem").read_bytes().splitlines()[1]
    for path in (estate.drkit.directory / "bundle").rglob("*"):
        assert not path.is_file() or private not in path.read_bytes()


def test_a_change_in_a_bundle_is_found_by_its_script_and_by_its_sums(estate: Estate) -> None:
    estate.drkit("evidence", "export", "--to", "bundle")
    bundle = estate.drkit.directory / "bundle"
    log = bundle / "evidence" / "log.jsonl"
    log.write_bytes(log.read_bytes().replace(b'"number":5', b'"number":9'))
    assert not sums_hold(bundle)
    done = by_hand(bundle, "evidence", "verifier-key", "evidence/checkpoint")
    assert done.returncode == 1
    assert "not the one that was signed" in done.stderr


@pytest.mark.parametrize("words", [(), ("--run", "run1")])
def test_a_directory_that_is_not_empty_is_refused(estate: Estate, words: tuple[str, ...]) -> None:
    estate.drkit.write("bundle/precious", "")
    ran = estate.drkit("evidence", "export", "--to", "bundle", *words)
    assert ran.status == 2
    assert "not empty" in ran.err
    assert files(estate.drkit.directory / "bundle") == {"precious"}


def test_a_bundle_says_what_it_lacks(estate: Estate) -> None:
    estate.outside.rename(estate.outside.with_name("away"))
    with estate.log.open("ab") as stream:
        stream.write(b'{"torn')
    ran = estate.drkit("evidence", "export", "--to", "bundle")
    bundle = estate.drkit.directory / "bundle"
    assert ran.status == 1
    assert f"the checkpoints in {estate.outside} could not be read" in ran.err
    readme = (bundle / "README.md").read_text()
    assert str(estate.outside) in readme
    assert "the last 6 bytes" in readme
    assert sums_hold(bundle)
    assert by_hand(bundle, "evidence", "verifier-key", "evidence/checkpoint").returncode == 0


def test_a_hostile_name_outside_leads_nowhere(estate: Estate) -> None:
    [folder] = estate.outside.iterdir()
    (folder / "a\nb c%2f").write_text("x")
    assert estate.drkit("evidence", "export", "--to", "bundle").status == 0
    bundle = estate.drkit.directory / "bundle"
    assert (bundle / "outside" / "1" / "a%0Ab%20c%252f").read_text() == "x"
    assert sums_hold(bundle)


def test_one_runs_entries_are_proven_without_the_others(estate: Estate) -> None:
    ran = estate.drkit("evidence", "export", "--to", "bundle", "--run", "run1")
    bundle = estate.drkit.directory / "bundle"
    assert ran.status == 0, ran.err
    entries = (bundle / "entries.jsonl").read_bytes()
    assert entries == b"".join(estate.log.read_bytes().splitlines(keepends=True)[4:8])
    assert sums_hold(bundle)
    done = by_hand(bundle, ".", "verifier-key", "checkpoint")
    assert done.stdout == "checkpoint: 4 entries are in the log of 12 as they were signed\n", done.stderr
    assert "does not prove that these are all entries" in (bundle / "README.md").read_text()


ALTERED = {
    "an entry": ("entries.jsonl", b'"number":5', b'"number":9'),
    "an index": ("proofs.jsonl", b'"index":5', b'"index":6'),
    "an index beyond": ("proofs.jsonl", b'"index":5', b'"index":50'),
    "the checkpoint's size": ("checkpoint", b"\n12\n", b"\n11\n"),
}


@pytest.mark.parametrize(("name", "old", "new"), ALTERED.values(), ids=ALTERED)
def test_an_altered_run_is_not_proven(estate: Estate, name: str, old: bytes, new: bytes) -> None:
    estate.drkit("evidence", "export", "--to", "bundle", "--run", "run1")
    path = estate.drkit.directory / "bundle" / name
    assert old in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(old, new))
    done = by_hand(path.parent, ".", "verifier-key", "checkpoint")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("run", "said"), [("run", "3 runs begin with run"), ("none", "no runs begin with none")]
)
def test_a_run_that_is_not_one_is_refused(estate: Estate, run: str, said: str) -> None:
    ran = estate.drkit("evidence", "export", "--to", "bundle", "--run", run)
    assert ran.status == 2
    assert said in ran.err
    assert not (estate.drkit.directory / "bundle").exists()


def test_a_run_that_no_checkpoint_covers_is_not_exported(estate: Estate) -> None:
    estate.append(12)
    ran = estate.drkit("evidence", "export", "--to", "bundle", "--run", "run3")
    assert ran.status == 2
    assert "drkit evidence checkpoint" in ran.err
    assert not (estate.drkit.directory / "bundle").exists()


def test_a_run_of_a_changed_log_is_not_exported(estate: Estate) -> None:
    flip(estate)
    ran = estate.drkit("evidence", "export", "--to", "bundle", "--run", "run0")
    assert ran.status == 2
    assert "does not lead to" in ran.err
