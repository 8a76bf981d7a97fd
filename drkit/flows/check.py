"""``drkit check``: every error of every file at once, offline."""

from __future__ import annotations

import argparse
from pathlib import Path

from drkit.core import exits
from drkit.core.configuration.reading import Reader
from drkit.core.errors import UsageError
from drkit.core.estate import Estate
from drkit.core.results import json_text, result, write_result
from drkit.core.verdicts import Outcome, Verdict
from drkit.flows.loading import estate_path, load_playbook


def check(arguments: argparse.Namespace) -> int:
    """Check the estate and playbooks; files whose top says ``estate:`` are estates.

    Raises:
        ConfigurationError: all that is wrong.
    """
    estate_file, playbooks = _sort_out(arguments.files, arguments.estate)
    reader = Reader()
    estate = reader.read(estate_file, Estate) if estate_file else None
    for path in playbooks:
        load_playbook(reader, path, estate.value if estate else None)
    reader.finish()
    checked = [*([str(estate_file)] if estate_file else []), *(str(path) for path in playbooks)]
    text = "\n".join(f"{path}: fine" for path in checked)
    if estate_file is None:
        text += "\nnot checked: whether the names in the playbooks exist, for want of an estate"
    if arguments.format == "json":
        text = json_text(
            result("check", _verdict(estate_file), summary={"files": len(checked)}, checked=checked)
        )
    write_result(text, arguments.output)
    return exits.OK if estate_file else exits.NOTHING_CONCLUDED


def _verdict(estate: Path | None) -> Verdict:
    return Verdict(Outcome.PASS) if estate else Verdict(Outcome.UNKNOWN, "checked without an estate")


def _sort_out(files: list[Path], flag: Path | None) -> tuple[Path | None, list[Path]]:
    """The one estate, and the playbooks."""
    if not files:
        estate = estate_path(flag)
        return estate, sorted((estate.parent / "playbooks").glob("*.y*ml"))
    estates = [path for path in files if _is_estate(path)]
    if len(estates) > 1:
        raise UsageError(
            f"these are {len(estates)} estates: {', '.join(map(str, estates))}", hint="check one at a time"
        )
    playbooks = [path for path in files if path not in estates]
    return (estates[0] if estates else _estate_if_any(flag)), playbooks


def _is_estate(path: Path) -> bool:
    document = Reader().document(path)
    return document is not None and document.root.child("estate") is not None


def _estate_if_any(flag: Path | None) -> Path | None:
    try:
        return estate_path(flag)
    except UsageError:
        return None
