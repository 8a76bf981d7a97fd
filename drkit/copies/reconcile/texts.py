"""The SQL texts, and how names and values come into them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from string import Template


class Texts:
    """The texts in the directory ``sql/`` of a package.

    Args:
        package: its name.
    """

    def __init__(self, package: str) -> None:
        self._directory = files(package) / "sql"
        self._template = cache(self._read)

    def __call__(self, name: str, **parts: str) -> str:
        """A text with its parts filled in; they are SQL, never what a file or a person says."""
        return self._template(name).substitute(parts)

    def _read(self, name: str) -> Template:
        return Template((self._directory / f"{name}.sql").read_text(encoding="utf-8"))


sql = Texts(__package__)
"""Those of this room."""


def quoted(name: str) -> str:
    """A name of a column, whatever it is made of."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as a value."""
    return "'" + text.replace("'", "''") + "'"
