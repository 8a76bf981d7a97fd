"""The faults in a request to the control door, read with the same rules as those in a file."""

from __future__ import annotations

from drkit.core.configuration.composing import compose
from drkit.core.configuration.reading import validate
from drkit.sandbox.faults.model import Fault, FaultFile


def read(body: bytes) -> tuple[Fault, ...]:
    """One fault as an object, or many under ``faults``; JSON is read as the YAML that it is.

    Raises:
        ValueError: with all that is wrong, each with line and column.
    """
    document, problems = compose(body, "the request")
    if document is not None and not problems:
        many = document.root.child("faults") is not None
        found, problems = validate(document.root, FaultFile if many else Fault, document.file)
        if isinstance(found, FaultFile):
            return found.faults
        if isinstance(found, Fault):
            return (found,)
    raise ValueError("; ".join(map(str, problems)))
