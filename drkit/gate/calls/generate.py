"""Write ``catalogue.jsonl``: the actions of Tencent Cloud and of AWS, each with what it does.

    python -m drkit.gate.calls.generate SPECIFICATION NAMES FACTS

``SPECIFICATION`` is the directory of the sandbox's specification (the names of ``tccli``), ``NAMES`` the names that
CAM knows beside them (``cam-names.json.gz``), ``FACTS`` a file of further ones (``cam_actions.json``: COS). Those of
AWS are botocore's. What an action does is said by ``rules``.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from drkit.core.files import write_whole
from drkit.gate.calls import CATALOGUE
from drkit.gate.calls.rules import kind

Actions = dict[str, set[str]]


def main(arguments: list[str]) -> int:
    """Generate; the arguments are those of the command line."""
    if len(arguments) != 3:  # noqa: PLR2004 - see the module's own text
        print(__doc__, file=sys.stderr)
        return 2
    specification, names, facts = map(Path, arguments)
    tencent, dry = _tencent(specification, names, facts)
    aws, aws_dry = _aws()
    write_whole(CATALOGUE, catalogue({"tencent": tencent, "aws": aws}, {"tencent": dry, "aws": aws_dry}))
    return 0


def catalogue(clouds: Mapping[str, Actions], dry: Mapping[str, Actions]) -> bytes:
    """The whole file: which line is which service, and then a line a service."""
    places: dict[str, dict[str, int]] = {}
    lines: list[str] = []
    for cloud, services in sorted(clouds.items()):
        for service, actions in sorted(services.items()):
            lines.append(_text(_line(cloud, service, actions, dry[cloud].get(service, set()))))
            places.setdefault(cloud, {})[service] = len(lines)
    return "".join(f"{line}\n" for line in (_text({"services": places}), *lines)).encode()


def _line(cloud: str, service: str, actions: Iterable[str], dry: set[str]) -> dict[str, str]:
    made: dict[str, list[str]] = {}
    for action in sorted(actions):
        made.setdefault(kind(cloud, service, action), []).append(action)
    if dry:
        made["dry"] = sorted(dry)
    return {each: " ".join(names) for each, names in made.items()}


def _text(data: Any) -> str:
    return json.dumps(data, ensure_ascii=True, separators=(",", ":"), sort_keys=True)


def _tencent(specification: Path, names: Path, facts: Path) -> tuple[Actions, Actions]:
    found: Actions = {}
    for service, versions in _unpacked(specification / "index.json.gz").items():
        for version in versions.values():
            found.setdefault(service.lower(), set()).update(version["actions"])
    for service, actions in _unpacked(names).items():
        found.setdefault(service.lower(), set()).update(actions)
    for service, told in json.loads(facts.read_bytes())["services"].items():
        found.setdefault(service.lower(), set()).update(
            name for name in told.get("actions", {}) if name.isidentifier()
        )
    return found, dict(_dry(specification))


def _dry(specification: Path) -> Iterator[tuple[str, set[str]]]:
    for path in sorted(specification.glob("*.*.json.gz")):
        if path.name == "index.json.gz":
            continue
        shapes = _unpacked(path)
        yield (
            path.name.partition(".")[0],
            {
                action
                for action, (asked, _told) in shapes["actions"].items()
                if any(member[0] == "DryRun" for member in shapes["shapes"].get(asked, ()))
            },
        )


def _unpacked(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    return read


def _aws() -> tuple[Actions, Actions]:
    import botocore.session

    session = botocore.session.get_session()
    loader = session.get_component("data_loader")
    found: Actions = {}
    dry: Actions = {}
    for service in session.get_available_services():
        model = loader.load_service_model(service, "service-2")
        found[service] = set(model["operations"])
        for name, told in model["operations"].items():
            asked = model["shapes"].get(told.get("input", {}).get("shape"), {})
            if "DryRun" in asked.get("members", {}):
                dry.setdefault(service, set()).add(name)
    return found, dry


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
