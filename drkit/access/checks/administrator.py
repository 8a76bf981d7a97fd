"""Everything, on everything, at any time.

Whoever holds such a policy can destroy every copy and every trace alone. A person needs it rarely, a program
never.
"""

from __future__ import annotations

from collections.abc import Iterator

from drkit.access.checks.frame import Check, Seen, allows, every_resource, is_everything
from drkit.access.language.form import Document
from drkit.core.verdicts import Severity

CHECK = Check(
    "access.audit/administrator",
    Severity.CRITICAL,
    "certain",
    "name the actions and resources that are needed; keep one sealed administrator for emergencies",
)


def find(document: Document) -> Iterator[Seen]:
    """Statements that allow every action on every resource, without a condition."""
    for each in allows(document):
        if each.conditions or not every_resource(each):
            continue
        if any(is_everything(document, action) for action in each.actions or ()):
            yield Seen(each.index, "every action is allowed on every resource")


BAD = {
    "cam": ['{"version":"2.0","statement":{"effect":"allow","action":"*:*","resource":["*"]}}'],
    "aws": ['{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","*"],"Resource":"*"}]}'],
}
GOOD = {
    "cam": ['{"version":"2.0","statement":[{"effect":"deny","action":"*","resource":"*"}]}'],
    "aws": ['{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'],
}
