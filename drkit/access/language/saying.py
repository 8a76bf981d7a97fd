"""How answers and findings name documents and statements."""

from __future__ import annotations

from drkit.access.language.form import Statement


def label(statement: Statement) -> str:
    """A statement, in its document."""
    sid = f" ({statement.sid})" if statement.sid else ""
    effect = f" {statement.effect.value}" if statement.effect else ""
    strange = f" [{'; '.join(statement.strange)}]" if statement.strange else ""
    return f"statement {statement.index}{sid}{effect}{strange}"


def place_of(field: str, index: int, name: str) -> str:
    """A document, among those of its field."""
    return f"{field}[{index}] ({name})" if name else f"{field}[{index}]"
