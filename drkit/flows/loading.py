"""Estate and playbooks, from their files to models, with every error of all of them at once."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from drkit.core.configuration.problems import suggest
from drkit.core.configuration.reading import Reader
from drkit.core.errors import UsageError
from drkit.core.estate import Estate

if TYPE_CHECKING:
    from pydantic import BaseModel

    from drkit.core.configuration.nodes import Document
    from drkit.core.playbook import Playbook, StepEntry
    from drkit.ports.steps import AnyStep, Setting

EVERYWHERE = Path("/etc/drkit/estate.yaml")


@dataclass(frozen=True, slots=True)
class LoadedStep:
    """A step of a playbook with its verb and its arguments."""

    name: str
    entry: StepEntry
    step: AnyStep
    arguments: BaseModel


@dataclass(frozen=True, slots=True)
class LoadedPlaybook:
    """A playbook whose every step is known and whose arguments fit."""

    path: Path
    content: bytes
    playbook: Playbook
    steps: tuple[LoadedStep, ...]

    @property
    def sha256(self) -> str:
        """Of the file's bytes, so that evidence names exactly what ran."""
        return sha256(self.content).hexdigest()

    def setting(self, estate: Estate, now: datetime, slot: datetime | None = None) -> Setting:
        """What its steps know beside their arguments; for its last slot, unless another is said."""
        from drkit.ports.steps import Setting

        return Setting(estate, self.playbook.playbook, slot or self.playbook.schedule.slot(now))


@dataclass(frozen=True, slots=True)
class Loaded:
    """An estate and playbooks that fit it."""

    estate: Estate
    playbooks: tuple[LoadedPlaybook, ...]

    def accounts(self, now: datetime) -> set[str]:
        """The names of the accounts that any step looks at."""
        return {
            scope.account
            for playbook in self.playbooks
            for step in playbook.steps
            for scope in step.step.needs(step.arguments, playbook.setting(self.estate, now)).scopes
        }


def estate_path(flag: Path | None) -> Path:
    """Where the estate is: flag, DRKIT_ESTATE, the working directory, /etc/drkit.

    Raises:
        UsageError: in none of these places.
    """
    if flag is not None:
        return flag
    if chosen := os.environ.get("DRKIT_ESTATE"):
        return Path(chosen)
    for path in (Path("estate.yaml"), EVERYWHERE):
        if path.is_file():
            return path
    raise UsageError(
        f"no estate: there is no estate.yaml here, and no {EVERYWHERE}",
        hint="name it with --estate FILE or DRKIT_ESTATE, or write one with `drkit init DIR`",
    )


def load_estate(flag: Path | None) -> Estate:
    """The estate alone.

    Raises:
        UsageError: there is none.
        ConfigurationError: all that is wrong with it.
    """
    return load(estate_path(flag), ()).estate


def load(estate: Path, playbooks: Iterable[Path]) -> Loaded:
    """An estate and playbooks.

    Raises:
        ConfigurationError: all that is wrong with any of them.
    """
    reader = Reader()
    read_estate = reader.read(estate, Estate)
    loaded = [load_playbook(reader, path, read_estate.value if read_estate else None) for path in playbooks]
    reader.finish()
    assert read_estate is not None
    return Loaded(read_estate.value, tuple(playbook for playbook in loaded if playbook))


def load_playbook(reader: Reader, path: Path, estate: Estate | None) -> LoadedPlaybook | None:
    """One playbook; what is wrong with it goes to the reader.

    Args:
        reader: collects problems.
        path: the file.
        estate: what names in the playbook must exist in; None where the estate itself is not readable.
    """
    from drkit.core.playbook import Playbook  # what needs the estate alone, starts without it

    document = reader.document(path)
    if document is None:
        return None
    playbook = reader.validate(document, Playbook)
    # Steps are read from the file and not from the model, so that their errors come with all the others.
    nodes = document.node("steps").items
    steps = [_load_step(reader, document, index, estate) for index in range(len(nodes))]
    _refuse_same_names(reader, document)
    if playbook is None or None in steps:
        return None
    loaded = tuple(
        LoadedStep(entry.name or entry.uses, entry, *step)
        for entry, step in zip(playbook.steps, steps, strict=True)
        if step
    )
    return LoadedPlaybook(path, document.content, playbook, loaded)


def _load_step(
    reader: Reader, document: Document, index: int, estate: Estate | None
) -> tuple[AnyStep, BaseModel] | None:
    """The verb and the arguments of one step; None where there were problems."""
    from drkit.flows.registry import find_step, step_names

    uses = document.root.text("steps", index, "uses")
    if uses is None:
        return None  # the model has said so
    step = find_step(uses)
    if step is None:
        known = step_names()
        advice = suggest(uses, known) or f": there are {', '.join(known)}"
        reader.report(document.problem(f"unknown step '{uses}'{advice}", "steps", index, "uses"))
        return None
    arguments = _load_arguments(reader, document, index, uses, step)
    if arguments is None:
        return None
    if estate is not None:
        for path, message in step.problems(arguments, estate):
            reader.report(document.problem(message, "steps", index, "with", *path))
    return step, arguments


def _load_arguments(
    reader: Reader, document: Document, index: int, uses: str, step: AnyStep
) -> BaseModel | None:
    given = document.node("steps", index).child("with")
    if given is not None:
        arguments: BaseModel | None = reader.validate(document, step.arguments, node=given)
        return arguments
    required = [name for name, field in step.arguments.model_fields.items() if field.is_required()]
    if required:
        message = f"missing field 'with': {uses} needs {', '.join(required)}"
        reader.report(document.problem(message, "steps", index))
        return None
    defaults: BaseModel = step.arguments()
    return defaults


def _refuse_same_names(reader: Reader, document: Document) -> None:
    """Evidence and reports tell steps apart by their names."""
    seen: set[str] = set()
    for index in range(len(document.node("steps").items)):
        name = document.root.text("steps", index, "name") or document.root.text("steps", index, "uses")
        if name in seen:
            message = f"a second step called '{name}': give it a `name` of its own"
            reader.report(document.problem(message, "steps", index))
        if name:
            seen.add(name)
