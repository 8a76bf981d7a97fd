"""What every gate command begins with: the estate's requests, its roster, and who the person is."""

from __future__ import annotations

import argparse
import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from drkit.core.approval import listing, store
from drkit.core.approval.fields import PERSON
from drkit.core.approval.roster import Roster
from drkit.core.approval.settings import Approvals
from drkit.core.approval.store import Filed
from drkit.core.configuration.problems import quote
from drkit.core.errors import UsageError
from drkit.core.estate import Estate
from drkit.core.evidence import layout
from drkit.core.evidence.reading import read
from drkit.core.state import State, open_state, state_root
from drkit.flows.approving.judging import open_roster, requests_directory
from drkit.flows.approving.past import Past, read_past
from drkit.flows.loading import load_estate

SHORT = 16  # characters of an id that lists show


@dataclass(frozen=True, slots=True)
class Place:
    """Where requests and approvals of an estate lie."""

    estate: Estate
    approvals: Approvals
    state: State
    requests: Path

    def past(self) -> Past:
        """What the evidence of this state knows; nothing where nothing has run yet."""
        if not (self.state.evidence / layout.LOG).exists():
            return Past()
        return read_past(entry for _, entry in read(self.state.evidence))

    def roster(self) -> Roster:
        """The roster, as far as it is known here since when; raises as `open_roster`."""
        return open_roster(self.approvals, self.past())

    def find(self, prefix: str) -> Filed:
        """The one request whose id begins so.

        Raises:
            UsageError: none, or more than one.
            StoreError: its place holds what does not belong there.
        """
        if not prefix or set(prefix) - set("0123456789abcdef"):
            raise UsageError(
                f"{quote(prefix)} is not the beginning of an id", hint="drkit gate inbox lists them"
            )
        found = [each.id for each in listing.listing(self.requests).requests if each.id.startswith(prefix)]
        if len(found) != 1:
            count = len(found) or "no"
            raise UsageError(
                f"{count} requests begin with {prefix}", hint="drkit gate inbox --all lists them"
            )
        return store.load(self.requests, found[0])


def open_place(arguments: argparse.Namespace, estate: Estate | None = None) -> Place:
    """The place of an estate.

    Raises:
        UsageError: the estate says nothing of approvals, or its state cannot be used.
    """
    estate = estate or load_estate(arguments.estate)
    if estate.approvals is None:
        raise UsageError(
            "the estate says nothing of approvals",
            hint="add `approvals` with a roster and its pin to the estate: docs/approvals.md",
        )
    state = open_state(state_root(arguments.state), estate.estate)
    return Place(estate, estate.approvals, state, requests_directory(estate.approvals, state.directory))


def person(flag: str | None) -> str:
    """Who the person at the keyboard is: flag, DRKIT_PERSON, or the name of the login.

    It is what a document says and what `decide` holds against signatures; nothing is proven by it.

    Raises:
        UsageError: it cannot be the name of a person of a roster.
    """
    name = flag or os.environ.get("DRKIT_PERSON") or _login()
    if not PERSON.fullmatch(name):
        raise UsageError(
            f"{quote(name)} cannot be the name of a person", hint="say who you are: --as NAME or DRKIT_PERSON"
        )
    return name


def _login() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return ""
