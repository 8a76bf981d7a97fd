"""Make the tables of ``data`` from a compilation of what the documentation says about each action.

``python -m drkit.sandbox.enforcement.generate ACTIONS.json ERRORS.json``: the first holds the level at which
each action is authorised and the preset policies, the second the error codes that each action documents.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
DENIED = "UnauthorizedOperation"
DENIED_TOO = "AuthFailure.UnauthorizedOperation"
LETTERS = {"operation": "o", "resource": "r", "unknown": "or"}
FIRST_MADE_UP_ID = 900_000  # of presets whose id no page names


def levels(service: Mapping[str, Any]) -> dict[str, Any]:
    """The level of each action and of the others: ``o``, ``r``, or ``or``, where that is unknown or disputed."""
    actions = {name: level(action) for name, action in sorted(service["actions"].items())}
    return {"default": LETTERS[service["default"]], "actions": actions}


def level(action: Mapping[str, Any]) -> str:
    """The levels that any page claims, in one word."""
    claimed = {action["level"], *(claim["level"] for claim in action.get("claims", ()))}
    return "".join(sorted({letter for one in claimed for letter in LETTERS[one]}))


def denials(actions: Mapping[str, list[str]]) -> dict[str, Any]:
    """The code with which a service refuses, by default the one that most of its actions document."""
    usual = [name for name, codes in actions.items() if DENIED in codes]
    other = [name for name, codes in actions.items() if DENIED_TOO in codes and name not in usual]
    default, rest, code = (
        (DENIED_TOO, usual, DENIED) if len(other) > len(usual) else (DENIED, other, DENIED_TOO)
    )
    return {"default": default, "actions": dict.fromkeys(sorted(rest), code)}


def presets(known: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The preset policies whose text is known or can be inferred."""
    return [
        {
            "id": preset.get("policy_id") or FIRST_MADE_UP_ID + position,
            "name": name,
            "document": preset["document"],
            "sure": preset["how_sure"].startswith("documented"),
        }
        for position, (name, preset) in enumerate(sorted(known.items()))
        if preset.get("document")
    ]


def main(actions_file: str, errors_file: str) -> None:
    """Write the tables."""
    known = json.loads(Path(actions_file).read_text(encoding="utf-8"))
    errors = json.loads(Path(errors_file).read_text(encoding="utf-8"))
    write("levels.json", {name: levels(one) for name, one in sorted(known["services"].items())})
    write("denials.json", {name: denials(one) for name, one in sorted(errors.items())})
    write("presets.json", presets(known["presets"]))


def write(name: str, content: Any) -> None:
    """One table."""
    text = json.dumps(content, indent=1, ensure_ascii=False)
    (DATA / name).write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
