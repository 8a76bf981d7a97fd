"""``drkit schema``: the JSON Schema of a file, for editors; made from the models that read it."""

from __future__ import annotations

import argparse
from typing import Any, Final

from drkit.core import exits
from drkit.core.estate import Estate
from drkit.core.playbook import Playbook
from drkit.core.results import json_text, write_result
from drkit.flows.registry import find_step, step_names

# Defaults as a person would write them: "25h", and not "P1DT1H".
AS_WRITTEN: Final = "serialization"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(arguments: argparse.Namespace) -> int:
    """Print one schema."""
    made = estate_schema() if arguments.kind == "estate" else playbook_schema()
    write_result(json_text(made), arguments.output)
    return exits.OK


def estate_schema() -> dict[str, Any]:
    """The schema of ``estate.yaml``."""
    return {"$schema": DIALECT, **Estate.model_json_schema(mode=AS_WRITTEN)}


def playbook_schema() -> dict[str, Any]:
    """The schema of a playbook: each verb of ``uses`` brings the schema of its ``with``."""
    made = Playbook.model_json_schema(mode=AS_WRITTEN)
    step = made["$defs"]["StepEntry"]
    step["properties"]["uses"] = {"enum": list(step_names()), "description": "The verb."}
    step["allOf"] = [_of_step(uses, made["$defs"]) for uses in step_names()]
    return {"$schema": DIALECT, **made}


def _of_step(uses: str, definitions: dict[str, Any]) -> dict[str, Any]:
    """When ``uses`` is this verb, ``with`` is its arguments."""
    step = find_step(uses)
    assert step is not None
    arguments = step.arguments.model_json_schema(mode=AS_WRITTEN)
    definitions.update(arguments.pop("$defs", {}))
    then: dict[str, Any] = {"properties": {"with": arguments}}
    if arguments.get("required"):
        then["required"] = ["with"]
    return {"if": {"properties": {"uses": {"const": uses}}}, "then": then}
