"""A resource has not the form that its language asks for.

CAM's resources have six segments and begin with ``qcs`` (598/10606), those of AWS are ARNs. What has another
form matches nothing, or nobody knows what.
"""

from __future__ import annotations

from collections.abc import Iterator

from drkit.access.checks.frame import Check, Seen
from drkit.access.language.form import Dialect, Document
from drkit.core.verdicts import Severity

CHECK = Check(
    "access.audit/wrong-segments",
    Severity.MEDIUM,
    "likely",
    "write the resource in full: qcs::service:region:account:type/id, or an ARN",
)
BEGIN = {Dialect.CAM: "qcs:", Dialect.AWS: "arn:"}
COLONS = 5


def find(document: Document) -> Iterator[Seen]:
    """Resources that are neither ``*`` nor of six segments."""
    begin = BEGIN[document.dialect]
    for each in document.statements:
        for one in (*(each.resources or ()), *(each.not_resources or ())):
            if one.strip("*") and (not one.startswith(begin) or one.count(":") < COLONS):
                yield Seen(each.index, f"{one} is not of six segments")


BAD = {
    "cam": ['{"version":"2.0","statement":[{"effect":"deny","action":"cvm:*","resource":"instance/ins-1"}]}'],
    "aws": ['{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"bucket/*"}]}'],
}
GOOD = {
    "cam": ['{"version":"2.0","statement":[{"effect":"deny","action":"cvm:*","resource":"qcs::cvm:::*"}]}'],
    "aws": [
        '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::b"}]}'
    ],
}
