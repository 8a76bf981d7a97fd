"""A statement names a resource for an action that is authorised without one.

CAM is given ``*`` for operation-level actions (213/77373). An allow that names a resource then grants nothing,
and a deny that names one denies nothing: whoever wrote it is not protected. What is about everything of a
service, or an action of which no page says the level, is left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from drkit.access.catalogue.cam import Level, level_of
from drkit.access.checks.frame import Check, Seen, plain
from drkit.access.language.form import Dialect, Document, Effect
from drkit.core.verdicts import Severity

CHECK = Check(
    "access.audit/resource-of-an-operation",
    Severity.HIGH,
    "certain",
    "write * as the resource, and bind the right by who holds it or by a condition",
)


def find(document: Document) -> Iterator[Seen]:
    """Statements that name resources, for actions that are all operation-level."""
    if document.dialect is not Dialect.CAM:
        return
    for each in document.statements:
        resources = each.resources or ()
        if each.principals is not None or not resources or any(one.endswith("*") for one in resources):
            continue
        actions = [plain(action) for action in each.actions or ()]
        exact = [action for action in actions if "*" not in action and ":" in action]
        idle = [one for one in exact if level_of(*one.split(":", 1)) is Level.OPERATION]
        if idle:
            bites = "denies" if each.effect is Effect.DENY else "grants"
            yield Seen(each.index, f"it {bites} nothing for {', '.join(idle)}")


BAD = {
    "cam": [
        (
            '{"version":"2.0","statement":[{"effect":"deny","action":"cloudaudit:DeleteAuditTrack",'
            '"resource":"qcs::cloudaudit::uin/1:track/t"}]}'
        ),
        (
            '{"version":"2.0","statement":[{"effect":"allow","action":"name/cam:AttachUserPolicy",'
            '"resource":"qcs::cam::uin/1:uin/2"}]}'
        ),
    ],
}
GOOD = {
    "cam": [
        '{"version":"2.0","statement":[{"effect":"deny","action":"cloudaudit:DeleteAuditTrack","resource":"*"}]}',
        (
            '{"version":"2.0","statement":[{"effect":"allow","action":"cvm:TerminateInstances",'
            '"resource":"qcs::cvm:::instance/ins-1"}]}'
        ),
    ],
}
