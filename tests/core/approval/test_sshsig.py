from __future__ import annotations

import struct
from dataclasses import replace

import pytest
from core.approval.signing import Parts, Pen, SecurityKey, armor, keygen_signs, mpint, string
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drkit.core.approval import sshsig
from drkit.core.approval.errors import FalseSignatureError, NamespaceError, SignatureError, UntouchedError
from drkit.core.approval.keys import parse_key, read_key

MESSAGE = b'{"what":"is signed"}'
SECURITY_KEYS = ("sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com")
KINDS = ("ed25519", "ecdsa-256", "ecdsa-384", "ecdsa-521", "rsa-2048", "rsa-3072")
NO_DEADLINE = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def verify(armored, message=MESSAGE):
    return sshsig.parse(armored).verify(message, sshsig.APPROVE)


@pytest.fixture(scope="module")
def pen():
    return Pen(ed25519.Ed25519PrivateKey.generate())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("hash_algorithm", ["sha256", "sha512"])
def test_what_ssh_keygen_signs_is_verified(pens, kind, hash_algorithm):
    armored = keygen_signs(pens[kind], MESSAGE, "approve@drkit", "-O", f"hashalg={hash_algorithm}")
    signature = sshsig.parse(armored)
    assert signature.verify(MESSAGE, "approve@drkit") is None
    assert (signature.key, signature.hash_algorithm) == (pens[kind].public, hash_algorithm)
    with pytest.raises(FalseSignatureError):
        signature.verify(MESSAGE + b" ", "approve@drkit")


@pytest.mark.parametrize("kind", KINDS)
def test_what_ssh_keygen_signs_for_another_purpose_is_refused(pens, kind):
    with pytest.raises(NamespaceError, match="signed for 'file', not for 'approve@drkit'"):
        verify(keygen_signs(pens[kind], MESSAGE, "file"))


@pytest.mark.parametrize("kind", SECURITY_KEYS)
def test_a_security_key_reports_who_touched_it_and_its_counter(kind):
    key = SecurityKey(kind)
    touch = verify(key.sign(MESSAGE))
    assert (touch.verified, touch.counter) == (False, 7)
    touch = verify(replace(key, flags=0x05, counter=2**32 - 1).sign(MESSAGE))
    assert (touch.verified, touch.counter) == (True, 2**32 - 1)


@pytest.mark.parametrize("kind", SECURITY_KEYS)
@pytest.mark.parametrize("flags", [0x00, 0x04])
def test_a_security_key_must_be_touched(kind, flags):
    with pytest.raises(UntouchedError):
        verify(SecurityKey(kind, flags=flags).sign(MESSAGE))


@pytest.mark.parametrize("kind", SECURITY_KEYS)
def test_flags_counter_and_application_of_a_security_key_are_signed(kind):
    key = SecurityKey(kind, flags=0)
    blob = key.sign(MESSAGE)
    parts = sshsig.parse(blob)
    touched = parts.signature[:-5] + struct.pack(">BI", 1, 7)
    counted = parts.signature[:-5] + struct.pack(">BI", 0, 8)
    other = replace(key, application=b"ssh:other").public.blob
    for forged in (
        Parts(key.public.blob, b"approve@drkit", touched),
        Parts(key.public.blob, b"approve@drkit", counted),
        Parts(other, b"approve@drkit", parts.signature),
    ):
        with pytest.raises(FalseSignatureError):
            verify(forged.armored())


def test_rsa_with_sha1_is_refused(pens):
    pen = pens["rsa-2048"]
    for algorithm in ("rsa-sha2-256", "rsa-sha2-512"):
        assert verify(pen.parts(MESSAGE, algorithm=algorithm).armored()) is None
    with pytest.raises(SignatureError, match="the algorithm ssh-rsa is not accepted"):
        verify(pen.parts(MESSAGE, algorithm="ssh-rsa").armored())


def test_a_short_rsa_key_is_refused():
    short = rsa.generate_private_key(65537, 1024).public_key().public_numbers()
    blob = string(b"ssh-rsa") + mpint(short.e) + mpint(short.n)
    with pytest.raises(SignatureError, match="an RSA key of 1024 bits is not accepted"):
        read_key(blob)


