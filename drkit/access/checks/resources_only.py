"""A condition that looks like "resources only" and is a way to administrator.

``qcs:except_cam_finance`` is what the preset QCloudResourceFullAccess is made of. It nevertheless holds for
AddUserToGroup, AddSubAccount and CreateCollApiKey (598/105584): who can put a user into the administrators'
group is one.
"""

from __future__ import annotations

from collections.abc import Iterator

from drkit.access.checks.frame import Check, Seen, allows, is_everything
from drkit.access.language.form import Dialect, Document
from drkit.core.verdicts import Severity

CHECK = Check(
    "access.audit/resources-only",
    Severity.CRITICAL,
    "certain",
    "name the services that are needed, and deny cam:* besides",
)
KEY = "qcs:except_cam_finance"


def find(document: Document) -> Iterator[Seen]:
    """Everything is allowed under that key."""
    for each in allows(document):
        if document.dialect is not Dialect.CAM or not any(one.key == KEY for one in each.conditions):
            continue
        if any(is_everything(document, action) for action in each.actions or ()):
            yield Seen(each.index, "cam:AddUserToGroup and others are allowed too")


BAD = {
    "cam": [
        (
            '{"version":"2.0","statement":[{"effect":"allow","action":"*","resource":"*",'
            '"condition":{"numeric_equal":{"qcs:except_cam_finance":1}}}]}'
        )
    ],
}
GOOD = {
    "cam": [
        (
            '{"version":"2.0","statement":[{"effect":"allow","action":"*","resource":"*",'
            '"condition":{"numeric_equal":{"qcs:read_only_action":1}}}]}'
        )
    ],
}
