"""``drkit access why``: one request decided, and the statements that decide it with their places."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from drkit.access.evaluate.answer import Answer, Decision
from drkit.access.evaluate.bulk import decide
from drkit.access.evaluate.layers import POSSIBLY
from drkit.access.language.documents import read_document
from drkit.access.language.form import Dialect
from drkit.access.language.marks import marks, statement_mark
from drkit.access.language.reading import BYTE_ORDER_MARK, UnreadableError
from drkit.access.language.saying import label, place_of
from drkit.core import exits
from drkit.core.errors import ConfigurationError, UsageError
from drkit.core.results import check_output, json_text, result, write_result
from drkit.core.text import harmless
from drkit.core.verdicts import Outcome, Verdict

FIELDS = {
    "policy": "policies",
    "boundary": "boundary",
    "session": "session",
    "endpoint": "endpoint",
    "resource_policy": "resource_policy",
}


def why(arguments: argparse.Namespace) -> int:
    """Decide the request of a file, or of the options, and say what decides it.

    Raises:
        UsageError: there is no request.
        ConfigurationError: a file is no JSON.
    """
    check_output(arguments.output)
    places: dict[str, str] = {}
    text = _file(arguments.request) if arguments.request else _asked(arguments, places)
    found = decide(text)
    shown = [_with_place(reason, places) for reason in found.because]
    write_result(_told(arguments, found, shown), arguments.output)
    return exits.NOTHING_CONCLUDED if found.decision is Decision.UNKNOWN else exits.OK


def _told(arguments: argparse.Namespace, found: Answer, shown: list[str]) -> str:
    if arguments.format != "json":
        return harmless(found.decision) + "".join(f"\n  {harmless(reason)}" for reason in shown)
    unknown = found.decision is Decision.UNKNOWN
    verdict = Verdict(Outcome.UNKNOWN, "nobody can decide it") if unknown else Verdict(Outcome.PASS)
    return json_text(result("access why", verdict, summary={"decision": found.decision}, because=shown))


def _file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None


def _asked(arguments: argparse.Namespace, places: dict[str, str]) -> bytes:
    """The request of the options, as a line of ``evaluate`` would hold it."""
    missing = [name for name in ("dialect", "action", "resource") if getattr(arguments, name) is None]
    if missing:
        raise UsageError(
            f"nothing says --{', --'.join(missing)}", hint="give a REQUEST file, or the options that make one"
        )
    fields = [
        f'"{name}":{_quoted(getattr(arguments, name))}'
        for name in ("dialect", "principal", "action", "resource", "resource_account")
        if getattr(arguments, name) is not None
    ]
    dialect = Dialect(arguments.dialect)
    for option, field in FIELDS.items():
        entries = [
            _entry(path, dialect, place_of(field, index, str(path)), places)
            for index, path in enumerate(getattr(arguments, option))
        ]
        if entries:
            fields.append(f'"{field}":[{",".join(entries)}]')
    fields.append(f'"context":{_quoted(_context(arguments.context))}')
    fields.append(f'"context_partial":{_quoted(arguments.context_partial)}')
    return ("{" + ",".join(fields) + "}").encode()


def _quoted(value: Any) -> str:
    import json

    return json.dumps(value)


def _context(pairs: list[str]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for pair in pairs:
        key, separator, value = pair.partition("=")
        if not separator:
            raise UsageError(f"--context {pair}: write KEY=VALUE")
        known = made.get(key)
        made[key] = value if known is None else [*(known if isinstance(known, list) else [known]), value]
    return made


def _entry(path: Path, dialect: Dialect, place: str, places: dict[str, str]) -> str:
    """A policy's text under the name of its file; where each of its statements stands is noted."""
    raw = _file(path).removeprefix(BYTE_ORDER_MARK)
    try:
        text = raw.decode()
        found = marks(text)
    except (UnreadableError, UnicodeDecodeError):
        raise ConfigurationError([f"{path}: no JSON"]) from None
    for statement in read_document(dialect, text).statements:
        mark = statement_mark(found, statement.index)
        places[f"{place} {label(statement)}"] = f"{path}:{mark.line}:{mark.column}"
    return f'{{"name":{_quoted(str(path))},"policy":{text}}}'


def _with_place(reason: str, places: dict[str, str]) -> str:
    place = places.get(reason.removeprefix(POSSIBLY))
    return reason if place is None else f"{place}: {reason}"
