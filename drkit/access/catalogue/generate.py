"""Write the compact catalogue.

    python -m drkit.access.catalogue.generate FACTS TCCLI_SERVICES

``FACTS`` is the collection of what the public documentation says of actions, presets and implicit rights, with
its sources (``cam_actions.json``). ``TCCLI_SERVICES`` is ``tccli/services`` of the unpacked wheel of the official
``tccli`` (Apache-2.0): the names of all actions of API 3.0. The same input gives the same files.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

from drkit.access.catalogue import CAM_LEVELS, CAM_NAMES

EXAMPLE = "policy example"
SURE = "documented"


def main() -> int:
    """Write the files beside this module."""
    facts = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    names = cam_names(Path(sys.argv[2]))
    _write(CAM_LEVELS, levels(facts, names))
    _write(CAM_NAMES, names)
    return 0


def levels(facts: dict[str, Any], names: dict[str, list[str]]) -> dict[str, Any]:
    """Levels by service, presets whose text is documented, and rights that stand in no policy."""
    made: dict[str, Any] = {"services": {}}
    for service, known in facts["services"].items():
        by_level: dict[str, list[str]] = {}
        for action, said in sorted(known["actions"].items()):
            by_level.setdefault(_level(said, known["sources"]), []).append(action)
        listed = set(known["actions"])
        by_level.setdefault(known["default"], []).extend(
            name for name in names.get(service, []) if name not in listed
        )
        made["services"][service] = {
            "default": known["default"],
            "prefixes": known.get("cam_action_prefixes", [service]),
            "actions": {level: sorted(actions) for level, actions in sorted(by_level.items())},
        }
    full = facts["presets"]["QCloudResourceFullAccess"]
    made["resource_full_cam"] = full["allowed_cam"]
    read_only = facts["presets"]["ReadOnlyAccess"]["read_only_action"]
    made["reading"] = read_only["mostly_names_starting_with"]
    made["presets"] = {name: _preset(preset) for name, preset in sorted(facts["presets"].items())}
    made["general"] = {
        "version": "2.0",
        "statement": [
            {"effect": "deny", **{k: v for k, v in each.items() if k != "principal"}}
            for each in facts["implicit"]["general_policies"]["statements"]
        ],
    }
    return made


def _level(said: dict[str, Any], sources: list[dict[str, Any]]) -> str:
    """The level; apart where the pages disagree, and where one of them shows a policy that names a resource."""
    if said.get("conflict") != "level":
        return str(said["level"])
    kinds = {source["n"]: source["kind"] for source in sources}
    shown = any(
        claim["level"] == "resource" and kinds[claim["source"]].startswith(EXAMPLE)
        for claim in said["claims"]
    )
    return "conflict-example" if shown else "conflict"


def _preset(preset: dict[str, Any]) -> Any:
    """The text of a preset where it is documented; null where it is guessed or more is to be feared."""
    sure = preset.get("how_sure", "").startswith(SURE) and "assume_for_danger" not in preset
    return preset.get("document") if sure else None


def cam_names(services: Path) -> dict[str, list[str]]:
    """The actions of every service, over all versions of its API."""
    made: dict[str, set[str]] = {}
    for path in sorted(services.glob("*/v*/api.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        made.setdefault(path.parent.parent.name, set()).update(found.get("actions", {}))
    return {service: sorted(actions) for service, actions in sorted(made.items())}


def _write(path: Path, data: Any) -> None:
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    path.write_bytes(gzip.compress(text, mtime=0))


if __name__ == "__main__":
    sys.exit(main())
