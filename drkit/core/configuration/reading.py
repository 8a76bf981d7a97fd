"""Files → models, with every error of every file at once.

`read` is for one file. A `Reader` collects over several files and lets a caller add what it finds itself::

    reader = Reader()
    estate = reader.read(path, Estate)          # a Reading, or None and problems
    if estate:
        reader.report(estate.document.problem("unknown account 'prdo'", "steps", 0, "account"))
    reader.finish()                             # raises ConfigurationError if there was any problem
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from drkit.core.configuration.composing import compose
from drkit.core.configuration.explaining import explain
from drkit.core.configuration.problems import Problem, at_most
from drkit.core.configuration.text import LARGEST_FILE, too_large
from drkit.core.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from drkit.core.configuration.nodes import Document, Node

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Reading(Generic[M]):
    """A file that was read without a problem: its model, and the places of everything in it."""

    document: Document
    value: M


class Reader:
    """Reads files and collects what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def document(self, path: Path) -> Document | None:
        """The tree of a file; None where there is none. It may hold refused nodes: see `problems`."""
        content, problem = _content(path)
        if problem or content is None:
            self.problems += [problem] if problem else []
            return None
        document, problems = compose(content, str(path))
        self.problems += problems
        return document

    def validate(
        self, document: Document, model: type[M], *, node: Node | None = None, context: Any = None
    ) -> M | None:
        """The model of a document, or of a node within it; None where there were problems."""
        value, problems = validate(node or document.root, model, document.file, context)
        self.problems += problems
        return value

    def read(self, path: Path, model: type[M], *, context: Any = None) -> Reading[M] | None:
        """The model of a file and its document; None where there were problems."""
        document = self.document(path)
        value = self.validate(document, model, context=context) if document else None
        return Reading(document, value) if document and value is not None else None

    def report(self, *problems: Problem) -> None:
        """Add what a caller found wrong by itself, see `Document.problem`."""
        self.problems += problems

    def finish(self) -> None:
        """End the reading.

        Raises:
            ConfigurationError: there was a problem; all of them, by file and place.
        """
        if not self.problems:
            return
        files = dict.fromkeys(problem.file for problem in self.problems)
        each_once = set(self.problems)
        lines = [
            str(problem)
            for file in sorted(files)
            for problem in at_most(problem for problem in each_once if problem.file == file)
        ]
        raise ConfigurationError(lines, hint=next((each.hint for each in self.problems if each.hint), ""))


def read(path: Path, model: type[M], *, context: Any = None) -> M:
    """The model of one file.

    Raises:
        ConfigurationError: with every problem of the file, as ``path:line:column: message``.
    """
    reader = Reader()
    reading = reader.read(path, model, context=context)
    reader.finish()
    assert reading is not None
    return reading.value


def validate(node: Node, model: type[M], file: str, context: Any = None) -> tuple[M | None, list[Problem]]:
    """The model of a node and what is wrong with it.

    The model is None where there are problems, and where a node was refused before: its data is then
    not what was meant. As JSON, because strict pydantic takes a list for a tuple and text for an
    enumeration only from there.
    """
    text = json.dumps(node.plain(), ensure_ascii=False, allow_nan=False)
    try:
        value = model.model_validate_json(text, context=context)
    except ValidationError as error:
        return None, explain(error, node, model, file)
    return (None if node.spoiled() else value), []


def _content(path: Path) -> tuple[bytes | None, Problem | None]:
    file = str(path)
    try:
        with path.open("rb") as stream:
            # A pipe or a device has no size to ask for; one byte over the limit is enough to know.
            content = stream.read(LARGEST_FILE + 1)
        size = path.stat().st_size
    except FileNotFoundError:
        return None, Problem(
            file, 0, 0, "no such file", hint="check the path; `drkit init DIR` writes examples"
        )
    except IsADirectoryError:
        return None, Problem(file, 0, 0, "is a directory, not a file", hint="name the file in it")
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        return None, Problem(file, 0, 0, f"cannot be read: {said}")
    if len(content) > LARGEST_FILE:
        return None, too_large(file, size if size > LARGEST_FILE else None)
    return content, None
