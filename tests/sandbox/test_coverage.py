from __future__ import annotations

import pytest
from helpers import ROOT

from drkit.sandbox.coverage import BEGIN, END, Coverage, written_into
from drkit.sandbox.services.catalogue import EMULATED


def test_the_table_in_the_documentation_is_up_to_date() -> None:
    page = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")
    assert written_into(page, Coverage.measure().table()) == page, "run `make schemas`"


def test_the_table_names_every_emulated_action_once() -> None:
    table = Coverage.measure().table()
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")][1:]
    named = [(*service.split(), action) for service, _, actions in rows for action in actions.split(", ")]
    assert sorted(named) == sorted(EMULATED)


def test_a_page_without_the_marks_is_refused() -> None:
    assert written_into(f"a\n{BEGIN}old{END}\nb\n", "new") == f"a\n{BEGIN}\n\nnew\n\n{END}\nb\n"
    for page in ("", BEGIN, f"{END}{BEGIN}"):
        with pytest.raises(ValueError, match="the page has no"):
            written_into(page, "new")
