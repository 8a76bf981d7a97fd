"""The deadline that the cloud is asked for; pure."""

from __future__ import annotations

from datetime import datetime, timedelta

# The cloud refuses a deadline less than a day away (CBS CreateSnapshot); an hour more, for the call to arrive.
SOONEST = timedelta(hours=25)


def asked(wanted: datetime, now: datetime) -> datetime:
    """The wanted one; where that is long ago or at hand, as soon as the cloud takes one, on the hour."""
    if wanted >= now + SOONEST:
        return wanted
    soonest = (now + SOONEST).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return max(wanted, soonest)
