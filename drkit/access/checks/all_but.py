"""All but a few actions are allowed.

``NotAction`` in an allow grants every action that AWS will ever add; what is left out is easily less than what
is meant. ``NotResource`` in an allow does the same for resources.
"""

from __future__ import annotations

from collections.abc import Iterator

from drkit.access.checks.frame import Check, Seen, allows
from drkit.access.language.form import Document
from drkit.core.verdicts import Severity

CHECK = Check("access.audit/all-but", Severity.HIGH, "certain", "name what is allowed instead of what is not")


def find(document: Document) -> Iterator[Seen]:
    """Statements that allow by what they leave out."""
    for each in allows(document):
        if each.not_actions is not None or each.not_resources is not None:
            yield Seen(each.index, "it allows all but what it names")


BAD = {
    "aws": ['{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}]}'],
}
GOOD = {
    "aws": ['{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotAction":"iam:*","Resource":"*"}]}'],
}
