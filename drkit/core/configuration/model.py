"""The base of every model that a file is read into."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict
from pydantic.plugin import _loader

if TYPE_CHECKING:
    from collections.abc import Mapping

# No package that is installed beside drkit reads along when files are validated; looking for one takes long, too.
_loader._plugins = {}  # noqa: SLF001 - the only other way is a variable, which programs that drkit starts would inherit


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
        # A bad default is a defect of drkit that a test finds, not an error of the file.
        validate_default=False,
    )

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> Any:
        """As pydantic's, with the fields' docstrings.

        pydantic's own ``use_attribute_docstrings`` reads the source of every model whenever it is imported, which
        takes a third of that time, for what few commands show.
        """
        made = handler(core_schema)
        properties = handler.resolve_ref_schema(made).get("properties", {})
        for name, text in _docstrings(cls).items():
            field = cls.model_fields[name]
            shown = next((each for each in (field.alias, name) if each in properties), "")
            if field.description is None and shown and _says_else(handler, properties[shown], text):
                properties[shown] = {**properties[shown], "description": text}
        return made


def _says_else(handler: Any, shown: dict[str, Any], text: str) -> bool:
    """Whether the model that a field refers to does not say the same of itself."""
    return "$ref" not in shown or handler.resolve_ref_schema(shown).get("description") != text


@cache
def _docstrings(model: type[Model]) -> Mapping[str, str]:
    """Of the fields of a model and of those that it inherits."""
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if issubclass(each, Model):
            found |= _own_docstrings(each)
    return {name: text for name, text in found.items() if name in model.model_fields}


def _own_docstrings(model: type) -> dict[str, str]:
    """The text after each annotated name in the source of a class; nothing where there is no source."""
    import ast
    import inspect
    from itertools import pairwise
    from textwrap import dedent

    try:
        (tree,) = ast.parse(dedent(inspect.getsource(model))).body
    except (OSError, TypeError, ValueError, SyntaxError):
        return {}
    found: dict[str, str] = {}
    for before, after in pairwise(getattr(tree, "body", [])):
        match before, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = inspect.cleandoc(text)
    return found
