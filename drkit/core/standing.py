"""Where a playbook stands: which slot is its last, whether that was done, what is due now, what was missed.

Pure: a schedule, what ran so far, and a moment go in. A slot is **done** when a run of it, or of any moment
until the next slot, was concluded: PASS or FAIL. UNKNOWN concludes nothing, so the slot stays due.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from itertools import islice

from drkit.core.schedule import Schedule
from drkit.core.verdicts import Outcome

ON_TIME = timedelta(hours=1)
"""How late a slot may begin before it is called missed; timers tick every few minutes."""

WITHIN: Mapping[str, timedelta | None] = {"skip": ON_TIME, "once": None, "all": timedelta(days=3)}
"""How late a slot may begin at all, unless the playbook says it; None: until the next one."""

MOST_SLOTS = 100
"""How many slots are looked back upon."""

TRIES_AT_ONCE = 3
"""How often a slot is tried without a pause while its verdict is UNKNOWN."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=6)
"""The pauses after that double, from the one to the other."""

STILL_UNDER_WAY = timedelta(days=1)
"""How long a run that has begun and not ended is taken to be at work or to wait for its cloud. No other run of
its playbook begins until then; for ever would mean that one lost run ends a promise."""

NEVER = datetime.max.replace(tzinfo=UTC)
CONCLUDED = frozenset({Outcome.PASS.value, Outcome.FAIL.value})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run of a playbook for a slot.

    Args:
        run: its id.
        ended: None while it is at work, is suspended, or was broken off.
        verdict: empty until it ended.
    """

    run: str
    slot: datetime
    started: datetime
    ended: datetime | None = None
    verdict: str = ""

    @property
    def concluded(self) -> bool:
        """Whether it found out what it was to find out, be it bad."""
        return self.ended is not None and self.verdict in CONCLUDED


class Kept(StrEnum):
    """What became of a slot."""

    DONE = "done"
    DUE = "due"
    WAITING = "waiting"
    """Due, and not begun now: a run is under way, or a pause after UNKNOWN."""
    PASSED = "passed"
    """Not done, and not to be carried out any more."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot and what became of it.

    Args:
        attempts: in the order of their starts.
        missed: not done, and late beyond `ON_TIME` or not to be carried out any more.
        made_good: whether a later slot was done since.
    """

    at: datetime
    kept: Kept
    attempts: Sequence[Attempt]
    missed: bool
    made_good: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one playbook stands.

    Args:
        last: its last slot.
        missed: newest first.
        due: what is to be carried out now, oldest first.
        next: the slot that comes next.
        delay: how much later than its slots this host begins.
        last_done: the run that concluded last, by its slot; None where none ever did.
        under_way: a run that has not ended.
        not_before: when what waits for a pause is tried again.
    """

    last: Slot
    missed: tuple[Slot, ...]
    due: tuple[datetime, ...]
    next: datetime
    delay: timedelta
    last_done: Attempt | None
    under_way: Attempt | None
    not_before: datetime | None


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of a playbook's past.

    Args:
        attempts: in the order of their slots.
        began: since when its slots count; None where nothing has ever run, so that none was missed.
    """

    attempts: Sequence[Attempt] = ()
    began: datetime | None = None


def delay_of(playbook: str, host: str, most: timedelta) -> timedelta:
    """How much later than its slot a host begins: the same for the same names, whole seconds, up to ``most``."""
    number = int.from_bytes(sha256(f"{playbook}\n{host}".encode()).digest()[:8], "big")
    return timedelta(seconds=number % (most // timedelta(seconds=1) + 1))


def standing(
    schedule: Schedule,
    memory: Memory,
    now: datetime,
    *,
    delay: timedelta = timedelta(0),
    look_back: timedelta = timedelta(0),
) -> Standing:
    """Where a playbook stands at a moment.

    Args:
        schedule: the playbook's.
        memory: its past.
        now: the moment.
        delay: see `delay_of`.
        look_back: how long ago the time of a slot may have ended for it to be told as missed.
    """
    clock = now - delay  # a host that begins later lives a little in the past
    following = schedule.next_slot(clock)
    slots = tuple(_Looking(schedule, memory, now, clock, look_back).slots(following))
    waiting = [slot for slot in slots if slot.kept is Kept.WAITING]
    pauses = [pause for slot in waiting if (pause := pause_of(slot.attempts)) and pause > now]
    return Standing(
        last=slots[0],
        missed=tuple(slot for slot in slots if slot.missed),
        due=tuple(slot.at for slot in reversed(slots) if slot.kept is Kept.DUE),
        next=following,
        delay=delay,
        last_done=next((each for each in reversed(memory.attempts) if each.concluded), None),
        under_way=_under_way(memory.attempts, now),
        not_before=min(pauses, default=None),
    )


def pause_of(attempts: Sequence[Attempt]) -> datetime | None:
    """Until when a slot that was tried in vain is left alone; None where it is not."""
    ended = [attempt.ended for attempt in attempts if attempt.ended]
    more = len(ended) - TRIES_AT_ONCE
    if more < 0:
        return None
    doublings = min(
        more, (LONGEST_PAUSE // FIRST_PAUSE).bit_length()
    )  # more would be longer than the longest
    return max(ended) + min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def _under_way(attempts: Iterable[Attempt], now: datetime) -> Attempt | None:
    return next(
        (each for each in attempts if each.ended is None and now - each.started < STILL_UNDER_WAY), None
    )


@dataclass(slots=True)
class _Looking:
    """Looks back from a moment, slot by slot."""

    schedule: Schedule
    memory: Memory
    now: datetime
    clock: datetime
    look_back: timedelta

    def slots(self, following: datetime) -> Iterator[Slot]:
        """The last slot, and those before it that were not done, newest first."""
        attempts = self.memory.attempts
        end = self._begin_of(following, len(attempts))
        began, shown_since, wanted_since = self._bounds()
        later: datetime | None = None
        made_good = False
        for at in islice(self.schedule.slots_back(self.clock), MOST_SLOTS):
            if later is not None and (at < began or (later <= shown_since and at < wanted_since)):
                return
            begin = self._begin_of(at, end)
            tries = attempts[begin:end]
            done = bool(tries) and any(attempt.concluded for attempt in tries)
            if not done:
                yield self._undone(at, later, tries, made_good=made_good)
            elif later is None:
                yield Slot(at, Kept.DONE, tries, missed=False, made_good=False)
            end, later, made_good = begin, at, made_good or done

    def _begin_of(self, at: datetime, end: int) -> int:
        """The index of the first attempt for a slot or a later one."""
        attempts = self.memory.attempts
        while end and attempts[end - 1].slot >= at:
            end -= 1
        return end

    def _bounds(self) -> tuple[datetime, datetime, datetime]:
        """Since when slots count, may be told as missed, and may still be carried out beside the last."""
        within = self._within() if self.schedule.catch_up == "all" else None
        wanted_since = self.clock - within if within is not None else NEVER
        return self.memory.began or NEVER, self.clock - self.look_back, wanted_since

    def _undone(
        self, at: datetime, later: datetime | None, attempts: Sequence[Attempt], *, made_good: bool
    ) -> Slot:
        wanted = self._wanted(at, later)
        late = not wanted or self.clock - at > ON_TIME
        missed = late and self._counts(at) and self._shown(later) and not _under_way(attempts, self.now)
        kept = self._kept(attempts) if wanted else Kept.PASSED
        return Slot(at, kept, attempts, missed=missed, made_good=made_good)

    def _kept(self, attempts: Sequence[Attempt]) -> Kept:
        """One run of a playbook at a time, and pauses between those that find nothing out."""
        pause = pause_of(attempts)
        paused = pause is not None and pause > self.now
        return Kept.WAITING if paused or _under_way(self.memory.attempts, self.now) else Kept.DUE

    def _within(self) -> timedelta | None:
        return self.schedule.within or WITHIN[self.schedule.catch_up]

    def _wanted(self, at: datetime, later: datetime | None) -> bool:
        """Whether it is to be carried out: the last slot, or each, as long as it may begin."""
        within = self._within()
        in_time = within is None or self.clock - at <= within
        return in_time and (later is None or (self.schedule.catch_up == "all" and self._counts(at)))

    def _counts(self, at: datetime) -> bool:
        return self.memory.began is not None and at >= self.memory.began

    def _shown(self, later: datetime | None) -> bool:
        return later is None or later > self.clock - self.look_back