def test_dsa_and_certificates_are_no_keys():
    for kind in (
        "ssh-dss",
        "ssh-ed25519-cert-v01@openssh.com",
        "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
    ):
        with pytest.raises(SignatureError, match=f"keys of the kind {kind} are not accepted"):
            read_key(string(kind.encode()) + string(b"\0" * 32))


def test_a_signature_algorithm_of_another_kind_is_refused(pen, pens):
    parts = pen.parts(MESSAGE)
    other = Parts(parts.key, parts.namespace, string(b"sk-ssh-ed25519@openssh.com") + parts.signature[15:])
    with pytest.raises(SignatureError):
        verify(other.armored())
    # PROTOCOL.sshsig names the curve in both; a signature of one curve is none of another.
    mixed = replace(pens["ecdsa-256"].parts(MESSAGE), key=pens["ecdsa-384"].public.blob)
    with pytest.raises(SignatureError, match="ecdsa-sha2-nistp256 is not accepted"):
        verify(mixed.armored())


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        ({"magic": b"SSHSIh"}, "not an SSH signature of version 1"),
        ({"version": 0}, "not an SSH signature of version 1"),
        ({"version": 2}, "not an SSH signature of version 1"),
        ({"reserved": b"x"}, "reserved field is not empty"),
        ({"hash_algorithm": b"sha1"}, "neither sha256 nor sha512"),
        ({"hash_algorithm": b""}, "neither sha256 nor sha512"),
        ({"tail": b"\0"}, "bytes follow after its end"),
        ({"namespace": b"approve@drkit\0"}, "not plain ASCII"),
        ({"namespace": "approve@drk\u0131t".encode()}, "not plain ASCII"),
        ({"key": b""}, "ends in the middle"),
        ({"key": string(b"ssh-ed25519") + string(b"\0" * 31)}, "malformed"),
        ({"key": string(b"ssh-ed25519") + string(b"\0" * 32) + b"\0"}, "bytes follow"),
        ({"signature": b""}, "ends in the middle"),
        ({"signature": string(b"ssh-ed25519") + string(b"\0" * 63)}, "64 bytes"),
        ({"signature": string(b"ssh-ed25519") + string(b"\0" * 64) + b"\0"}, "bytes follow"),
    ],
)
def test_a_signature_with_a_spoilt_field_is_refused(pen, spoilt, why):
    with pytest.raises(SignatureError, match=why):
        verify(replace(pen.parts(MESSAGE), **spoilt).armored())


def test_a_signature_cut_anywhere_is_refused(pen):
    blob = pen.parts(MESSAGE).blob()
    for length in range(len(blob)):
        with pytest.raises(SignatureError):
            verify(armor(blob[:length]))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: b" " + text,
        lambda text: b"\n" + text,
        lambda text: text + b"\n",
        lambda text: text + b"x",
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: text.replace(b"BEGIN SSH", b"BEGIN  SSH"),
        lambda text: text.replace(b"-----END", b"----END"),
        lambda text: text.replace(b"\nU1NI", b"\n\nU1NI"),
        lambda text: text.replace(b"\nU1NI", b"\nU1 NI"),
        lambda text: text.replace(b"\nU1NI", b"\nU1N"),
        lambda text: text.replace(b"\n-----END", b"=\n-----END"),
        lambda text: text + text,
        lambda _: b"",
        lambda text: text.replace(b"\n", b""),
        lambda text: text[:40] + b"A" * 20_000 + text[40:],
    ],
)
def test_an_armor_of_another_form_is_refused(pen, spoil):
    good = pen.sign(MESSAGE)
    assert verify(good) is None
    with pytest.raises(SignatureError):
        verify(spoil(good))


def test_base64_has_one_spelling(pen):
    text = pen.sign(MESSAGE).replace(b"\n", b"")
    assert b"==" not in text
    stray = replace(pen.parts(MESSAGE), namespace=b"approve@drkit1")
    armored = stray.armored()
    assert b"=\n-----END" in armored
    at = armored.index(b"=") - 1
    for letter in b"ABCDEFGHIJ":
        changed = armored[:at] + bytes([letter]) + armored[at + 1 :]
        if changed != armored:
            with pytest.raises(SignatureError):
                verify(changed)


