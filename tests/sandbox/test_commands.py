from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drkit.core import exits
from drkit.core.errors import DrkitError, LockedError, UsageError
from drkit.sandbox import commands
from drkit.sandbox.home import Home, Record, process_start
from drkit.sandbox.services.catalogue import EMULATED
from drkit.sandbox.testing import running

Calling = Callable[..., Any]

UP = (
    "import sys; from argparse import Namespace; from pathlib import Path;"
    "from drkit.sandbox.commands import up;"
    "sys.exit(up(Namespace(port=None, aws_port=None, seed='weimob', detach=False, home=Path(sys.argv[1]))))"
)


def up(home: Path, **changed: Any) -> Any:
    usual = {"port": None, "aws_port": None, "seed": "weimob", "detach": True, "home": home}
    return commands.up(Namespace(**{**usual, **changed}))


def down(home: Path) -> Any:
    return commands.down(Namespace(home=home))


def env(home: Path, form: str = "text", power: str | None = None) -> Any:
    return commands.env(Namespace(home=home, power=power, format=form, output=None))


@pytest.fixture
def home(tmp_path: Path) -> Any:
    yield tmp_path / "it's home"
    down(tmp_path / "it's home")


def test_up_env_and_down_do_what_they_say(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert up(home) == exits.OK
    record = Home(home).running()
    assert f"sandbox weimob listens on {record.endpoint} (pid {record.pid})\n" in capsys.readouterr().out

    assert env(home) == exits.OK
    show = "import json, os; print(json.dumps(dict(os.environ)))"
    shell = f"{capsys.readouterr().out}\nexec {sys.executable} -c '{show}'"
    seen = json.loads(subprocess.run(["sh", "-c", shell], check=True, capture_output=True).stdout)
    assert seen["http_proxy"] == seen["DRKIT_TENCENT_ENDPOINT"] == record.endpoint
    assert seen["no_proxy"] == "127.0.0.1,localhost"
    assert seen["DRKIT_STATE"] == str(home / "state")
    assert seen["DRKIT_ESTATE"] == str(home / "estate.yaml")
    assert seen["TENCENTCLOUD_SECRET_ID"].startswith("AKID")
    assert (len(seen["TENCENTCLOUD_SECRET_ID"]), len(seen["TENCENTCLOUD_SECRET_KEY"])) == (36, 32)
    assert seen["TENCENTCLOUD_REGION"] == "ap-beijing"

    assert env(home, "json") == exits.OK
    shown = json.loads(capsys.readouterr().out)
    assert shown["command"] == "sandbox env"
    assert shown["environment"]["TENCENTCLOUD_SECRET_ID"] == seen["TENCENTCLOUD_SECRET_ID"]

    assert down(home) == exits.OK
    assert f"pid {record.pid} ended" in capsys.readouterr().out
    assert process_start(record.pid) != record.started
    assert not Home(home).record_file.exists()


def test_env_hands_out_a_key_pair_for_each_power_and_the_brokers_alone_where_that_is_asked_for(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    up(home)
    record = Home(home).running()
    capsys.readouterr()
    env(home, "json")
    usual = json.loads(capsys.readouterr().out)["environment"]
    for prefix, name in (("DRKIT_LOOK", "drkit-look"), ("DRKIT_MAKE", "drkit-make")):
        assert [usual[f"{prefix}_SECRET_ID"], usual[f"{prefix}_SECRET_KEY"]] == record.keys[name]
    assert len({usual[f"{prefix}_SECRET_ID"] for prefix in ("DRKIT_LOOK", "DRKIT_MAKE", "TENCENTCLOUD")}) == 3
    assert record.keys["drkit-broker"][1] not in usual.values()

    env(home, "json", "destroy")
    brokers = json.loads(capsys.readouterr().out)["environment"]
    pair = [brokers[f"DRKIT_DESTROY_SECRET_{part}"] for part in ("ID", "KEY")]
    assert pair == record.keys["drkit-broker"]
    assert set(brokers) == {
        "http_proxy",
        "no_proxy",
        "DRKIT_TENCENT_ENDPOINT",
        "TENCENTCLOUD_REGION",
        "DRKIT_DESTROY_SECRET_ID",
        "DRKIT_DESTROY_SECRET_KEY",
        "DRKIT_VAULT_DESTROY_SECRET_ID",
        "DRKIT_VAULT_DESTROY_SECRET_KEY",
    }


def test_the_files_are_private_and_no_secret_is_in_arguments_or_log(home: Path) -> None:
    up(home)
    record = Home(home).running()
    assert {stat.S_IMODE(path.stat().st_mode) for path in (home, home / "state")} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (home / "sandbox.json", home / "server.log")} == {
        0o600
    }
    arguments = Path(f"/proc/{record.pid}/cmdline").read_text()
    variables = Path(f"/proc/{record.pid}/environ").read_text()
    log = (home / "server.log").read_text()
    held = [text for pair in record.keys.values() for text in pair]
    for secret in (record.secret_key, record.secret_id, record.token, *held):
        assert secret not in arguments + variables + log
        assert secret not in repr(record) or secret == record.secret_id


def test_a_second_up_says_which_sandbox_runs(home: Path) -> None:
    up(home)
    record = Home(home).running()
    for detach in (True, False):
        with pytest.raises(LockedError) as caught:
            up(home, detach=detach)
        assert caught.value.status == exits.LOCKED
        assert f"pid {record.pid}, port {record.port}" in caught.value.message
        assert "drkit sandbox down" in caught.value.hint


def test_of_several_ups_at_once_one_wins(home: Path) -> None:
    up_detached = UP.replace("detach=False", "detach=True")
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", up_detached, str(home)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    results = [(one.communicate(timeout=30), one.returncode) for one in starting]
    assert sorted(status == 0 for _, status in results) == [False, False, True]
    assert all("already runs" in talk for (_, talk), status in results if status)
    assert Home(home).running()


def test_down_without_a_sandbox_says_so(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert down(home) == exits.OK
    assert "no sandbox runs" in capsys.readouterr().out


def test_the_record_of_a_dead_process_is_recognised(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    up(home)
    record = Home(home).running()
    os.kill(record.pid, signal.SIGKILL)
    os.waitpid(record.pid, 0)
    assert Home(home).record_file.exists()
    with pytest.raises(UsageError):
        env(home)
    assert up(home) == exits.OK
    assert Home(home).running().pid != record.pid


def test_a_recycled_pid_is_not_taken_for_the_sandbox_and_not_killed(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Home(home)
    place.prepare()
    place.write(Record(os.getpid(), "1", 1, "weimob", "AKID", "key", "token"))
    assert down(home) == exits.OK
    assert f"pid {os.getpid()} is gone" in capsys.readouterr().out
    assert not place.record_file.exists()


def test_env_without_a_sandbox_says_how_to_start_one(home: Path) -> None:
    with pytest.raises(UsageError) as caught:
        env(home)
    assert "drkit sandbox up" in caught.value.hint


@pytest.mark.parametrize("detach", [True, False])
def test_a_port_in_use_and_an_unknown_seed_are_told(home: Path, tmp_path: Path, *, detach: bool) -> None:
    with running(home=tmp_path / "other") as other, pytest.raises(UsageError) as caught:
        up(home, port=other.port, detach=detach)
    assert f"port {other.port} of 127.0.0.1 cannot be used" in caught.value.message
    with pytest.raises(UsageError, match="no seed 'wemob'"):
        up(home, seed="wemob", detach=detach)


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be used"):
        up(tmp_path / "file" / "home")


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, exits.INTERRUPTED), (signal.SIGTERM, exits.OK)]
)
def test_a_signal_ends_the_foreground_cleanly(home: Path, number: signal.Signals, status: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", UP, str(home)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("sandbox weimob listens on http://127.0.0.1:")
    assert Home(home).running()
    process.send_signal(number)
    _, talk = process.communicate(timeout=10)
    assert process.returncode == status
    assert "Traceback" not in talk
    assert not Home(home).record_file.exists()


def test_the_home_is_found_by_flag_variable_and_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from drkit.sandbox import home as homes

    assert homes.find(tmp_path).path == tmp_path
    monkeypatch.setenv("DRKIT_SANDBOX", str(tmp_path / "variable"))
    assert homes.find(None).path == tmp_path / "variable"
    assert homes.find(tmp_path).path == tmp_path
    monkeypatch.delenv("DRKIT_SANDBOX")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert homes.find(None).path == Path("/var/lib/drkit-sandbox")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    assert homes.find(None).path == tmp_path / "xdg" / "drkit-sandbox"
    monkeypatch.delenv("XDG_STATE_HOME")
    assert homes.find(None).path == Path("~/.local/state/drkit-sandbox").expanduser()


def test_it_answers_within_a_second_of_being_started(tmp_path: Path, client: Calling) -> None:
    began = time.monotonic()
    with running(home=tmp_path) as sandbox:
        client(sandbox, "cbs").call_json("DescribeDisks", {})
        # The bound of the project is 1 s; machines that run other tests at the same time get more.
        assert time.monotonic() - began < 10


def test_the_estate_names_the_account_of_the_seed(tmp_path: Path) -> None:
    import yaml

    with running(home=tmp_path) as sandbox:
        assert yaml.safe_load(Path(sandbox.environment()["DRKIT_ESTATE"]).read_text()) == {
            "estate": "weimob",
            "accounts": {
                "production": {
                    "cloud": "tencent",
                    "account": "100000000001",
                    "environment": "production",
                    "regions": ["ap-beijing", "ap-shanghai"],
                    "credentials": {"look": "DRKIT_LOOK", "make": "DRKIT_MAKE"},
                }
            },
        }


def test_coverage_counts_what_is_emulated(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.coverage(Namespace(format="text", output=None)) == exits.OK
    text = capsys.readouterr().out
    assert "sts 2018-08-13: 3 of 7\n  AssumeRole\n  GetCallerIdentity\n  GetFederationToken" in text
    assert text.splitlines()[-1] == f"{len(EMULATED)} of 16178 actions of 262 services are emulated"
    assert commands.coverage(Namespace(format="json", output=None)) == exits.OK
    rows = {(row["service"], row["version"]): row for row in json.loads(capsys.readouterr().out)["services"]}
    assert rows["sts", "2018-08-13"]["emulated"][1] == "GetCallerIdentity"
    assert rows["kms", "2019-01-18"] == {
        "service": "kms",
        "version": "2019-01-18",
        "known": 69,
        "emulated": [],
    }


def test_a_server_that_dies_at_once_is_an_error_with_its_last_words(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from drkit.sandbox import launch

    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(DrkitError, match="did not start"):
        launch.start(Home(home), "weimob", None)
