"""The broker under a user of its own: what the operator holds cannot destroy, and who asks is told by the kernel."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from gating import People, Stranger, approve, begin, broker, playbook, request, snapshots, start_broker, there
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from drkit.sandbox.testing import Running

ROOT = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None,
    reason="only root can start processes of other users, by setpriv of util-linux",
)

NOBODY = pwd.getpwnam("nobody")
# It may read what root may, since Python itself may lie where nobody else reads; it writes what nobody may write.
AS_NOBODY = (
    "setpriv", f"--reuid={NOBODY.pw_uid}", f"--regid={NOBODY.pw_gid}", "--clear-groups",
    "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", "--",
)  # fmt: skip
ASK = """
import socket, sys
connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
connection.connect(sys.argv[1])
print(connection.makefile().readline())
"""


@pytest.fixture
def apart(people: People) -> dict[str, str]:
    """A place that user nobody reaches, and in which only root writes but for the broker's own state."""
    directory = people.drkit.directory
    for place in (directory, *list(directory.parents)[:-2]):
        place.chmod(place.stat().st_mode | 0o055)
    own = directory / "broker"
    own.mkdir()
    os.chown(own, NOBODY.pw_uid, NOBODY.pw_gid)
    people.estate(broker={"socket": str(own / "broker.sock")})
    return {"DRKIT_STATE": str(own / "state"), "HOME": str(own)}


def delete(sandbox: Running, who: str, snapshot: str) -> str:
    """What the cloud says to somebody who asks it to delete a snapshot."""
    pair = sandbox.key(who)
    http = HttpProfile(protocol="http", endpoint=f"127.0.0.1:{sandbox.port}", reqTimeout=10)
    credential = Credential(pair.secret_id, pair.secret_key)
    client = CommonClient("cbs", "2017-03-12", credential, "ap-beijing", ClientProfile(httpProfile=http))
    try:
        client.call_json("DeleteSnapshots", {"SnapshotIds": [snapshot]})
    except TencentCloudSDKException as error:
        return str(error.code)
    return "deleted"


def as_nobody(people: People, path: Path) -> str:
    """What a broker says to a client of user nobody."""
    done = subprocess.run(
        [*AS_NOBODY, sys.executable, "-c", ASK, str(path)],
        capture_output=True, text=True, timeout=30, check=False, cwd="/",
    )  # fmt: skip
    return done.stdout + done.stderr


@ROOT
def test_only_the_broker_destroys_and_only_for_whom_it_knows(
    people: People, sandbox: Running, apart: dict[str, str]
) -> None:
    [snapshot] = snapshots(sandbox)
    for who in ("drkit-look", "drkit-make", "drkit-broker"):
        assert delete(sandbox, who, snapshot).startswith("UnauthorizedOperation"), who
    file = playbook(people, snapshot)
    asked = request(people, file)
    approve(people, asked, "bob", "carol")
    path = people.drkit.directory / "broker" / "broker.sock"
    with broker(people, sandbox, "--user", "root", prefix=AS_NOBODY, **apart):
        assert path.stat().st_uid == NOBODY.pw_uid
        assert f"user {NOBODY.pw_uid} may not ask this broker" in as_nobody(people, path)
        assert there(sandbox, snapshot)
        done = people.drkit("run", "--yes", file)
        assert done.status == 0, done.err + done.out
        assert not there(sandbox, snapshot)
        with Stranger(path) as stranger:
            answer = stranger.say(begin(asked, file))
        assert answer is not None
        assert "replayed" in answer["refused"]


@ROOT
@pytest.mark.parametrize(
    ("words", "changed", "said"),
    [
        (("--user", "nobody"), "", "own user may not ask it"),
        (("--group", "root"), "", "who may ask the broker?"),
        (("--user", "daemon"), "", "--group"),
        (("--user", "nosuchuser"), "", "there is no user"),
        (("--user", "root", "--group", "nosuchgroup"), "", "there is no group"),
        (("--user", "root"), "estate.yaml", "can be changed by others"),
        (("--user", "root"), ".", "can be changed by others"),
        (("--user", "root"), "broker", "can be changed by others"),
    ],
)
def test_the_broker_does_not_start_where_others_could_lead_it(
    people: People, sandbox: Running, apart: dict[str, str], words: tuple[str, ...], changed: str, said: str
) -> None:
    if changed:
        place = people.drkit.directory / changed
        place.chmod(place.stat().st_mode | 0o002)
    process = start_broker(people, sandbox, *words, prefix=AS_NOBODY, **apart)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 2, err
    assert said in err
    assert "Traceback" not in err


def test_the_same_user_may_ask_only_where_the_cloud_is_on_this_machine(
    people: People, sandbox: Running
) -> None:
    process = start_broker(
        people,
        sandbox,
        "--same-user",
        DRKIT_TENCENT_ENDPOINT="https://cbs.tencentcloudapi.com",
    )
    _, err = process.communicate(timeout=30)
    assert process.returncode == 2, err
    assert "sandbox on this machine" in err


@pytest.mark.parametrize(
    ("lacks", "said"),
    [
        ("requests", "where requests lie"),
        ("broker", "nothing of `broker`"),
        ("approvals", "nothing of `approvals`"),
    ],
)
def test_the_broker_does_not_start_without_what_it_needs(
    people: People, sandbox: Running, lacks: str, said: str
) -> None:
    path = people.estate()
    estate = yaml.safe_load(path.read_text())
    del (estate["approvals"] if lacks == "requests" else estate)[lacks]
    path.write_text(yaml.safe_dump(estate))
    process = start_broker(people, sandbox)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 2, err
    assert said in err