def test_numbers_have_one_spelling(pens):
    numbers = pens["rsa-2048"].private.public_key().public_numbers()
    good = string(b"ssh-rsa") + mpint(numbers.e) + mpint(numbers.n)
    assert read_key(good) == pens["rsa-2048"].public
    modulus = numbers.n.to_bytes(256, "big")
    for spelt in (b"\0\0" + modulus, modulus, b"", b"\0"):
        with pytest.raises(SignatureError):
            read_key(string(b"ssh-rsa") + mpint(numbers.e) + string(spelt))
    with pytest.raises(SignatureError):
        read_key(string(b"ssh-rsa") + string(b"\0" + mpint(numbers.e)[4:]) + mpint(numbers.n))


def test_a_point_that_is_compressed_or_off_its_curve_is_no_key(pens):
    numbers = pens["ecdsa-256"].private.public_key().public_numbers()
    x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
    around = string(b"ecdsa-sha2-nistp256") + string(b"nistp256")
    assert read_key(around + string(b"\x04" + x + y)) == pens["ecdsa-256"].public
    wrong = (y[-1] ^ 1).to_bytes(1, "big")
    for point in (
        b"\x02" + x,
        b"\x04" + x,
        b"\x04" + x + y[:-1] + wrong,
        b"\x04" + x + y + b"\0",
        b"\0",
        b"",
    ):
        with pytest.raises(SignatureError):
            read_key(around + string(point))
    with pytest.raises(SignatureError, match="another curve"):
        read_key(string(b"ecdsa-sha2-nistp256") + string(b"nistp384") + string(b"\x04" + x + y))


@pytest.mark.parametrize("kind", KINDS)
def test_a_public_key_is_written_as_ssh_keygen_writes_it(pens, kind):
    line = pens[kind].path.with_suffix(".pub").read_text()
    key = parse_key(line)
    assert line.startswith(f"{key} ")
    assert key == pens[kind].public


def test_a_key_whose_line_names_another_kind_is_refused(pens):
    kind, _, rest = str(pens["ed25519"].public).partition(" ")
    for line in (f"ssh-rsa {rest}", f"{kind}", f"{kind} {rest}=", f"{kind}  {rest}", ""):
        with pytest.raises(SignatureError):
            parse_key(line)


@NO_DEADLINE
@given(raw=st.binary(max_size=300))
def test_any_bytes_are_a_signature_or_an_error_of_ours(raw):
    for attempt in (raw, armor(raw), armor(b"SSHSIG\0\0\0\1" + raw)):
        with pytest.raises(SignatureError):
            verify(attempt)


@pytest.fixture(scope="module")
def signatures(pens):
    """One of every kind, made once: their lengths differ from one making to the next."""
    pens = [pens[kind] for kind in KINDS] + [SecurityKey(kind) for kind in SECURITY_KEYS]
    return [sshsig.parse(pen.sign(MESSAGE)) for pen in pens]


@NO_DEADLINE
@given(data=st.data())
def test_any_mangled_signature_is_an_error_of_ours(signatures, data):
    signature = data.draw(st.sampled_from(signatures))
    fields = [signature.key.blob, signature.signature]
    which = data.draw(st.integers(0, 1))
    mangled = bytearray(fields[which])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(mangled) - 1))
        new = data.draw(st.binary(max_size=6))
        mangled[at : at + data.draw(st.integers(0, 6))] = new
        if not mangled:
            break
    if bytes(mangled) == fields[which]:
        return
    fields[which] = bytes(mangled)
    with pytest.raises(SignatureError):
        verify(Parts(fields[0], b"approve@drkit", fields[1]).armored())


@NO_DEADLINE
@given(line=st.text(max_size=120))
def test_any_line_is_a_key_or_an_error_of_ours(line):
    for attempt in (line, f"ssh-ed25519 {line}", f"ssh-rsa AAAAB3NzaC1yc2E{line}"):
        with pytest.raises(SignatureError):
            parse_key(attempt)
