from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from drkit.core.evidence import note
from drkit.core.evidence.checkpoint import open_checkpoint, parse_checkpoint, sign_checkpoint
from drkit.core.evidence.merkle import EMPTY_ROOT

# The example of the Go package golang.org/x/mod/sumdb/note.
VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PRIVATE = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
LINE = (
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
NOTE = f"{TEXT}\n{LINE}".encode()
PETER = note.Signer("PeterNeumann", Ed25519PrivateKey.from_private_bytes(base64.b64decode(PRIVATE)[1:]))
OTHER = note.Signer("PeterNeumann", Ed25519PrivateKey.generate())


def test_the_known_note_verifies_under_the_known_key():
    assert note.verify_note(note.parse_note(NOTE), [note.VerifierKey.parse(VERIFIER)]) == [PETER.key]
    assert str(PETER.key) == VERIFIER


def test_signing_the_known_text_gives_the_known_note():
    assert note.sign_note(TEXT, PETER) == NOTE


@given(st.integers(0, len(VERIFIER) - 1), st.characters(codec="utf-8"))
def test_a_verifier_key_with_any_character_changed_is_refused(position, character):
    changed = VERIFIER[:position] + character + VERIFIER[position + 1 :]
    if changed != VERIFIER:
        with pytest.raises(note.NoteError):
            note.VerifierKey.parse(changed)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "PeterNeumann",
        VERIFIER[:-4],
        VERIFIER + "\n",
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",  # too long
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",  # another algorithm
    ],
)
def test_what_is_no_verifier_key_is_refused(text):
    with pytest.raises(note.NoteError):
        note.VerifierKey.parse(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb"])
def test_a_signer_needs_a_name_that_a_signature_line_can_hold(name):
    with pytest.raises(note.NoteError):
        note.VerifierKey(name, PETER.key.public)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"garbage",
        b"\xff" + NOTE,
        NOTE[:-1],
        NOTE + b"\n",
        NOTE + b"more\n",
        TEXT.encode(),
        TEXT.encode() + LINE.encode(),
        NOTE.replace(b"If you", b"If\tyou"),
        NOTE.replace(b"\n", b"\r\n"),
        NOTE.replace("— ".encode(), b"-- "),
        NOTE.replace(b"x08go", b"x08g "),
        NOTE.replace(b"JnAM=", b"JnAM"),
        NOTE.replace(b"JnAM=", b"JnAN="),  # stray bits
        f"{TEXT}\n— Peter+Neumann {'A' * 88}\n".encode(),
        f"{TEXT}\n— Peter\u2003Neumann {'A' * 88}\n".encode(),
        f"{TEXT}\n— PeterNeumann AAAA\n".encode(),
        f"{TEXT}\n{LINE * 101}".encode(),
    ],
)
def test_what_is_no_signed_note_is_refused(raw):
    with pytest.raises(note.NoteError):
        note.parse_note(raw)


def test_a_text_may_hold_blank_lines():
    text = "one\n\ntwo\n\n"
    parsed = note.parse_note(note.sign_note(text, PETER))
    assert parsed.text == text
    assert note.verify_note(parsed, [PETER.key]) == [PETER.key]


def test_signatures_of_unknown_keys_are_ignored_whatever_they_hold():
    witness = "— witness.example " + base64.b64encode(b"id__" + b"x" * 100).decode() + "\n"
    same_name = note.sign_note(TEXT, OTHER).decode().rpartition("\n\n")[2]
    parsed = note.parse_note(f"{TEXT}\n{witness}{same_name}{LINE}".encode())
    assert note.verify_note(parsed, [PETER.key]) == [PETER.key]
    assert note.verify_note(parsed, [PETER.key, OTHER.key]) == [OTHER.key, PETER.key]


def test_a_note_without_a_known_signature_is_refused():
    with pytest.raises(note.UnknownSignerError):
        note.verify_note(note.parse_note(NOTE), [OTHER.key])


def test_one_false_signature_of_a_known_key_refuses_the_whole_note():
    false = "— PeterNeumann " + base64.b64encode(PETER.key.identifier + bytes(64)).decode() + "\n"
    with pytest.raises(note.BadSignatureError):
        note.verify_note(note.parse_note(f"{TEXT}\n{LINE}{false}".encode()), [PETER.key])


def test_keys_that_share_name_and_id_are_told_apart_by_the_signature():
    class Colliding(note.VerifierKey):
        @property
        def identifier(self) -> bytes:
            return PETER.key.identifier

    colliding = Colliding("PeterNeumann", OTHER.key.public)
    assert note.verify_note(note.parse_note(NOTE), [colliding, PETER.key]) == [PETER.key]


@given(st.integers(0, len(NOTE) - 1), st.integers(1, 255))
def test_a_note_with_any_byte_changed_never_verifies(position, mask):
    changed = bytearray(NOTE)
    changed[position] ^= mask
    with pytest.raises(note.NoteError):
        note.verify_note(note.parse_note(bytes(changed)), [PETER.key])


def test_a_checkpoint_is_read_as_it_was_signed():
    signed = sign_checkpoint(7, EMPTY_ROOT, PETER)
    assert open_checkpoint(signed.signed, [PETER.key]) == signed
    assert signed.signed.startswith(b"PeterNeumann\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n")


ROOT = base64.b64encode(EMPTY_ROOT).decode()


@pytest.mark.parametrize(
    "body",
    [
        f"PeterNeumann\n07\n{ROOT}\n",
        f"PeterNeumann\n-7\n{ROOT}\n",
        f"PeterNeumann\n+7\n{ROOT}\n",
        f"PeterNeumann\n7.0\n{ROOT}\n",
        f"PeterNeumann\n\u0667\n{ROOT}\n",
        f"PeterNeumann\n{10**19}\n{ROOT}\n",
        f"PeterNeumann\n\n{ROOT}\n",
        f"\n7\n{ROOT}\n",
        "PeterNeumann\n7\n",
        "PeterNeumann\n7\nAAAA\n",
        f"PeterNeumann\n7\n{ROOT[:-1]}\n",
        f"PeterNeumann\n7\n{ROOT}\n\nextension\n",
    ],
)
def test_a_signed_note_that_is_no_checkpoint_is_refused(body):
    with pytest.raises(note.NoteError, match=r"checkpoint|base64"):
        parse_checkpoint(note.sign_note(body, PETER))


def test_a_checkpoint_may_have_extension_lines():
    body = f"PeterNeumann\n7\n{ROOT}\nextension\n"
    assert open_checkpoint(note.sign_note(body, PETER), [PETER.key]).size == 7


def test_a_checkpoint_of_another_origin_than_its_signer_is_refused():
    with pytest.raises(note.UnknownSignerError):
        open_checkpoint(note.sign_note(f"other.example\n7\n{ROOT}\n", PETER), [PETER.key])


def test_a_checkpoint_file_of_absurd_size_is_refused():
    with pytest.raises(note.NoteError, match="more than"):
        parse_checkpoint(note.sign_note(f"PeterNeumann\n7\n{ROOT}\n" + "x\n" * 40_000, PETER))
