"""Run one command exactly as it was approved, and tell what it says; for hosts on which drkit runs approved commands.

usage: python3 run.py        a line of JSON comes in, lines of JSON go out

The question is `{"describe": [NAME…], "path": "…"}`, which asks where programs and files are and what they hash to,
or a command: `words`, `program`, `program_sha256`, `script`, `files`, `directory`, `user`, `environment`,
`seconds`. No shell takes part. The program is opened, hashed and run through the same descriptor, so that nobody
can put another one in its place in between; where somebody beside root could write into it, a sealed copy runs.
Whoever asked holds the input open: when it ends, the command is ended too, with all that it began, also in sessions
of their own. Python 3.6 and its standard library suffice.
"""

import base64
import contextlib
import ctypes
import errno
import fcntl
import hashlib
import json
import os
import pwd
import select
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

GRACE = 5.0  # seconds between asking a command to end and ending it
TO_TELL = 60  # seconds in which whoever asked takes the last answer
CHUNK = 65536
LONGEST = 16 * 1024 * 1024  # bytes of a question
OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
# prctl(2), and the seals of fcntl(2), which Python names only later
PDEATHSIG, DUMPABLE, CHILD_SUBREAPER = 1, 4, 36
ADD_SEALS, ALLOW_SEALING, ALL_SEALS = 1033, 2, 15
LIBC = ctypes.CDLL(None, use_errno=True)


class RefusedError(Exception):
    """It is not as it was approved."""


class OverError(Exception):
    """The command is to be ended: by a signal."""


def main() -> int:
    """Answer one question; the exit status is 0 where it was answered."""
    question = json.loads(sys.stdin.buffer.readline(LONGEST))
    try:
        if "describe" in question:
            say({"files": [describe(name, question["path"]) for name in question["describe"]]})
        else:
            run(question)
    except RefusedError as refused:
        say({"said": "refused", "why": str(refused)})
        return 1
    return 0


def describe(name: str, path: str) -> "dict[str, str]":
    """The path and the sha256 of a program, or of a file that is named by its path."""
    places = [name] if "/" in name else [each + "/" + name for each in path.split(":") if each]
    for place in places:
        try:
            whole = os.path.realpath(place)
            there = stat.S_ISREG(os.stat(whole).st_mode)  # noqa: PTH116 - of a path that is text
        except (OSError, ValueError):
            continue
        if there and os.access(whole, os.R_OK if "/" in name else os.X_OK):
            descriptor = opened(whole)
            try:
                return {"name": name, "path": whole, "sha256": sha256_of(descriptor)}
            finally:
                os.close(descriptor)
    raise RefusedError("there is no " + name + " that this user could run or read")


def run(command: "dict[str, Any]") -> None:
    """Check all that is bound, begin, tell what it says, and how it ended."""
    who = pwd.getpwuid(os.geteuid()).pw_name
    if who != command["user"]:
        raise RefusedError("this would run as " + who + ", and " + str(command["user"]) + " was approved")
    program = checked(command["program"], command["program_sha256"])
    for path, sha256 in sorted(command["files"].items()):
        os.close(checked(path, sha256, kept=False))
    words = list(command["words"])
    passed = [program]
    if command["script"] is not None:
        passed.append(held(command["script"].encode()))
        words.append("/dev/fd/" + str(passed[1]))
    enter(command["directory"])
    prepare(command["seconds"])
    try:
        child = begin(program, words, command["environment"], passed)
    except (OSError, ValueError) as error:
        told = os.strerror(getattr(error, "errno", None) or errno.EINVAL)
        raise RefusedError("it could not be begun: " + told) from None
    say({"said": "begun"})
    tell(child, time.monotonic() + command["seconds"])


def enter(directory: str) -> None:
    """Go where it is to run; a link may lead elsewhere than to what was judged."""
    try:
        os.chdir(directory)
    except OSError as error:
        raise RefusedError(directory + " cannot be entered: " + os.strerror(error.errno or 0)) from None
    if os.getcwd() != directory:  # noqa: PTH109 - what the kernel says
        raise RefusedError(directory + " leads to " + os.getcwd() + ", which was not approved")  # noqa: PTH109


def prepare(seconds: int) -> None:
    """Let nothing that the command begins get away, and nothing of this user's reach into this process."""
    LIBC.prctl(CHILD_SUBREAPER, 1, 0, 0, 0)
    LIBC.prctl(DUMPABLE, 0, 0, 0, 0)
    os.umask(0o022)
    for number, why in ((signal.SIGTERM, "lost"), (signal.SIGHUP, "lost"), (signal.SIGALRM, "time")):
        signal.signal(number, over(why))
    # Also where nobody takes what is said, so that it cannot be told.
    signal.alarm(seconds + 2)


def over(why: str) -> "Any":
    """What a signal comes to."""

    def handler(*_: object) -> None:
        raise OverError(why)

    return handler


def begin(
    program: int, words: "list[str]", environment: "dict[str, str]", passed: "list[int]"
) -> "subprocess.Popen[bytes]":
    """The program of a descriptor, in a session of its own, which ends when this process is killed."""
    # In place of a path: what the descriptor holds, which is what was hashed.
    return subprocess.Popen(
        words,
        executable="/proc/self/fd/" + str(program),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=passed,
        start_new_session=True,
        preexec_fn=lambda: LIBC.prctl(PDEATHSIG, signal.SIGKILL, 0, 0, 0),  # noqa: PLW1509 - there is one thread
    )


