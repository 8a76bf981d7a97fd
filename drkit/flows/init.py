"""``drkit init``: an estate and playbooks to start from, filled by the cloud where it can be asked."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from drkit.core import exits
from drkit.core.errors import DrkitError, UsageError
from drkit.core.files import write_whole
from drkit.flows.discovering import used, with_aws
from drkit.flows.talking import progress, say
from drkit.ports.cloud import Cloud
from drkit.ports.errors import CloudError

EXAMPLES = files("drkit").joinpath("examples")
PLAYBOOKS, LATER = Path("playbooks"), Path("later")  # those that `run --due` sees, and those that it does not
ANY, LOOK, MAKE = "TENCENTCLOUD", "DRKIT_LOOK", "DRKIT_MAKE"


def init(arguments: argparse.Namespace) -> int:
    """Write the examples into a directory; nothing that is there is overwritten.

    Raises:
        UsageError: a file is there already, or cannot be written.
    """
    wanted = _placed(dict(_examples(EXAMPLES, Path())))
    if there := [str(arguments.directory / path) for path in wanted if (arguments.directory / path).exists()]:
        raise UsageError(f"already there: {', '.join(there)}", hint="choose an empty directory")
    if not arguments.no_discovery:
        wanted[Path("estate.yaml")] = with_aws(_discovered(wanted[Path("estate.yaml")]), _in_use)
    for path, content in wanted.items():
        _write(arguments.directory / path, content)
        say(f"wrote {arguments.directory / path}")
    say(f"next: drkit check --estate {arguments.directory / 'estate.yaml'}")
    return exits.OK


def _examples(folder: Traversable, under: Path) -> Iterable[tuple[Path, str]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _examples(entry, under / entry.name)
        elif entry.name.endswith((".yaml", ".json")):
            text = entry.read_text(encoding="utf-8")
            # In the project the schemas lie in configs/, beside the example estate.
            yield under / entry.name, text.replace("../configs/schemas/", "../schemas/")


def _placed(wanted: dict[Path, str]) -> dict[Path, str]:
    """Playbooks of promises that the estate does not make yet lie apart: each night they would be UNKNOWN."""
    if re.search(r"^datasets:", wanted[Path("estate.yaml")], re.MULTILINE):
        return wanted
    early = [path for path, text in wanted.items() if path.parent == PLAYBOOKS and "uses: copies." in text]
    for path in early:
        say(f"{LATER / path.name} is for later: move it to {PLAYBOOKS} once the estate has `datasets`")
    return {LATER / path.name if path in early else path: text for path, text in wanted.items()}


def _write(path: Path, content: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content.encode())
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}", hint="choose another directory") from None


def _discovered(estate: str) -> str:
    """The example estate with the account and the regions that the cloud names, where it can be asked."""
    estate, prefix = _with_powers(estate)
    if not os.environ.get(f"{prefix}_SECRET_ID"):
        say(f"no {prefix}_SECRET_ID: the estate is an example, put your account and regions in")
        return estate
    from drkit.clouds.tencent.cloud import TencentCloud

    try:
        with progress() as show:
            cloud = TencentCloud(prefix)
            account = cloud.identity.caller().account
            show("looking for hosts and disks in every region")
            regions = used(cloud, _in_use)
    except DrkitError as error:
        say(f"nothing was discovered: {error.message}")
        return estate
    say(f"discovered account {account}, in use in {', '.join(regions) or 'no region'}")
    estate = estate.replace('"100000000001"', f'"{account}"')
    return re.sub(r"regions: \[.*\]", f"regions: [{', '.join(regions)}]", estate) if regions else estate


def _in_use(cloud: Cloud, region: str) -> bool:
    """Whether a region has hosts or disks; one that cannot be read is taken to have some."""
    try:
        return bool(cloud.machines.list_hosts(region) or cloud.disks.list_disks(region))
    except CloudError as error:
        say(f"{region} could not be read, and is listed to be looked at: {error.message}")
        return True


def _with_powers(estate: str) -> tuple[str, str]:
    """The estate with a key pair for each power, where both are set; and the prefix of the one that looks."""
    if not all(os.environ.get(f"{prefix}_SECRET_ID") for prefix in (LOOK, MAKE)):
        return estate, ANY
    estate = estate.replace(f"look: {ANY}", f"look: {LOOK}").replace(f"make: {ANY}", f"make: {MAKE}")
    return estate.replace(ANY, LOOK), LOOK
