from __future__ import annotations

import stat

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from drkit.core.errors import UsageError
from drkit.core.evidence import keys, note, signing


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_pair_is_private_and_loads_as_it_was_made(tmp_path):
    made = keys.create(tmp_path / "deep" / "pair", "example.com/estate")
    pair = tmp_path / "deep" / "pair"
    assert mode(pair) == 0o700
    assert mode(pair / "private-key.pem") == 0o600
    assert sorted(path.name for path in pair.iterdir()) == ["private-key.pem", "verifier-key"]
    loaded = keys.load(pair)
    assert loaded.key == made.key
    assert keys.read_verifier_keys(pair / "verifier-key") == [made.key]


@pytest.mark.parametrize("present", ["private-key.pem", "verifier-key"])
def test_a_key_that_is_there_is_never_overwritten(tmp_path, present):
    pair = tmp_path / "pair"
    pair.mkdir(mode=0o700)
    (pair / present).write_text("precious")
    with pytest.raises(UsageError, match="not overwritten"):
        keys.create(pair, "example.com/estate")
    assert [path.name for path in pair.iterdir()] == [present]
    assert (pair / present).read_text() == "precious"


def test_a_directory_that_others_can_enter_is_refused(tmp_path):
    tmp_path.chmod(0o755)
    with pytest.raises(UsageError, match="others can enter"):
        keys.create(tmp_path, "example.com/estate")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("readable", [0o640, 0o604, 0o620])
def test_a_private_key_that_others_can_read_is_refused(tmp_path, readable):
    keys.create(tmp_path / "pair", "example.com/estate")
    (tmp_path / "pair" / "private-key.pem").chmod(readable)
    with pytest.raises(UsageError, match="others can read"):
        keys.load(tmp_path / "pair")


def test_an_absent_key_is_one_clear_error(tmp_path):
    with pytest.raises(UsageError, match="cannot be read") as caught:
        keys.load(tmp_path)
    assert "restore" in caught.value.hint


def encrypted(private):
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: b"",
        lambda _: b"garbage",
        encrypted,
        lambda _: ec.generate_private_key(ec.SECP256R1()).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ),
    ],
)
def test_what_is_no_plain_ed25519_key_is_refused_without_quoting_it(tmp_path, spoil):
    private = keys.create(tmp_path / "pair", "example.com/estate").private
    path = tmp_path / "pair" / "private-key.pem"
    path.write_bytes(spoil(private))
    with pytest.raises(UsageError) as caught:
        keys.load(tmp_path / "pair")
    assert "BEGIN" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_halves_of_two_pairs_are_refused(tmp_path):
    keys.create(tmp_path / "one", "example.com/estate")
    keys.create(tmp_path / "two", "example.com/estate")
    (tmp_path / "one" / "verifier-key").write_bytes((tmp_path / "two" / "verifier-key").read_bytes())
    with pytest.raises(UsageError, match="does not belong"):
        keys.load(tmp_path / "one")


@pytest.mark.parametrize("content", [b"", b"\n", b"garbage\n", b"\xff"])
def test_a_file_without_a_verifier_key_is_refused(tmp_path, content):
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(UsageError):
        keys.read_verifier_keys(tmp_path / "key")


def test_a_name_that_no_signature_line_can_hold_makes_no_key(tmp_path):
    with pytest.raises(note.NoteError):
        keys.create(tmp_path / "pair", "two words")
    assert not (tmp_path / "pair").exists()


def test_neither_repr_nor_error_shows_the_private_half(tmp_path):
    signer = keys.create(tmp_path / "pair", "example.com/estate")
    assert "private" not in repr(signer).lower()


def test_a_run_takes_the_key_that_was_made_ahead(tmp_path):
    made = signing.make(tmp_path / "pair", "estate")
    assert signing.signer(tmp_path / "pair", "estate").key == made.key
    assert made.name == "drkit/estate"


def test_a_pair_whose_making_was_broken_off_is_completed_and_not_replaced(tmp_path):
    made = signing.make(tmp_path / "pair", "estate")
    (tmp_path / "pair" / "verifier-key").unlink()
    assert signing.signer(tmp_path / "pair", "estate").key == made.key
    assert keys.read_verifier_keys(tmp_path / "pair" / "verifier-key") == [made.key]


def test_a_private_key_that_is_lost_is_not_made_anew_beside_its_public_half(tmp_path):
    signing.make(tmp_path / "pair", "estate")
    (tmp_path / "pair" / "private-key.pem").unlink()
    with pytest.raises(UsageError, match="not overwritten"):
        signing.signer(tmp_path / "pair", "estate")
    assert [path.name for path in (tmp_path / "pair").iterdir()] == ["verifier-key"]
