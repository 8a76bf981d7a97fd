"""drkit processes that need not import anything any more: each is forked from one that has imported it all.

``python warm.py`` reads one order a line, a JSON object: ``words`` of the command, the ``directory`` and the
``environment`` that it runs in, the files ``out`` and ``err`` that it writes to, and, if it is to be killed,
``die`` (see `killed.py`). It answers with the new process's ``pid``, and with its ``status`` when that has ended.

Such a process differs from ``python -m drkit`` in one thing, the price of its start. It has an id, an environment
and files of its own, dies of signals, and ends as Python ends; nothing that one does reaches the next.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import sys
from typing import Any

import killed

import drkit
from drkit.cli import main

# What drkit imports where it is used, and almost every command uses.
USED = ("requests", "jinja2", "rfc8785", "tencentcloud.common.common_client")
ELSEWHERE = ("drkit.sandbox", "drkit.__main__")


def import_all() -> None:
    """All of drkit but the sandbox, which is a process of its own."""
    modules = [module.name for module in pkgutil.walk_packages(drkit.__path__, "drkit.")]
    for name in (*modules, *USED):
        if not name.startswith(ELSEWHERE):
            # The command that needs it says what is wrong with it.
            with contextlib.suppress(Exception):
                importlib.import_module(name)


def tell(**told: int) -> None:
    """Answer with one line."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def become(order: dict[str, Any]) -> None:
    """Stand where a new process of this order would stand."""
    files = (os.devnull, os.O_RDONLY), (order["out"], os.O_WRONLY), (order["err"], os.O_WRONLY)
    for number, (path, how) in enumerate(files):
        opened = os.open(path, how | os.O_APPEND)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(order["directory"])
    os.environ.clear()
    os.environ.update(order["environment"])


def orders() -> dict[str, Any]:
    """The next order, in a process of its own; this one goes on reading and ends with its input."""
    while line := sys.stdin.readline():
        order: dict[str, Any] = json.loads(line)
        if not (child := os.fork()):
            return order
        tell(pid=child)
        tell(status=os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    sys.exit()


if __name__ == "__main__":
    import_all()
    gc.collect()
    gc.freeze()  # what was imported is shared by all, and no collection of theirs copies it
    wanted = orders()
    become(wanted)
    sys.exit(killed.run(wanted["words"], *wanted["die"]) if wanted["die"] else main(wanted["words"]))
