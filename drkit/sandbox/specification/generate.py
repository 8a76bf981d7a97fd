"""Write the compact specification from the ``api.json`` files of the official ``tccli`` wheel.

    python -m drkit.sandbox.specification.generate WHEEL_OR_DIRECTORY [OUTPUT_DIRECTORY]

The wheel (Apache-2.0) ships ``tccli/services/<folder>/v<date>/api.json`` for every service. Kept are names,
types and flags; prose and examples are left out. The same wheel gives the same files.
"""

from __future__ import annotations

import gzip
import json
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drkit.sandbox.specification import DISABLED, NULLABLE, OUTPUT_REQUIRED, REQUIRED

if TYPE_CHECKING:
    from collections.abc import Iterator

# The services that drkit protects, or reads in order to protect; of the others the names alone are kept.
SHAPED = frozenset(
    {"bdrc", "bh", "cam", "cbs", "cdb", "clb", "cloudaudit", "cvm", "cynosdb", "dbs"}
    | {"kms", "organization", "region", "ssm", "sts", "tag", "tat", "vpc"}
)


def main(arguments: list[str]) -> int:
    """Generate; the arguments are those of the command line."""
    if len(arguments) not in {1, 2}:
        print(__doc__, file=sys.stderr)
        return 2
    target = Path(arguments[1]) if len(arguments) > 1 else Path(__file__).parent / "data"
    generate(Path(arguments[0]), target)
    return 0


def generate(source: Path, target: Path) -> None:
    """Write ``index.json.gz`` and one file a shaped service and version into ``target``."""
    index: dict[str, dict[str, Any]] = {}
    for document in documents(source):
        service = document["metadata"]["serviceShortName"]
        version = document["metadata"]["apiVersion"]
        index.setdefault(service, {})[version] = names(document)
        if service in SHAPED:
            write(target / f"{service}.{version}.json.gz", shapes(document))
    write(target / "index.json.gz", index)


def documents(source: Path) -> Iterator[dict[str, Any]]:
    """Every ``api.json`` of a wheel, or of a directory into which one was unpacked."""
    if source.is_dir():
        for path in sorted(source.rglob("services/*/v*/api.json")):
            yield json.loads(path.read_bytes())
        return
    with zipfile.ZipFile(source) as wheel:
        for name in sorted(wheel.namelist()):
            if name.startswith("tccli/services/") and name.endswith("/api.json"):
                yield json.loads(wheel.read(name))


def names(document: dict[str, Any]) -> dict[str, list[str]]:
    """The actions of one service and version, those taken offline apart."""
    sorted_names: dict[str, list[str]] = {"actions": [], "offline": []}
    for action, described in sorted(document["actions"].items()):
        offline = described.get("status") == "offline"
        sorted_names["offline" if offline else "actions"].append(action)
    return sorted_names


def shapes(document: dict[str, Any]) -> dict[str, Any]:
    """The request and answer of each action, and the members of every shape they reach."""
    actions, objects = document["actions"].items(), document["objects"].items()
    return {
        "actions": {action: [described["input"], described["output"]] for action, described in actions},
        "shapes": {name: [compact(member) for member in shape["members"]] for name, shape in objects},
    }


def compact(member: dict[str, Any]) -> list[Any]:
    """One member as ``[name, type, flags]``; a list's type is that of its elements behind a ``[``."""
    kind = f"[{member['member']}" if member["type"] == "list" else member["member"]
    flags = (
        REQUIRED * bool(member.get("required"))
        | OUTPUT_REQUIRED * bool(member.get("output_required"))
        | NULLABLE * bool(member.get("value_allowed_null"))
        | DISABLED * bool(member.get("disabled"))
    )
    return [member["name"], kind, flags]


def write(path: Path, content: dict[str, Any]) -> None:
    """Gzipped JSON without a time in it."""
    text = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
