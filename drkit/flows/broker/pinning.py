"""The key of the runner's evidence, by which the broker tells scratch: the one that the estate names, or saw first."""

from __future__ import annotations

from pathlib import Path

from drkit.core.errors import ApprovalError
from drkit.core.estate import Estate
from drkit.core.evidence import keys
from drkit.core.evidence.log import EvidenceLog
from drkit.core.evidence.note import NoteError, VerifierKey
from drkit.core.evidence.reading import read
from drkit.core.times import Clock, text_of

SEEN = "evidence.key"  # the kind of the entry that notes it


def pinned_keys(estate: Estate, beside: Path, log: EvidenceLog, clock: Clock) -> list[VerifierKey]:
    """The keys that count, whatever lies beside the runner's log by now.

    Args:
        estate: the broker's own.
        beside: the file of verifier keys in the directory of the runner's evidence.
        log: the broker's evidence, which notes the keys that are seen first.
        clock: says when.

    Raises:
        ApprovalError: other keys lie there than those that were seen first.
        DrkitError: something cannot be read or written.
    """
    named = estate.broker.evidence_key if estate.broker else None
    if named is not None:
        return [_parse(named)]
    found = keys.read_verifier_keys(beside)
    texts = [str(key) for key in found]
    first = next((entry for _, entry in read(log.directory) if entry["kind"] == SEEN), None)
    if first is None:
        log.append({"at": text_of(clock()), "kind": SEEN, "keys": texts}, durable=True)
    elif texts != first["keys"]:
        raise ApprovalError(
            f"the key beside the runner's evidence is not the one that was seen first, on {first['at']}",
            hint="if it was replaced on purpose, name the new one in the broker's estate: broker.evidence_key",
        )
    return found


def _parse(text: str) -> VerifierKey:
    try:
        return VerifierKey.parse(text)
    except NoteError:
        raise ApprovalError(
            "broker.evidence_key in the estate is no verifier key",
            hint="`drkit evidence keygen` prints it: name+8 hex digits+base64",
        ) from None
