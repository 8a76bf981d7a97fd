"""What the commands about copies print of their conclusions, and how they exit."""

from __future__ import annotations

from collections.abc import Iterable

from drkit.core import exits
from drkit.core.results import json_text, result
from drkit.core.text import harmless
from drkit.core.verdicts import STATUS, Conclusion


def statuses(conclusion: Conclusion) -> set[int]:
    """Every exit status that applies: what is surely wrong hides nothing that is unknown."""
    verdicts = [conclusion.verdict, *([conclusion.otherwise] if conclusion.otherwise else [])]
    return {STATUS[verdict.outcome] for verdict in verdicts} - {exits.OK} or {exits.OK}


def told(command: str, form: str, conclusion: Conclusion, lines: Iterable[str]) -> str:
    """The result, as one JSON object or as lines.

    Args:
        command: whose result it is.
        form: ``json`` or ``text``.
        conclusion: what came of all copies.
        lines: what follows the verdict in a text.
    """
    if form == "json":
        return json_text(
            result(
                command,
                conclusion.verdict,
                summary=conclusion.summary,
                findings=[{**finding.as_data(), "first_seen": None} for finding in conclusion.findings],
                statuses=statuses(conclusion),
                copies={row["copy"]: row for row in conclusion.rows},
            )
        )
    said = [f"{conclusion.verdict.outcome.value.upper()}  {conclusion.verdict.reason}".rstrip()]
    return "\n".join(map(harmless, [*said, *lines]))
