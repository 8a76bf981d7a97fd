"""The program that reads a disk: what it finds on real ext4 images, and that it ends with whoever asked."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from holding import Host, eventually, needs_sshd, ssh_host
from proving import CONTENT, DEBUGFS, make_image, needs_ext4, where

from drkit.clouds.ssh.handout import prove
from drkit.clouds.ssh.shells import SshShells
from drkit.ports.errors import UncertainError
from drkit.ports.shells import Program
from drkit.snapshots.proofs import read_answer

pytestmark = needs_ext4
DISK = "disk-3xvkxyxp"


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """An image that hangs on this host as a disk."""
    return make_image(tmp_path).rename(tmp_path / f"virtio-{DISK}")


def proven(image: Path, manifest: str = ".drkit-manifest", disk: str = DISK) -> dict[str, Any]:
    """What the program finds, if that is an answer."""
    question = {"disk": disk, "manifest": manifest, "seconds": 60}
    answer = read_answer(prove.prove(question, str(image.parent)))
    assert answer is not None
    return answer


def debugfs(image: Path, request: str) -> None:
    subprocess.run([str(DEBUGFS), "-w", "-R", request, str(image)], check=True, capture_output=True)


def test_a_sound_disk_passes_and_is_not_written_to(image: Path) -> None:
    before = image.read_bytes()

    answer = proven(image)

    assert (answer["result"], answer["files"], answer["recovered"]) == ("pass", 2, False)
    assert image.read_bytes() == before


def test_a_disk_that_was_in_use_passes_after_what_a_boot_does(image: Path) -> None:
    """As after a power cut: the journal is to be replayed, and the file system is not marked clean."""
    debugfs(image, "feature needs_recovery")
    debugfs(image, "dirty")

    answer = proven(image)

    assert (answer["result"], answer["recovered"]) == ("pass", True), answer


def test_another_byte_in_a_file_is_told_with_its_name(image: Path) -> None:
    with image.open("r+b") as file:
        file.seek(where(image, CONTENT) + 5)
        file.write(b"X")

    answer = proven(image)

    assert (answer["result"], answer["kind"]) == ("fail", "content-differs")
    assert "1 of 2 files differ: ledger" in answer["why"]


def test_a_file_that_is_missing_is_told_with_its_name(image: Path) -> None:
    debugfs(image, "rm /var/notes")
    debugfs(image, "dirty")

    answer = proven(image)

    assert (answer["kind"], "var/notes" in answer["why"]) in {
        ("content-differs", True),
        ("filesystem", False),
    }
    assert answer["result"] == "fail"


def test_an_empty_file_is_missing_where_its_directory_became_a_file(tmp_path: Path) -> None:
    """What debugfs cannot reach it complains about in several ways, and reads nothing: the hash of an empty file."""
    nothing = hashlib.sha256(b"").hexdigest().encode()
    files = {"var/lock": b"a file now", ".drkit-manifest": b"%s  var/lock/held\n" % nothing}
    image = make_image(tmp_path, manifest=False, **files).rename(tmp_path / f"virtio-{DISK}")

    answer = proven(image)

    assert (answer["result"], answer["kind"]) == ("fail", "content-differs")
    assert "1 of 1 files differ: var/lock/held" in answer["why"]


@pytest.mark.parametrize("kind", ["p", "c 1 3"])
def test_an_empty_file_is_no_file_where_a_pipe_or_a_device_stands_in_its_place(
    tmp_path: Path, kind: str
) -> None:
    nothing = hashlib.sha256(b"").hexdigest().encode()
    manifest = b"%s  empty\n%s  held\n" % (nothing, nothing)
    image = make_image(tmp_path, manifest=False, empty=b"", **{".drkit-manifest": manifest})
    image = image.rename(tmp_path / f"virtio-{DISK}")
    subprocess.run(["debugfs", "-w", "-R", f"mknod held {kind}", image], check=True, capture_output=True)

    answer = proven(image)

    assert (answer["result"], answer["kind"]) == ("fail", "content-differs")
    assert "1 of 2 files differ: held" in answer["why"]


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (lambda file: file.truncate(3 * 1024 * 1024), "filesystem"),
        (lambda file: (file.seek(1080), file.write(b"\0\0")), "unreadable"),
        (lambda file: file.truncate(0), "unreadable"),
        (lambda file: (file.seek(4096), file.write(b"\xff" * 65536)), "filesystem"),
    ],
    ids=["cut short", "no magic", "empty", "its tables are wrong"],
)
def test_a_file_system_that_is_broken_fails(image: Path, spoil: Any, kind: str) -> None:
    with image.open("r+b") as file:
        spoil(file)

    answer = proven(image)

    assert (answer["result"], answer["kind"]) == ("fail", kind), answer


@pytest.mark.parametrize("magic", [(0, b"XFSB"), (0, b"LUKS\xba\xbe"), (512, b"LABELONE")])
def test_what_the_program_does_not_read_is_unknown_by_its_name(image: Path, magic: tuple[int, bytes]) -> None:
    image.write_bytes(bytes(magic[0]) + magic[1] + bytes(100_000))

    answer = proven(image)

    assert (answer["result"], answer["kind"]) == ("unknown", "not-understood")
    assert "is not read here" in answer["why"]


def test_a_disk_in_one_partition_is_found_there(image: Path) -> None:
    image.rename(image.with_name(f"{image.name}-part1"))
    image.write_bytes(bytes(1024 * 1024))

    assert proven(image)["result"] == "pass"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b"", "no-manifest"),
        (b"half a li", "content-differs"),
        (b"0" * 64 + b"  ../../etc/passwd\n", "content-differs"),
        (b"0" * 64 + b"  /etc/passwd\n", "content-differs"),
    ],
    ids=["empty", "torn", "a way out", "from the root"],
)
def test_a_manifest_that_says_nothing_good_passes_nothing(tmp_path: Path, line: bytes, kind: str) -> None:
    files = {"ledger": CONTENT, ".drkit-manifest": line}
    image = make_image(tmp_path, manifest=False, **files).rename(tmp_path / f"virtio-{DISK}")

    answer = proven(image)

    assert (answer["result"] != "pass", answer["kind"]) == (True, kind)


def test_a_disk_that_never_appears_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prove, "APPEARS", 0)

    assert proven(tmp_path / "nothing")["kind"] == "no-device"


def test_a_volume_of_ebs_is_found_by_its_serial(image: Path) -> None:
    image.rename(image.parent / "nvme-Amazon_Elastic_Block_Store_vol0abc1234def567890")

    assert proven(image, disk="vol-0abc1234def567890")["result"] == "pass"


@pytest.mark.parametrize(
    ("hypervisor", "disk", "kind"),
    [
        ("xen\n", "vol-0abc1234def567890", "no-serial"),
        ("xen\n", DISK, "no-device"),
        ("kvm\n", "vol-0abc1234def567890", "no-device"),
        (None, "vol-0abc1234def567890", "no-device"),
    ],
)
def test_a_volume_of_ebs_on_xen_is_unknown_by_a_name_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hypervisor: str | None, disk: str, kind: str
) -> None:
    said = tmp_path / "type"
    if hypervisor:
        said.write_text(hypervisor)
    monkeypatch.setattr(prove, "HYPERVISOR", str(said))
    monkeypatch.setattr(prove, "APPEARS", 0)

    answer = proven(tmp_path / "nothing", disk=disk)

    assert (answer["result"], answer["kind"]) == ("unknown", kind)


@pytest.mark.parametrize(
    "question",
    [
        b"",
        b"{}\n",
        b"[]\n",
        b"x" * 5000,
        b'{"disk": "../../sda", "manifest": "m", "seconds": 1}\n',
        b'{"disk": "disk-3xvkxyxp", "manifest": "/etc/passwd", "seconds": 1}\n',
        b'{"disk": "disk-3xvkxyxp", "manifest": "a\\" b", "seconds": 1}\n',
        b'{"disk": "disk-3xvkxyxp", "manifest": "m", "seconds": 1e9}\n',
    ],
)
def test_what_is_no_question_is_not_acted_upon(question: bytes) -> None:
    done = subprocess.run([sys.executable, prove.__file__], input=question, capture_output=True, check=False)

    assert (done.returncode, json.loads(done.stdout), done.stderr) == (
        1,
        {"error": "this is no question"},
        b"",
    )


# --- over SSH ---


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    directory = tmp_path / "host"
    directory.mkdir()
    with ssh_host(directory) as host:
        yield host


def program(host: Host, *words: str, **changes: Any) -> Program:
    hook = host.hook
    usual = {"address": hook.address, "port": hook.port, "user": hook.user, "key": hook.key}
    return Program(**{**usual, "host_key": hook.host_key, "words": words, **changes})


@needs_sshd
@pytest.mark.parametrize(
    ("words", "seconds", "told"),
    [
        (("false",), 60, "cannot be understood"),
        (("echo", "no JSON"), 60, "cannot be understood"),
        (("head", "-c", "99999", "/dev/zero"), 60, "cannot be understood"),
        (("sleep", "60"), 0.2, "nothing in time"),
    ],
)
def test_a_program_that_does_not_answer_is_uncertain(
    host: Host, words: tuple[str, ...], seconds: float, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drkit.clouds.ssh.shells.TO_HOLD", 0.2)

    with pytest.raises(UncertainError, match=told):
        SshShells().ask(program(host, *words), {"disk": DISK}, seconds)


@needs_sshd
def test_another_host_behind_the_address_is_not_asked(host: Host) -> None:
    other = " ".join((host.directory / "client.pub").read_text().split()[:2])

    with pytest.raises(UncertainError, match=r"was not reached: .*BadHostKey") as caught:
        SshShells().ask(program(host, "true", host_key=other), {}, 1)

    assert caught.value.code == "NotReached"


@needs_sshd
def test_the_program_ends_when_whoever_asked_is_killed(host: Host, tmp_path: Path) -> None:
    script = (
        "import json, sys\n"
        "from drkit.clouds.ssh.shells import SshShells\n"
        "from drkit.ports.shells import program_from_data\n"
        "question = {'disk': 'disk-3xvkxyxp', 'manifest': 'm', 'seconds': 50}\n"
        "SshShells().ask(program_from_data(json.loads(sys.argv[1])), question, 60)\n"
    )
    # It waits for a disk that never appears; what it runs under tells its pid.
    pid = tmp_path / "pid"
    waits = f"echo $$ > {pid}; exec {sys.executable} {prove.__file__} --devices {tmp_path}"
    asked = program(host, "sh", "-c", waits).as_data()
    asking = subprocess.Popen([sys.executable, "-c", script, json.dumps(asked)])
    eventually(lambda: pid.exists() and pid.read_text().strip() != "")
    number = int(pid.read_text())

    asking.send_signal(signal.SIGKILL)
    asking.wait()

    eventually(lambda: not alive(number))


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