def tell(child: "subprocess.Popen[bytes]", ends: float) -> None:
    """Pass on what the command says until it is over; end it where time is up, or nobody listens any more."""
    try:
        why = pass_on(child, ends)
    except OverError as signalled:
        why = str(signalled)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)
    if why:
        end(child)
    status = child.wait()
    left = not clear()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(TO_TELL)
    say({"said": "ended", "status": status, "why": why, "left": left})


def pass_on(child: "subprocess.Popen[bytes]", ends: float) -> str:
    """Pass on what the command says; why it is to be ended, empty where it ended by itself."""
    assert child.stdout is not None
    assert child.stderr is not None
    names = {child.stdout.fileno(): "out", child.stderr.fileno(): "err"}
    waiting = set(names)
    while waiting:
        ready, _, _ = select.select([*waiting, 0], [], [], max(0.0, ends - time.monotonic()))
        if not ready or 0 in ready:
            return "lost" if ready else "time"
        for descriptor in ready:
            part = os.read(descriptor, CHUNK)
            if part:
                say({names[descriptor]: base64.b64encode(part).decode()})
            else:
                waiting.discard(descriptor)
    while child.poll() is None:  # it may close its output, and go on
        ready, _, _ = select.select([0], [], [], 0.05)
        if ready or time.monotonic() >= ends:
            return "lost" if ready else "time"
    return ""


def end(child: "subprocess.Popen[bytes]") -> None:
    """Ask the command and all of its group to end, and then end them."""
    stop(child.pid, signal.SIGTERM)
    try:
        child.wait(GRACE)
    except subprocess.TimeoutExpired:
        stop(child.pid, signal.SIGKILL)


def clear() -> bool:
    """End all that the command left behind, whichever session it is in; whether nothing is left."""
    ends = time.monotonic() + GRACE
    while time.monotonic() < ends:
        found = children()
        if not found:
            return True
        for each in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(each, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.01)
    return False


def children() -> "list[int]":
    """The processes whose parent is this one: those of the command that lost theirs are among them."""
    found, own = [], str(os.getpid())
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                if (place / "stat").read_text(errors="replace").rpartition(")")[2].split()[1] == own:
                    found.append(int(place.name))
    return found


def stop(group: int, number: int) -> None:
    """Send a signal to a process group that may be gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def checked(path: str, sha256: str, kept: bool = True) -> int:  # noqa: FBT001, FBT002 - for hosts
    """A descriptor of what has this sha256, and keeps it.

    A file that is not `kept` by it is opened by the command once more, and has to be one that only root can change.
    """
    if os.path.realpath(path) != path:
        raise RefusedError(path + " leads elsewhere, which was not approved")
    descriptor = opened(path)
    if not is_roots(path):
        if not kept:
            raise RefusedError(
                path + " could be changed while it is read: give it to root, with its directories"
            )
        descriptor = copied(descriptor)
    if sha256_of(descriptor) != sha256:
        raise RefusedError(path + " is another file than the one that was approved")
    return descriptor


def is_roots(path: str) -> bool:
    """Whether nobody but root can change what stands at a path."""
    for place in [Path(path), *Path(path).parents]:
        status = place.lstat()
        sticky = stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX
        if status.st_uid != 0 or (status.st_mode & OTHERS_MAY_WRITE and not sticky):
            return False
    return True


def opened(path: str) -> int:
    """A descriptor of a regular file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        raise RefusedError(path + " cannot be read: " + os.strerror(error.errno or errno.EIO)) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise RefusedError(path + " is no file")
    return descriptor


def sha256_of(descriptor: int) -> str:
    """Of all that a descriptor holds."""
    digest, at = hashlib.sha256(), 0
    while True:
        part = os.pread(descriptor, CHUNK * 16, at)
        if not part:
            return digest.hexdigest()
        digest.update(part)
        at += len(part)


def copied(descriptor: int) -> int:
    """A descriptor of a copy that nobody can change."""
    with os.fdopen(descriptor, "rb") as file:
        return held(file.read())


def held(content: bytes) -> int:
    """A descriptor of a file without a name that holds some bytes, and keeps them."""
    if not hasattr(os, "memfd_create"):  # before Python 3.8
        with tempfile.TemporaryFile() as file:
            file.write(content)
            file.flush()
            return os.open("/proc/self/fd/" + str(file.fileno()), os.O_RDONLY)
    writable = os.memfd_create("approved", os.MFD_CLOEXEC | ALLOW_SEALING)
    with os.fdopen(writable, "wb", closefd=False) as file:
        file.write(content)
    fcntl.fcntl(writable, ADD_SEALS, ALL_SEALS)
    readable = os.open("/proc/self/fd/" + str(writable), os.O_RDONLY)
    os.close(writable)
    return readable


def say(answer: "dict[str, object]") -> None:
    """One line for whoever asked, who may be gone."""
    try:
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is left to say is said to nobody


if __name__ == "__main__":
    sys.exit(main())
