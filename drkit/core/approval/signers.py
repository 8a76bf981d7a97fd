"""``allowed_signers`` files (ssh-keygen(1), ALLOWED SIGNERS), as stock OpenSSH reads and writes them.

What is accepted here, ``ssh-keygen -Y verify`` accepts too. Some things that OpenSSH would take are refused:
certificate authorities, wildcards and negation, times without a zone; and one bad line refuses the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from drkit.core.approval.algorithms import KINDS, Touch
from drkit.core.approval.errors import SignatureError, SignersError
from drkit.core.approval.keys import PublicKey, parse_key
from drkit.core.approval.sshsig import Signature

_WORD = r"[A-Za-z0-9._@+/:-]+"  # no pattern character, no quote, no comma
_WORDS = re.compile(f"{_WORD}(?:,{_WORD})*")
_OPTION = r'[A-Za-z-]+(?:="[^"\\]*")?'
_LINE = re.compile(
    r"(?P<principals>[^ \t]+)[ \t]+"
    rf"(?:(?P<options>{_OPTION}(?:,{_OPTION})*)[ \t]+)?"
    rf"(?P<kind>{'|'.join(map(re.escape, KINDS))})[ \t]+(?P<key>[A-Za-z0-9+/]+={{0,2}})"
    r"(?:[ \t]+(?P<comment>.*))?"
)
_TIME = re.compile("([0-9]{4})([0-9]{2})([0-9]{2})(?:([0-9]{2})([0-9]{2})([0-9]{2})?)?Z")


@dataclass(frozen=True, slots=True)
class Signer:
    """One line: who may sign with which key, for what, from when until when.

    Args:
        namespaces: for which purposes; None for any.
        valid_after, valid_before: the first and the last second in which a signature counts.
    """

    principals: tuple[str, ...]
    key: PublicKey
    namespaces: tuple[str, ...] | None = None
    valid_after: datetime | None = None
    valid_before: datetime | None = None
    comment: str = ""

    def __str__(self) -> str:
        options = [] if self.namespaces is None else [f'namespaces="{",".join(self.namespaces)}"']
        for name, moment in (("valid-after", self.valid_after), ("valid-before", self.valid_before)):
            if moment is not None:
                options.append(f'{name}="{moment.astimezone(UTC):%Y%m%d%H%M%SZ}"')
        parts = (",".join(self.principals), ",".join(options), str(self.key), self.comment)
        return " ".join(part for part in parts if part)


def write(signers: Iterable[Signer]) -> str:
    """The file; it reads back as the same signers.

    Raises:
        SignersError: a name, a time or a comment that has no place in such a file.
    """
    given = tuple(signers)
    text = "".join(f"{signer}\n" for signer in given)
    if parse(text) != given:
        raise SignersError("a name or a comment cannot stand in a file of allowed signers")
    return text


def parse(text: str) -> tuple[Signer, ...]:
    """The signers of a file, in their order.

    Raises:
        SignersError: a line that is not one; the message names it by its number.
    """
    signers = []
    for number, line in enumerate(text.split("\n"), 1):
        if (content := line.strip(" \t")) and not content.startswith("#"):
            try:
                signers.append(_signer(content))
            except (SignersError, SignatureError, ValueError, OverflowError) as error:
                raise SignersError(f"line {number} of the allowed signers: {error}") from None
    return tuple(signers)


def verify(
    signers: Iterable[Signer], person: str, signature: Signature, message: bytes, namespace: str, at: datetime
) -> Touch | None:
    """What ``ssh-keygen -Y verify -I person -n namespace -O verify-time=at`` answers.

    Raises:
        SignersError: no line allows this person this key, for this purpose, at this moment.
        SignatureError: as `Signature.verify`.
    """
    reported = signature.verify(message, namespace)
    why = f"{signature.key.fingerprint} is no key of {person}"
    for signer in signers:
        if person in signer.principals and signer.key == signature.key:
            why = _objection(signer, namespace, at.replace(microsecond=0))
            if not why:
                return reported
    raise SignersError(why)


def _objection(signer: Signer, namespace: str, at: datetime) -> str:
    if signer.namespaces is not None and namespace not in signer.namespaces:
        return f"the key is not allowed for {namespace}"
    if signer.valid_after is not None and at < signer.valid_after:
        return "the key is not yet valid"
    if signer.valid_before is not None and at > signer.valid_before:
        return "the key is no longer valid"
    return ""


def _signer(line: str) -> Signer:
    found = _LINE.fullmatch(line)
    if not found or not line.replace("\t", " ").isprintable():
        raise SignersError("it is not: names, options, a kind of key that is accepted, base64, a comment")
    options = _options(found["options"] or "")
    namespaces = options.pop("namespaces", None)
    after, before = (_moment(options.pop(name, None)) for name in ("valid-after", "valid-before"))
    if options:
        raise SignersError(f"the option {next(iter(options))} is not accepted")
    if after is not None and before is not None and before <= after:
        raise SignersError("valid-before is not after valid-after")
    purposes = None if namespaces is None else _words(namespaces)
    key = parse_key(f"{found['kind']} {found['key']}")
    return Signer(_words(found["principals"]), key, purposes, after, before, found["comment"] or "")


def _options(text: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for name, value in re.findall(r'([A-Za-z-]+)(?:="([^"]*)")?', text):
        if name.lower() in options:
            raise SignersError(f"the option {name} stands twice")
        options[name.lower()] = value
    return options


def _words(text: str) -> tuple[str, ...]:
    if not _WORDS.fullmatch(text):
        raise SignersError("names are letters, digits and ._@+/:- with commas between them")
    return tuple(text.split(","))


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    found = _TIME.fullmatch(text)
    if not found:
        raise SignersError(
            "times are YYYYMMDD[HHMM[SS]]Z; without the Z they would mean another zone elsewhere"
        )
    return datetime(*(int(part or 0) for part in found.groups()), tzinfo=UTC)  # type: ignore[misc,arg-type]
