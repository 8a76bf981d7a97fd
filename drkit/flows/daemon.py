"""``drkit daemon``: asks at every tick what is due, and has each playbook run by a process of its own.

So a crash of a run never ends the daemon, and no run meets what an earlier one left in memory.
"""

from __future__ import annotations

import argparse
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from schedule import Scheduler

from drkit.core import exits
from drkit.core.state import open_state, state_root
from drkit.flows.loading import estate_path
from drkit.flows.options import duration
from drkit.flows.runner import refuse_elsewhere
from drkit.flows.standings import load_scheduled
from drkit.flows.ticking import Stop, Work, tell

SIGNALS = (signal.SIGTERM, signal.SIGINT)


def daemon(arguments: argparse.Namespace) -> int:
    """Tick until a signal, or once.

    Raises:
        ConfigurationError: the files are wrong at the start; later that is only told, tick by tick.
        LockedError: another daemon of this estate is at work on this machine.
    """
    tick = duration("--tick", arguments.tick)
    patience = duration("--patience", arguments.patience)
    estate = estate_path(arguments.estate)
    loaded = load_scheduled(estate, arguments.files)
    refuse_elsewhere(loaded.estate)
    root = state_root(arguments.state)
    state = open_state(root, loaded.estate.estate)
    with state.lock("drkit daemon", "daemon.lock"), _hearing() as stop:
        tell(f"begins: estate {loaded.estate.estate}, {len(loaded.playbooks)} playbooks")
        work = Work(estate, arguments.files, root, state, stop, patience.total_seconds())
        work.tick()
        if not arguments.once:
            _keep_ticking(work, tick)
        tell("ends")
    return _status(work, once=arguments.once)


def _keep_ticking(work: Work, tick: timedelta) -> None:
    scheduler = Scheduler()
    scheduler.every(max(1, int(tick.total_seconds()))).seconds.do(work.tick)
    while not work.stop.asked():
        work.stop.wait(max(0.0, scheduler.idle_seconds or 0.0))
        if not work.stop.asked():
            scheduler.run_pending()


@contextmanager
def _hearing() -> Iterator[Stop]:
    stop = Stop()
    before = {number: signal.signal(number, stop) for number in SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _status(work: Work, *, once: bool) -> int:
    """Ending when told to is no error; of a single tick the status says what became of its runs."""
    if work.interrupted or work.stop.number == signal.SIGINT:
        return exits.INTERRUPTED
    return exits.first_that_applies(work.statuses or {exits.OK}) if once else exits.OK
