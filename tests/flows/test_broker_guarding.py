"""What the broker believes lies where its clients cannot change it, and nothing on the way to it can be swapped."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from drkit.core.errors import UsageError
from drkit.flows.broker.guarding import refuse_writable

ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to others")


@pytest.fixture
def estate(tmp_path: Path) -> Path:
    """A file that nobody else can change."""
    path = tmp_path / "etc" / "estate.yaml"
    path.parent.mkdir(mode=0o755)
    path.write_text("estate: weimob\n")
    path.chmod(0o644)
    return path


def refused(path: Path) -> str:
    with pytest.raises(UsageError) as error:
        refuse_writable(path)
    return error.value.message


def test_a_file_that_only_its_owner_can_change_is_believed(estate: Path) -> None:
    refuse_writable(estate)


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o602])
def test_a_file_that_others_can_write_is_refused(estate: Path, mode: int) -> None:
    estate.chmod(mode)
    assert f"{estate} can be changed by others" in refused(estate)


@pytest.mark.parametrize("mode", [0o775, 0o757])
def test_a_directory_in_which_others_can_replace_it_is_refused(estate: Path, mode: int) -> None:
    estate.parent.chmod(mode)
    assert f"{estate.parent} can be changed by others" in refused(estate)


def test_a_sticky_directory_is_believed(estate: Path) -> None:
    estate.parent.chmod(0o1777)
    refuse_writable(estate)


def test_a_link_that_others_can_turn_is_refused_whatever_it_leads_to_now(
    estate: Path, tmp_path: Path
) -> None:
    """Else the path could lead to one file when it is checked, and to another when it is read."""
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    link = shared / "estate.yaml"
    link.symlink_to(estate)
    assert str(shared) in refused(link)
    (tmp_path / "way").symlink_to(shared)
    assert str(shared) in refused(tmp_path / "way" / "estate.yaml")


@ROOT
@pytest.mark.parametrize("which", ["file", "directory", "link"])
def test_what_belongs_to_somebody_else_is_refused(estate: Path, tmp_path: Path, which: str) -> None:
    link = tmp_path / "link.yaml"
    link.symlink_to(estate)
    place = {"file": estate, "directory": estate.parent, "link": link}[which]
    os.chown(place, 65534, 65534, follow_symlinks=False)
    assert f"{place} can be changed by others" in refused(link)


def test_what_is_absent_is_refused(tmp_path: Path) -> None:
    assert "cannot be looked at" in refused(tmp_path / "nothing.yaml")
