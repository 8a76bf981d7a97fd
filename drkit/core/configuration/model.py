"""The base of every model that a file is read into."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A mapping in a file: unknown fields are errors, values are never converted, nothing changes later.

    Strict (the text "5" is no number and 5 no text), frozen, known by alias alone (``with`` for a field
    ``with_``), and each field's docstring is its description in the JSON Schema. Sequences may be tuples
    or frozensets and choices enumerations: files are validated as JSON, where pydantic's strictness
    allows these.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        use_attribute_docstrings=True,
        # A bad default is a defect of drkit that a test finds, not an error of the file.
        validate_default=False,
    )
