"""What marks a thing as scratch, in whichever cloud. A mark is provenance and never a licence to remove."""

from __future__ import annotations

RUN_TAG = "drkit:run"
"""On all that a run makes: the run's id."""

UNTIL_TAG = "drkit:scratch-until"
"""On scratch: the moment after which whoever sweeps may remove it, RFC 3339 in UTC."""

SOURCE_TAG = "drkit:source"
"""On what is made of something else: the id of that."""

GROUP_TAG = "drkit:together"
"""On a snapshot that was taken in one moment with others of its host: the id of that group."""
