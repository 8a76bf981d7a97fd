"""Many questions, one JSON object a line; an answer a line, in the same order. A line that cannot be read is held."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from drkit.gate.classify.places import Places
from drkit.gate.classify.shell import judge_shell
from drkit.gate.verdict import Judgement, review

FIELDS = {
    "command": frozenset(("id", "command", "shell", "cwd", "user", "host")),
    "sql": frozenset(("id", "sql", "dialect")),
    "api": frozenset(("id", "api")),
}


def answers(lines: Iterable[bytes], places: Places, *, builds: bool = True) -> Iterator[bytes]:
    """The answer to each line that is not empty."""
    for line in lines:
        if line.strip():
            yield answer(line, places, builds=builds)


def answer(line: bytes, places: Places, *, builds: bool = True) -> bytes:
    """The answer to one line, as a line."""
    identity = None
    try:
        asked = json.loads(line, object_pairs_hook=_once)
        if isinstance(asked, dict):
            identity = asked.get("id")
            found = judge(asked, places, builds=builds)
        else:
            found = review("input", "a question is one JSON object")
    except (ValueError, RecursionError) as error:
        found = review("input", f"the line cannot be read: {error}")
    text = json.dumps({"id": identity, **found.as_data()}, ensure_ascii=True, separators=(",", ":"))
    return text.encode() + b"\n"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a field stands there twice")
    return made


def judge(asked: dict[str, Any], places: Places, *, builds: bool = True) -> Judgement:
    """The answer to one question, of whichever of the three kinds it is."""
    kinds = [kind for kind in FIELDS if asked.get(kind) is not None]
    if len(kinds) != 1:
        return review("input", "a question has exactly one of command, sql and api")
    kind = kinds[0]
    if strange := set(asked) - FIELDS[kind]:
        return review("input", f"no such field: {', '.join(sorted(strange))}")
    if wrong := [
        name for name in sorted(set(asked) - {"id", "api"}) if not isinstance(asked[name], str | None)
    ]:
        return review("input", f"not a text: {', '.join(wrong)}")
    if kind == "command":
        return _command(asked, places, builds=builds)
    if kind == "sql":
        from drkit.gate.classify.sql import judge_sql

        return judge_sql(asked["sql"], asked.get("dialect") or "mysql")
    from drkit.gate.classify.api import judge_call

    return (
        judge_call(asked["api"])
        if isinstance(asked["api"], dict)
        else review("input", "api is one JSON object")
    )


def _command(asked: dict[str, Any], places: Places, *, builds: bool) -> Judgement:
    directory = asked.get("cwd")
    if directory and not directory.startswith("/"):
        return review("input", "cwd is an absolute path")
    here = replace(places, directory=directory) if directory else places
    shell = asked.get("shell") or "bash"
    return judge_shell(asked["command"], here, user=asked.get("user"), shell=shell, builds=builds)
