"""Hold something still on this host until the input ends, for so many seconds at most; then let go of it.

usage: python3 hold.py SECONDS commands TAKE RELEASE    two commands, each a JSON list of words
       python3 hold.py SECONDS mysql WORD...            a client of MySQL that reads SQL from its input

It says `held` when it holds, and at the end `released`; `expired` where it had to let go before it was asked.
Whatever becomes of this program or of who asked, a second process lets go: it waits for the end of a pipe that
only this one holds. A lock of MySQL ends with its session. Python 3.6 and its standard library suffice.
"""

import json
import os
import select
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    LetGo = Callable[[], bool]

TRIES = 30  # to let go, a second apart


def main(words: "list[str]") -> int:
    """Hold, wait, let go; the exit status is 0 where it was held until it was asked to let go."""
    seconds, kind, rest = float(words[0]), words[1], words[2:]
    ends = time.monotonic() + seconds
    if kind == "commands":
        let_go = take_by_commands(seconds, json.loads(rest[0]), json.loads(rest[1]))
    else:
        let_go = take_by_session(rest, ends)
    if let_go is None:
        say("refused")
        return 1
    say("held")
    asked = wait_for_the_end(ends)
    released = let_go()
    say("released" if asked and released else "expired" if released else "stuck")
    return 0 if asked and released else 1


def take_by_commands(seconds: float, take: "list[str]", release: "list[str]") -> "LetGo | None":
    """Begin to hold; what lets go, or None where the first command failed."""
    watched, held = os.pipe()
    guard = os.fork()
    if guard == 0:
        os.close(held)
        os._exit(stand_guard(watched, seconds, release))
    os.close(watched)

    def let_go() -> bool:
        os.close(held)
        return os.WEXITSTATUS(os.waitpid(guard, 0)[1]) == 0

    if subprocess.call(take, stdin=subprocess.DEVNULL, stdout=sys.stderr) == 0:
        return let_go
    let_go()
    return None


def stand_guard(watched: int, seconds: float, release: "list[str]") -> int:
    """Wait for the other process to let go or to die, or for the time; then let go in its place."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    select.select([watched], [], [], seconds)
    for _ in range(TRIES):
        if subprocess.call(release) == 0:
            return 0
        time.sleep(1)
    return 1


def take_by_session(client: "list[str]", ends: float) -> "LetGo | None":
    """Lock all tables in a session of a client; what ends it, or None where there is no lock in time."""
    session = subprocess.Popen(
        [*client, "--batch", "--unbuffered", "--skip-column-names"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert session.stdin is not None
    assert session.stdout is not None
    asks = session.stdin
    # A lock that is waited for stops every write, so the server itself has to give up waiting, and in time.
    patience = max(1, int(ends - time.monotonic()))
    asks.write(b"SET SESSION lock_wait_timeout = %d;\n" % patience)
    asks.write(b"FLUSH TABLES WITH READ LOCK;\nSELECT 'drkit holds';\n")
    asks.flush()
    ready, _, _ = select.select([session.stdout], [], [], max(0, ends - time.monotonic()))
    if ready and session.stdout.readline().strip() == b"drkit holds":

        def let_go() -> bool:
            still = session.poll() is None
            asks.close()
            return session.wait() == 0 and still

        return let_go
    session.kill()
    session.wait()
    return None


def wait_for_the_end(ends: float) -> bool:
    """Whether the input ended before the time did."""
    while True:
        ready, _, _ = select.select([0], [], [], max(0, ends - time.monotonic()))
        if not ready:
            return False
        if not os.read(0, 4096):
            return True


def say(word: str) -> None:
    """One line for whoever asked, who may be gone."""
    try:
        print(word, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is left to say is said to nobody


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
