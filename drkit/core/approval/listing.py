"""A glance over all requests: what is needed to choose one, and what does not belong among them."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import orjson

from drkit.core.approval import answers, document, store
from drkit.core.approval.answers import Verb
from drkit.core.approval.errors import DocumentError, StoreError
from drkit.core.approval.fields import LINE, NAME, PERSON, SHA256, Fields
from drkit.core.configuration.problems import quote


class Summary(NamedTuple):
    """A request at a glance; nothing but its id was held against its bytes.

    A tuple, because ten thousand dataclasses take four times as long to make.

    Args:
        signed: under whose names signatures lie there, whatever they are worth.
        ended: how it was answered; None while nobody did.
    """

    id: str
    kind: str
    playbook: str
    danger: str
    requester: str
    reason: str
    requested_at: datetime
    not_after: datetime
    approvals: int
    signed: tuple[str, ...]
    ended: Verb | None


@dataclass(frozen=True, slots=True)
class Refused:
    """Something among the requests that is none."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The requests, the latest first, and what is none."""

    requests: tuple[Summary, ...]
    refused: tuple[Refused, ...]


def listing(directory: Path) -> Listing:
    """All requests of a directory; one that is absent holds none.

    Raises:
        StoreError: it cannot be listed.
    """
    try:
        with os.scandir(directory) as entries:
            names = sorted(entry.name for entry in entries if not entry.name.startswith("."))
    except FileNotFoundError:
        return Listing((), ())
    except OSError as error:
        raise StoreError(f"{directory} cannot be listed: {error.strerror}") from None
    requests, refused = [], []
    for name in names:
        try:
            requests.append(_summary(f"{directory}/{name}", name))
        except (DocumentError, StoreError) as error:
            refused.append(Refused(quote(name), error.message))
    requests.sort(key=lambda each: each.requested_at, reverse=True)
    return Listing(tuple(requests), tuple(refused))


def _summary(place: str, name: str) -> Summary:
    if not SHA256.fullmatch(name):
        raise StoreError("its name is not the sha256 of a request")
    raw = store.content(f"{place}/{store.REQUEST}", document.LARGEST)
    if hashlib.sha256(raw).hexdigest() != name:
        raise StoreError("its name is not the sha256 of the request in it")
    fields = _fields(raw)
    return Summary(
        name,
        fields.text("kind", NAME),
        fields.within("playbook").text("name", NAME),
        fields.text("danger", NAME),
        fields.text("requester", PERSON),
        fields.text("reason", LINE),
        fields.moment("requested_at"),
        fields.moment("not_after"),
        fields.whole("approvals", 1, document.MOST_APPROVALS),
        tuple(store.signed(place)),
        _ended(place, name),
    )


def _fields(raw: bytes) -> Fields:
    try:
        return Fields(orjson.loads(raw), "the request")
    except ValueError:
        raise DocumentError("the request is not JSON") from None


def _ended(place: str, name: str) -> Verb | None:
    path = f"{place}/{store.ANSWER}"
    if not os.path.lexists(path):
        return None
    answer = answers.read(store.content(path, answers.LARGEST))
    if answer.id != name:
        raise StoreError("its answer is that of another request")
    return answer.verb
