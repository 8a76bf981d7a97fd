"""The three-fold rule: scratch goes only if its mark, the declared scope and the record of its creation agree.

A mark is provenance and never a licence: whoever may tag can put it on production. So the mark has to say
what the record says, the record has to come from a log that was verified, the estate has to declare the
place, and nothing that is somebody else's may hang on the thing. One doubt, and it stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from drkit.flows.sweeping.records import Record, Records
from drkit.flows.sweeping.scope import DrillScope
from drkit.flows.sweeping.seeing import Thing, ThingKind
from drkit.ports.scratch import RUN_TAG, UNTIL_TAG

Refusals = tuple[str, ...]
"""Why a thing may not be removed; empty where it may."""

# The verbs whose actions make scratch of each kind.
MADE_BY = {ThingKind.DISK: frozenset({"disks.create_scratch"})}
APART = timedelta(hours=1)  # how far the clocks of cloud and runner can be from each other


def may_remove(thing: Thing, scope: DrillScope, records: Records, now: datetime, run: str = "") -> Refusals:
    """Every reason why a thing may not be removed without an approval; pure.

    Args:
        thing: as whoever asks has just seen it.
        scope: what the estate declares, as whoever asks knows the estate.
        records: of a log that was verified; no record is trusted otherwise.
        now: with a zone.
        run: the run that made it and now tears it down before its time; empty for whoever sweeps.
    """
    record = records.get(thing.id)
    return (
        *_marks(thing, now, run),
        *_scope(thing, scope),
        *(_record(thing, record, run) if record else ("the evidence records no creation of it",)),
        *_hanging(thing, records),
    )


def may_attach(
    thing: Thing, host: str, scope: DrillScope, records: Records, now: datetime, run: str
) -> Refusals:
    """Every reason why a thing may not be attached to a host without an approval; pure.

    Only the run that made it may have that done, and only what it might as well have removed; as `may_remove`.
    """
    wrong = () if run else ("nobody but the run that made it may have it attached",)
    return (*wrong, *_declared(host, scope), *may_remove(thing, scope, records, now, run))


def may_detach(thing: Thing, scope: DrillScope, records: Records, now: datetime, run: str = "") -> Refusals:
    """Every reason why a thing may not be detached from where it hangs; pure, as `may_remove`.

    A disk that hangs on a host the estate does not declare is in use by somebody, whatever its record says.
    """
    return (*_declared(thing.host, scope), *may_remove(replace(thing, host=""), scope, records, now, run))


def may_tear_down(
    thing: Thing, scope: DrillScope, records: Records, now: datetime, run: str = ""
) -> Refusals:
    """Every reason why a thing may not be removed, where need be after it was detached; pure; as `may_remove`."""
    judge = may_detach if thing.host in scope.hosts else may_remove
    return judge(thing, scope, records, now, run)


def _declared(host: str, scope: DrillScope) -> Iterator[str]:
    if host not in scope.hosts:
        yield f"the estate does not declare that scratch may hang on {host}"


def _marks(thing: Thing, now: datetime, run: str) -> Iterator[str]:
    """Its tags name a run, and a time that has passed or a run that is at it itself."""
    if not thing.tags.get(RUN_TAG):
        yield f"it bears no tag {RUN_TAG}"
    elif run and thing.tags[RUN_TAG] != run:
        yield f"its tag {RUN_TAG} names another run"
    if UNTIL_TAG not in thing.tags:
        yield f"it bears no tag {UNTIL_TAG}"
        return
    until = _moment(thing.tags[UNTIL_TAG])
    if until is None:
        yield f"its tag {UNTIL_TAG} is no time that can be read"
    elif not run and now < until:
        yield f"it may stay until {thing.tags[UNTIL_TAG]}"


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def _scope(thing: Thing, scope: DrillScope) -> Iterator[str]:
    """The estate declares scratch in its account and region."""
    place = thing.place
    if not place.number or scope.accounts.get(place.account) != place.number:
        yield f"the estate declares no scratch in the account {place.account}"
    if place.region not in scope.regions:
        yield f"the estate declares no scratch in {place.region}"


def _record(thing: Thing, record: Record, run: str) -> Iterator[str]:
    """The evidence says that a run made it, as scratch, here, under this name, then; and its tags say the same."""
    place = thing.place
    if record.id != thing.id:
        yield "the record is of another thing"
    if record.verb not in MADE_BY[thing.kind] or not record.until:
        yield "the evidence records that it was made, and not as scratch"
    if (record.account, record.number, record.region) != (place.account, place.number, place.region):
        yield "the evidence records it in another place"
    if thing.tags.get(RUN_TAG) != record.run:
        yield f"the evidence records that the run {record.run} made it, and its tag does not"
    if run and record.run != run:
        yield "the evidence records that another run made it"
    if thing.tags.get(UNTIL_TAG) != record.until:
        yield f"its tag {UNTIL_TAG} is not the one that it was made with"
    if not thing.name or thing.name != record.name:
        yield "its name is not the one that it was made with"
    if not _created_then(thing, record):
        yield "it was not surely created when the evidence says so"


def _created_then(thing: Thing, record: Record) -> bool:
    """Whether the cloud created it between the intention and the word that it is there.

    What was there before anybody intended to make it is not what was made, whatever a log says.
    """
    since, told = _moment(record.since), _moment(record.at)
    if since is None or told is None or thing.created is None:
        return False
    # Either reading of a stamp without a zone; the times between the two mean nothing.
    readings = (thing.created.earliest, thing.created.latest)
    return any(since - APART <= reading <= told + APART for reading in readings)


def _hanging(thing: Thing, records: Records) -> Iterator[str]:
    """Nothing that drkit did not make is attached to it or hangs on it."""
    if thing.system is not False:
        yield "it is not surely a data disk"
    if thing.host:
        yield f"it is attached to {thing.host}"
    if thing.hanging is None:
        yield "its snapshots could not be read"
    for each in thing.hanging or ():
        if each.id not in records:
            yield f"the snapshot {each.id} of it was not made by drkit"
        if each.creating:
            yield f"its snapshot {each.id} is still being created"
