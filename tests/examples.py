"""The documented examples of every emulated action.

They come with the wheel of the official command line (`make tccli`), as raw HTTP requests.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from helpers import ROOT

from drkit.sandbox.services.catalogue import EMULATED
from drkit.sandbox.specification.load import Specification
from drkit.sandbox.wire.parameters import from_query

SERVICES = next(
    iter((ROOT / ".venv-tccli" / "lib").glob("python*/site-packages/tccli/services")), Path("absent")
)
HOW = "the examples come with the real tccli: `make tccli` installs it"
SHARED = ROOT.parent / "shared"
ERRORS = SHARED / "facts" / "tencent_action_errors.json"
SPECIFICATION = Specification()
# What every action may answer: "Common error codes" in the API documentation (for CVM: document 213/30435).
COMMON = frozenset(
    [
        "ActionOffline",
        "AuthFailure",
        "DryRunOperation",
        "FailedOperation",
        "InvalidAction",
        "InvalidParameter",
        "InvalidParameterValue",
        "InvalidRequest",
        "LimitExceeded",
        "MissingParameter",
        "RequestLimitExceeded",
        "RequestSizeLimitExceeded",
        "ResourceInUse",
        "ResourceInsufficient",
        "ResourceNotFound",
        "ResourceUnavailable",
        "UnauthorizedOperation",
        "UnknownParameter",
        "UnsupportedOperation",
        "UnsupportedProtocol",
        "UnsupportedRegion",
    ]
)


@dataclass(frozen=True, slots=True)
class Example:
    """One documented request; a GET has its ``query``, a POST its parameters alone."""

    service: str
    version: str
    action: str
    number: int
    query: str
    parameters: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.service}-{self.action}-{self.number}"


@functools.cache
def examples() -> tuple[Example, ...]:
    """The examples of all emulated actions; none where the command line is not installed."""
    return tuple(example for key in sorted(EMULATED) for example in examples_of(*key))


def examples_of(service: str, version: str, action: str) -> Iterator[Example]:
    """The examples of one action."""
    file = SERVICES / service / f"v{version.replace('-', '')}" / "examples.json"
    if not file.exists():
        return
    for number, one in enumerate(read(file)["actions"].get(action, [])):
        text = one["input"].replace("\r\n", "\n")
        if text.startswith("POST"):
            yield Example(service, version, action, number, "", json.loads(text.partition("\n\n")[2]))
            continue
        query = text.partition("?")[2].replace("\n", "").replace("&<公共请求参数>", "")
        pairs = parse_qsl(query, keep_blank_values=True)
        query = urlencode([(name, value.strip()) for name, value in pairs if name != "Action"])
        known = SPECIFICATION.service_shapes(service, version)
        yield Example(
            service, version, action, number, query, from_query(query, known.request(action), known)
        )


@functools.cache
def read(file: Path) -> Any:
    return json.loads(file.read_bytes())


@functools.cache
def documented() -> dict[str, dict[str, list[str]]]:
    """The error codes that each action documents, by service."""
    found: dict[str, dict[str, list[str]]] = read(ERRORS)
    return found


def is_documented(service: str, action: str, code: str) -> bool:
    """Whether an action documents a code, or every action may answer it; a code stands for those below it."""
    codes = {*documented().get(service, {}).get(action, []), *COMMON}
    return any(code == one or code.startswith(f"{one}.") for one in codes)
