"""What a verification found wrong, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["pass", "fail", "unknown"]


@dataclass(frozen=True)
class Problem:
    """One reason for which a log does not pass.

    ``verdict`` says which way it decides: ``fail`` for what is proven wrong, ``unknown`` for what nothing
    proves. ``index`` counts entries from 0 and ``line`` lines from 1, where one can be named; ``until`` is
    the last line of a range that begins there.
    """

    check: str
    verdict: Verdict
    where: str
    what: str
    why: str
    fix: str
    index: int | None = None
    line: int | None = None
    until: int | None = None


INVESTIGATE = (
    "keep a copy of the directory as it is, find out who could write to it, compare with copies elsewhere"
)


def bad_line(index: int, what: str) -> Problem:
    """A line that is not one canonical JSON object."""
    return Problem(
        "evidence.line",
        "fail",
        "log.jsonl",
        f"line {index + 1} is {what}",
        "drkit writes canonical JSON objects only; this line was changed, or written by something else",
        INVESTIGATE,
        index,
        index + 1,
    )


def more_bad_lines(count: int) -> Problem:
    """The lines that are not listed one by one."""
    return Problem(
        "evidence.lines", "fail", "log.jsonl", f"{count} more lines are unreadable", "as above", INVESTIGATE
    )


def torn_line(index: int) -> Problem:
    """A last line without its newline."""
    return Problem(
        "evidence.torn",
        "unknown",
        "log.jsonl",
        f"line {index + 1}, the last, is torn: it has no newline",
        "a crash left it, or a run is writing at this moment",
        "wait for the run to end; the next run sets a torn line aside and records that",
        index,
        index + 1,
    )


def unreadable(where: str, reason: str) -> Problem:
    """A file that the verification could not read."""
    return Problem(
        "evidence.unreadable",
        "unknown",
        where,
        f"{where} could not be read: {reason}",
        "what is not read is not verified",
        "run as a user who can read the whole directory",
    )


def empty() -> Problem:
    """A log without an entry."""
    return Problem(
        "evidence.empty",
        "unknown",
        "log.jsonl",
        "there is no entry to verify",
        "a log that was removed looks the same as one that never was, unless a checkpoint was kept elsewhere",
        "give the directory with log.jsonl in it, and --outside with a checkpoint kept elsewhere",
    )


def no_key() -> Problem:
    """No verifier key to check signatures with."""
    return Problem(
        "evidence.no-key",
        "unknown",
        "verifier-key",
        "there is no verifier key, so no signature was checked",
        "without it anybody could have written the log and its checkpoints",
        "give --key with the verifier key that was noted when the key pair was made",
    )


def uncovered(first: int, size: int) -> Problem:
    """Entries after the last checkpoint that holds."""
    return Problem(
        "evidence.uncovered",
        "unknown",
        "log.jsonl",
        f"{_entries(first, size)} not covered by a signed checkpoint",
        "nothing would show if they were changed or cut off",
        "drkit signs a checkpoint at the end of each run: look for one that was interrupted",
        first,
        first + 1,
    )


def self_signed() -> Problem:
    """No checkpoint from elsewhere was there to compare with."""
    return Problem(
        "evidence.self-signed",
        "unknown",
        "checkpoint",
        "self-signed only: someone who holds this host could have rewritten all of it",
        "the key that signs lies on the host that it vouches for; no checkpoint kept elsewhere verified",
        "give --outside with a checkpoint, or a directory of them, kept where this host cannot write",
    )


def newer_than_outside(first: int, size: int) -> Problem:
    """Entries that no outside checkpoint covers, while an earlier part is covered."""
    return Problem(
        "evidence.newer-than-outside",
        "unknown",
        "log.jsonl",
        f"{_entries(first, size)} covered by no outside checkpoint, only by this host's own signature",
        "someone who holds this host could have rewritten these, not the ones before",
        "give --outside with the latest checkpoint that was kept elsewhere",
        first,
        first + 1,
    )


def latest_missing() -> Problem:
    """The file of the latest checkpoint is absent though the log has entries."""
    return Problem(
        "evidence.no-latest-checkpoint",
        "unknown",
        "checkpoint",
        "the latest checkpoint is missing",
        "it was removed, or no run has ended yet; entries at the end may have been cut off with it",
        "compare with the checkpoints kept elsewhere: --outside",
    )


def _entries(first: int, size: int) -> str:
    last = size - 1
    return f"entry {first} is" if first == last else f"entries {first} to {last} are"
