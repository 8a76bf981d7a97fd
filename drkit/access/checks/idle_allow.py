"""An allow grants nothing.

Another statement of the same policy denies all that it allows, on everything and without a condition. Nothing
is lost by leaving it out, and who reads the policy is not misled.
"""

from __future__ import annotations

from collections.abc import Iterator

from drkit.access.checks.frame import Check, Seen, allows, denies, every_resource, is_everything, plain
from drkit.access.language.form import Dialect, Document, Statement
from drkit.access.language.glob import glob
from drkit.core.verdicts import Severity

CHECK = Check("access.audit/idle-allow", Severity.LOW, "certain", "leave the statement out, or the deny")


def find(document: Document) -> Iterator[Seen]:
    """Allows that a deny of the same document covers."""
    covering = [
        each
        for each in denies(document)
        if each.actions and every_resource(each) and not each.conditions and each.principals is None
    ]
    for each in allows(document) if covering else ():
        if each.actions and all(_covered(document, action, covering) for action in each.actions):
            yield Seen(each.index, "a deny of the same policy takes away all that it allows")


def _covered(document: Document, action: str, covering: list[Statement]) -> bool:
    fold = document.dialect is Dialect.AWS
    wanted = plain(action).lower() if fold else plain(action)
    for statement in covering:
        for pattern in statement.actions or ():
            if is_everything(document, pattern) or pattern == action:
                return True
            if "*" not in wanted and "?" not in wanted:
                test = glob(plain(pattern).lower() if fold else plain(pattern), single=fold)
                if test(wanted):
                    return True
    return False


BAD = {
    "cam": [
        (
            '{"version":"2.0","statement":[{"effect":"allow","action":["cvm:RunInstances"],"resource":"*"},'
            '{"effect":"deny","action":"cvm:*","resource":"*"}]}'
        )
    ],
    "aws": [
        (
            '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:RunInstances","Resource":"*"},'
            '{"Effect":"Deny","Action":"EC2:*","Resource":"*"}]}'
        )
    ],
}
GOOD = {
    "cam": [
        (
            '{"version":"2.0","statement":[{"effect":"allow","action":["cvm:*"],"resource":"*"},'
            '{"effect":"deny","action":"cvm:TerminateInstances","resource":"*"}]}'
        )
    ],
    "aws": [
        (
            '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:RunInstances","Resource":"*"},'
            '{"Effect":"Deny","Action":"ec2:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}'
        )
    ],
}
