"""A deny never bites.

It names an action that the cloud does not know, by a typing error, in another case, or under another service's
name: CBS's actions are authorised as ``cvm:`` (362/34221), and whether ``cbs:`` denies anything is on no page.
Whoever wrote it takes it for protection. A deny that names a resource where CAM is given ``*`` is
`resource-of-an-operation`.
"""

from __future__ import annotations

from collections.abc import Iterator

from drkit.access.checks.frame import Check, Seen, denies, plain
from drkit.access.checks.nothing import unknown_action
from drkit.access.language.form import Dialect, Document
from drkit.core.verdicts import Severity

CHECK = Check(
    "access.audit/idle-deny",
    Severity.HIGH,
    "likely",
    "write the action as the service's page on CAM writes it, and see by `drkit access why` that it is denied",
)


def find(document: Document) -> Iterator[Seen]:
    """Denies of which no action is one that is asked for."""
    if document.dialect is not Dialect.CAM:
        return
    for each in denies(document):
        idle = [why for action in each.actions or () if (why := _why(plain(action)))]
        if idle:
            yield Seen(each.index, f"it denies nothing: {'; '.join(idle[:5])}")


def _why(action: str) -> str:
    if action.startswith("cbs:"):
        return f"{action} is authorised as cvm:{action[4:]}"
    return unknown_action(action)


BAD = {
    "cam": [
        '{"version":"2.0","statement":{"effect":"deny","action":"cbs:DeleteSnapshots","resource":"*"}}',
        '{"version":"2.0","statement":{"effect":"deny","action":"cvm:terminateInstances","resource":"*"}}',
    ],
}
GOOD = {
    "cam": [
        '{"version":"2.0","statement":{"effect":"deny","action":"cvm:DeleteSnapshots","resource":"*"}}',
        '{"version":"2.0","statement":{"effect":"allow","action":"cbs:DeleteSnapshots","resource":"*"}}',
    ],
}
