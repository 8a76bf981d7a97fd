"""Write ``compiled.jsonl`` from the YAML files beside it.

    python -m drkit.gate.programs.generate

A key may name several programs (``ls, cat``). ``read`` in the place of a record is a program that only reads
and prints, whatever its options; a record that says ``like: NAME`` begins with what another one says.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import yaml

from drkit.core.files import write_whole
from drkit.gate.programs import COMPILED, HERE

FIELDS = frozenset(
    [
        "read",
        "review",
        "rule",
        "special",
        "takes",
        "flags",
        "safe",
        "switch",
        "operands",
        "commands",
        "bare",
        "stops",
        "long",
        "strict",
        "unless",
        "careful",
        "harmless",
        "like",
        "methods",
        "cloud",
        "reading",
        "why",
        "changes",
        "dry",
    ]
)
READ = {"read": True}
# A program of which no option and no operand is more than a value or something to read can be told anything.
MILD = frozenset(("value", "read", "attached"))


class WrongRecordError(Exception):
    """A record that says something that nobody understands."""


def main() -> int:
    """Write the file."""
    write_whole(COMPILED, compiled())
    return 0


def compiled() -> bytes:
    """The whole content of the compiled file: the same for the same sources."""
    found: dict[str, Any] = {}
    for path in sources():
        for names, record in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).items():
            for name in _names(names):
                if name in found:
                    raise WrongRecordError(f"{path.name}: {name} is described twice")
                found[name] = record
    made = {name: _record(name, record, found) for name, record in sorted(found.items())}
    records: dict[str, int] = {}  # many programs have the same record: each is written once
    names = {name: records.setdefault(_text(record), len(records)) for name, record in made.items()}
    told = _text({"sources": fingerprint(), "names": names})
    return "".join(f"{line}\n" for line in (told, *records)).encode()


def _text(data: Any) -> str:
    return json.dumps(data, ensure_ascii=True, separators=(",", ":"), sort_keys=True)


def sources() -> list[Path]:
    """The files for people."""
    return sorted(HERE.glob("*.yaml"))


def fingerprint() -> str:
    """Of all sources together."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in sources())).hexdigest()


def _names(names: Any) -> list[str]:
    return [name.strip() for name in str(names).split(",") if name.strip()]


def _record(name: str, record: Any, found: dict[str, Any]) -> dict[str, Any]:
    if record == "read":
        return dict(READ)
    if isinstance(record, str):
        return {"review": record}
    if not isinstance(record, dict):
        raise WrongRecordError(f"{name}: a record is 'read', a reason, or fields")
    if strange := set(record) - FIELDS:
        raise WrongRecordError(f"{name}: no such field: {', '.join(sorted(map(str, strange)))}")
    base = _record(record["like"], found[record["like"]], found) if "like" in record else {}
    made = {**base, **{key: value for key, value in record.items() if key != "like"}}
    for key in ("takes", "flags", "switch"):
        if key in made:
            made[key] = {each: value for names, value in made[key].items() for each in _names(names)}
    if "safe" in made and isinstance(made["safe"], str):
        made["safe"] = made["safe"].split()
    if "commands" in made:
        made["commands"] = {
            each: _record(f"{name} {each}", inner, found)
            for names, inner in made["commands"].items()
            for each in _names(names)
        }
    elif _matters(made):
        made["careful"] = True
    return made


def _matters(record: dict[str, Any]) -> bool:
    """Whether an argument that nobody knows could do harm."""
    takes = set(record.get("takes", {}).values())
    return bool(record.get("flags") or record.get("strict") or takes - MILD)


if __name__ == "__main__":
    sys.exit(main())
