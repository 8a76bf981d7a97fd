"""The tools of a run, opened under the estate's lock and put away afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from drkit.core.errors import DrkitError, UsageError
from drkit.core.estate import Estate
from drkit.core.evidence import keys, layout
from drkit.core.evidence.log import EvidenceLog
from drkit.core.evidence.reading import read
from drkit.core.evidence.signing import signer
from drkit.core.journal import Journal
from drkit.core.state import State
from drkit.core.times import now
from drkit.flows.broker.client import BrokerGrowth, BrokerScratch
from drkit.flows.clouds import Opened
from drkit.flows.reconciling import reconcile
from drkit.flows.talking import progress
from drkit.flows.tools import Look, NoBroker, NoGrowth, Tools


@contextmanager
def open_tools(estate: Estate, state: State, clouds: Opened, wait: timedelta) -> Iterator[Tools]:
    """Journal, evidence and clouds together; the caller holds the estate's lock.

    Raises:
        DrkitError: journal or evidence cannot be used, or do not belong together.
    """
    with open_together(state, estate) as (journal, log), progress() as show:
        look = Look(clouds.look, now, show)
        scratch = BrokerScratch(estate, log) if estate.broker else NoBroker()
        growth = BrokerGrowth(estate) if estate.broker else NoGrowth()
        yield Tools(
            estate, clouds, journal, log, look, state.playbooks, wait.total_seconds(), scratch, growth
        )


@contextmanager
def open_together(state: State, estate: Estate) -> Iterator[tuple[Journal, EvidenceLog]]:
    """Journal and evidence, held against each other; the caller holds the estate's lock.

    What the journal lost is read from the evidence; what is signed meanwhile is remembered by the journal.

    Raises:
        DrkitError: one cannot be used, or the evidence is shorter than the journal remembers.
    """
    _refuse_lost_key(state)
    journal = Journal(state.journal)
    try:
        with EvidenceLog.open(state.evidence, signer(state.keys, estate.estate)) as log:
            _refuse_cut_off(journal, log)
            if log.size > journal.evidence_size():
                # Written after the last checkpoint that the journal knows: it may not know what that says.
                reconcile(journal, (entry for _, entry in read(state.evidence)))
            yield journal, log
            if log.last and log.last.size > journal.evidence_size():
                journal.remember_evidence(log.last.size)
    finally:
        journal.close()


def _refuse_lost_key(state: State) -> None:
    """A new key beside an old log would sign what it cannot vouch for, and every later run would be refused."""
    if (state.evidence / layout.LOG).exists() and not (state.keys / keys.PRIVATE).exists():
        raise UsageError(
            f"the key in {state.keys} is gone, and the evidence that it signed is there",
            hint="restore the directory; to begin a new log with a new key, move evidence/ and journal.sqlite3 away",
        )


def _refuse_cut_off(journal: Journal, log: EvidenceLog) -> None:
    """A log that is shorter than the journal remembers has lost entries that were signed."""
    remembered, signed = journal.evidence_size(), log.last.size if log.last else 0
    if signed < remembered:
        raise DrkitError(
            f"the evidence in {log.directory} has {signed} signed entries, and the journal remembers {remembered}",
            hint="somebody cut it off or moved it away: find out who before you run anything; "
            "to begin a new log, move the journal away too",
        )
