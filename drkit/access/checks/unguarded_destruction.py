"""What destroys is allowed without a second factor and from anywhere.

Whoever steals the key, or the session, destroys. A condition on ``qcs:mfa`` or ``qcs:ip``
(``aws:MultiFactorAuthPresent``, ``aws:SourceIp``) makes the theft worth less. Under ``…_if_exist`` it does not:
a request without the key passes.
"""

from __future__ import annotations

from collections.abc import Iterator

from drkit.access.checks.frame import Check, Seen, every_resource
from drkit.access.language.form import Document
from drkit.access.rights import allowed_by, guarded, of_harm, some
from drkit.access.watched import DESTROYING, Harm
from drkit.core.verdicts import Severity

CHECK = Check(
    "access.audit/unguarded-destruction",
    Severity.MEDIUM,
    "certain",
    "add a condition on the second factor or on the address, or leave the action to the broker",
)


def find(document: Document) -> Iterator[Seen]:
    """Statements that name what destroys; what a wildcard reaches on everything is another check."""
    for statement, actions in allowed_by(document):
        wide = every_resource(statement) and any("*" in one for one in statement.actions or ())
        destroying = of_harm(document.dialect, actions, *DESTROYING, Harm.TRAIL)
        if destroying and statement.principals is None and not guarded(statement):
            if wide and not statement.conditions:
                continue
            yield Seen(statement.index, f"{some(destroying)} without a second factor and from anywhere")


BAD = {
    "cam": [
        (
            '{"version":"2.0","statement":{"effect":"allow","action":"cvm:TerminateDisks",'
            '"resource":"qcs::cvm:::volume/*"}}'
        ),
        (
            '{"version":"2.0","statement":{"effect":"allow","action":"cvm:DeleteSnapshots","resource":"*",'
            '"condition":{"bool_equal_if_exist":{"qcs:mfa":"true"}}}}'
        ),
    ],
    "aws": [
        (
            '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:DeleteObject","Resource":'
            '"arn:aws:s3:::b/*","Condition":{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}}}'
        )
    ],
}
GOOD = {
    "cam": [
        (
            '{"version":"2.0","statement":{"effect":"allow","action":"cvm:TerminateDisks","resource":"*",'
            '"condition":{"numeric_equal":{"qcs:mfa":1}}}}'
        ),
        '{"version":"2.0","statement":{"effect":"deny","action":"cvm:TerminateDisks","resource":"*"}}',
    ],
    "aws": [
        (
            '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:DeleteObject","Resource":"*",'
            '"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}}'
        )
    ],
}
