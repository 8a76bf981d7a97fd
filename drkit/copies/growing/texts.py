"""The SQL texts of this room."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from string import Template


@cache
def _template(name: str) -> Template:
    return Template((files(__package__) / "sql" / f"{name}.sql").read_text(encoding="utf-8"))


def sql(name: str, **parts: str) -> str:
    """A text of ``sql/`` with its parts filled in; they are SQL, never what a file or a person says."""
    return _template(name).substitute(parts)
