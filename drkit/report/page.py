"""One self-contained page of a report: no script, nothing from elsewhere, every text from outside escaped."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from typing import Any

from drkit.core.text import harmless_lines
from drkit.report.words import CODES, translator


def render(template: str, language: str, *, styles: tuple[str, ...] = ("run.css",), **values: Any) -> str:
    """The page of a template that extends ``page.html``; its Content-Security-Policy lets in its own style alone.

    Args:
        template: its file.
        language: as `drkit.report.words.translator` takes it.
        styles: the files of its style, in their order.
        values: what the template shows.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined  # only a page pays for it

    environment = Environment(
        loader=PackageLoader("drkit.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: harmless_lines(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["say"] = translator(language)
    directory = files("drkit.report").joinpath("templates")
    style = "".join(directory.joinpath(name).read_text(encoding="utf-8") for name in styles)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    page: str = environment.get_template(template).render(
        language=CODES[language], style=style, style_hash=digest, **values
    )
    return page
