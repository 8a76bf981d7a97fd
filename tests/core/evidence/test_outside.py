"""A directory as a place that takes and keeps."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drkit.core.evidence.checkpoint import sign_checkpoint
from drkit.core.evidence.outside import DirectoryOutside, OutsideError, TakenError, folder_of, name_of

NAME = "drkit%2Festate/0000000000000006-00112233445566aa"


def visible(directory):
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("[!.]*") if path.is_file())


def test_what_is_put_is_kept_under_its_name_and_cannot_be_written_to(tmp_path):
    DirectoryOutside(tmp_path).put(NAME, b"signed")
    assert visible(tmp_path) == [NAME]
    assert (tmp_path / NAME).read_bytes() == b"signed"
    assert not (tmp_path / NAME).stat().st_mode & 0o222


def test_the_same_again_is_no_error(tmp_path):
    for _ in range(2):
        DirectoryOutside(tmp_path).put(NAME, b"signed")
    assert len(list((tmp_path / NAME).parent.iterdir())) == 1


def test_something_else_under_the_name_is_refused_and_stays(tmp_path):
    DirectoryOutside(tmp_path).put(NAME, b"signed")
    with pytest.raises(TakenError, match="something else"):
        DirectoryOutside(tmp_path).put(NAME, b"signed anew")
    assert (tmp_path / NAME).read_bytes() == b"signed"


@pytest.mark.parametrize("planted", ["link to nothing", "directory"])
def test_nothing_that_somebody_planted_there_is_followed_or_replaced(tmp_path, planted):
    path = tmp_path / "outside" / NAME
    path.parent.mkdir(parents=True)
    if planted == "directory":
        path.mkdir()
    else:
        path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutsideError):
        DirectoryOutside(tmp_path / "outside").put(NAME, b"signed")
    assert not (tmp_path / "elsewhere").exists()


def test_a_share_that_is_not_mounted_is_not_made(tmp_path):
    with pytest.raises(OutsideError) as caught:
        DirectoryOutside(tmp_path / "not-mounted").put(NAME, b"signed")
    assert "mounted" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def append_only(tmp_path):
    """A directory in which names can be made and none be removed, not even by root."""
    place = tmp_path / "worm"
    folder = (place / NAME).parent
    folder.mkdir(parents=True)
    if subprocess.run(["chattr", "+a", folder], capture_output=True, check=False).returncode:
        pytest.skip("only root, on a file system that knows it, can make a directory append-only")
    yield place
    subprocess.run(["chattr", "-a", folder], check=True)


def test_a_directory_that_only_takes_takes_a_checkpoint(append_only):
    DirectoryOutside(append_only).put(NAME, b"signed")
    with pytest.raises(PermissionError):
        (append_only / NAME).unlink()
    assert (append_only / NAME).read_bytes() == b"signed"
    assert visible(append_only) == [NAME]
    DirectoryOutside(append_only).put(NAME, b"signed")


def test_the_name_says_the_log_the_size_and_the_root(signer):
    checkpoint = sign_checkpoint(42, bytes(range(32)), signer)
    assert name_of(checkpoint) == "example.com%2Festate/0000000000000042-0001020304050607"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_any_origin_is_one_visible_file_name(origin):
    folder = folder_of(origin)
    assert Path(folder).name == folder
    assert not folder.startswith(".")
    assert folder.isascii()


def test_different_origins_never_share_a_folder():
    origins = ["a/b", "a%2Fb", "a.b", ".", "..", "%2E", "%2E.", ".a", "a b", "a+b"]
    assert len({folder_of(origin) for origin in origins}) == len(origins)
