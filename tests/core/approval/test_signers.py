from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from core.approval.signing import SecurityKey, keygen_accepts, keygen_signs
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from drkit.core.approval import signers, sshsig
from drkit.core.approval.errors import ApprovalError, SignatureError, SignersError
from drkit.core.approval.signers import Signer

MESSAGE = b'{"what":"is signed"}'
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
KINDS = ("ed25519", "ecdsa-256", "ecdsa-384", "ecdsa-521", "rsa-2048", "rsa-3072")
SECURITY_KEYS = ("sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com")


def accepts(allowed, person, armored, message=MESSAGE, at=AT):
    """Whether drkit accepts what ``ssh-keygen -Y verify`` would be asked."""
    try:
        signature = sshsig.parse(armored)
        signers.verify(signers.parse(allowed), person, signature, message, "approve@drkit", at)
    except ApprovalError:
        return False
    return True


@pytest.fixture
def both(tmp_path):
    """What drkit and stock OpenSSH say."""

    def ask(allowed, person, armored, message=MESSAGE, at=AT):
        stock = keygen_accepts(tmp_path, allowed, person, armored, message, f"{at:%Y%m%d%H%M%SZ}")
        return accepts(allowed, person, armored, message, at), stock

    return ask


@pytest.mark.parametrize("kind", KINDS)
def test_both_accept_and_refuse_the_same_of_every_kind_of_key(both, pens, kind):
    pen, other = pens[kind], pens["ed25519" if kind != "ed25519" else "ecdsa-256"]
    allowed = f'bob@example.com namespaces="approve@drkit" {pen.public} bob\ncarol {other.public}\n'
    for armored in (pen.sign(MESSAGE), keygen_signs(pen, MESSAGE)):
        assert both(allowed, "bob@example.com", armored) == (True, True)
        assert both(allowed, "bob@example.com", armored, MESSAGE + b"\n") == (False, False)
        assert both(allowed, "carol", armored) == (False, False)
        assert both(allowed, "nobody", armored) == (False, False)
    assert both(allowed, "bob@example.com", pen.sign(MESSAGE, "file")) == (False, False)
    assert both(allowed, "bob@example.com", other.sign(MESSAGE)) == (False, False)


@pytest.mark.parametrize("kind", SECURITY_KEYS)
def test_both_accept_a_touched_security_key_and_refuse_a_forged_one(both, kind):
    key = SecurityKey(kind)
    allowed = f"bob {key.public}\n"
    assert both(allowed, "bob", key.sign(MESSAGE)) == (True, True)
    assert both(allowed, "bob", key.sign(MESSAGE), MESSAGE + b" ") == (False, False)
    assert both(allowed, "bob", SecurityKey(kind).sign(MESSAGE)) == (False, False)


@pytest.mark.parametrize("kind", SECURITY_KEYS)
def test_an_untouched_security_key_is_where_drkit_is_stricter(both, kind):
    key = SecurityKey(kind, flags=0)
    assert both(f"bob {key.public}\n", "bob", key.sign(MESSAGE)) == (False, True)


@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_both_mean_the_same_seconds(both, pens, offset):
    pen = pens["ed25519"]
    armored = pen.sign(MESSAGE)
    at = AT + offset * SECOND
    after = signers.write([Signer(("bob",), pen.public, valid_after=AT)])
    before = signers.write([Signer(("bob",), pen.public, ("approve@drkit",), valid_before=AT)])
    assert both(after, "bob", armored, at=at) == ((offset >= 0,) * 2)
    assert both(before, "bob", armored, at=at) == ((offset <= 0,) * 2)


@pytest.mark.parametrize(
    ("line", "accepted"),
    [
        ("bob {key}", True),
        ('bob {key} a comment # with "anything"', True),
        ("  bob \t {key}", True),
        ("alice,bob,carol {key}", True),
        ('bob namespaces="approve@drkit" {key}', True),
        ('bob Namespaces="file,approve@drkit" {key}', True),
        ('bob namespaces="file" {key}', False),
        ('bob namespaces="approve@drkit2" {key}', False),
        ('bob valid-after="20260301",valid-before="20260302Z" {key}', None),
        ('bob valid-after="20260301Z",valid-before="202603020000Z" {key}', True),
        ('bob valid-after="20260302Z" {key}', False),
        ('bob valid-before="20260301Z" {key}', False),
        ('bob valid-before="20260301Z",valid-after="20260302Z" {key}', False),
        ('bob valid-after="20260301Z",valid-after="20260301Z" {key}', False),
        ('bob valid-after="" {key}', False),
        ("bob cert-authority {key}", False),
        ("bob unknown {key}", False),
        ("alice {key}", False),
        ("#bob {key}", False),
        ("bob", False),
        ("bob {key}x", False),
        ('bob namespaces="approve@drkit" , {key}', False),
        ("b* {key}", None),
        ("*,!alice {key}", None),
        ('bob namespaces="approve@*" {key}', None),
        ('"bob" {key}', None),
    ],
)
def test_both_read_a_line_alike_or_drkit_is_stricter(both, pens, line, accepted):
    pen = pens["ed25519"]
    ours, stock = both(line.format(key=pen.public) + "\n", "bob", pen.sign(MESSAGE))
    assert (ours, stock) == ((False, True) if accepted is None else (accepted, accepted))


def test_blank_lines_and_comments_are_skipped(pens):
    text = f"\n# everybody\n  # here\n\nbob {pens['ed25519'].public} laptop\n"
    assert signers.parse(text) == (Signer(("bob",), pens["ed25519"].public, comment="laptop"),)


def test_one_bad_line_refuses_the_file_and_is_named(pens):
    with pytest.raises(SignersError, match="line 2 of the allowed signers: the option cert-authority"):
        signers.parse(f"bob {pens['ed25519'].public}\ncarol cert-authority {pens['ecdsa-256'].public}\n")


def test_the_reason_is_the_last_that_spoke_against_the_key(pens):
    pen = pens["ed25519"]
    signature = sshsig.parse(pen.sign(MESSAGE))
    for line, why in (
        (f"carol {pen.public}", "is no key of bob"),
        (f'bob namespaces="file" {pen.public}', "not allowed for approve@drkit"),
        (f'bob valid-after="20270101Z" {pen.public}', "not yet valid"),
        (f'bob valid-before="20250101Z" {pen.public}', "no longer valid"),
    ):
        with pytest.raises(SignersError, match=why):
            signers.verify(signers.parse(line), "bob", signature, MESSAGE, "approve@drkit", AT)


MOMENTS = st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001 - made aware
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
WORDS = st.text("abcXYZ019._@+/:-", min_size=1, max_size=12)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    principals=st.lists(WORDS, min_size=1, max_size=3),
    namespaces=st.none() | st.lists(WORDS, min_size=1, max_size=3),
    after=MOMENTS,
    before=MOMENTS,
    comment=st.sampled_from(["", "bob", "bob's new laptop"]),
)
def test_what_is_written_reads_back_the_same(pens, principals, namespaces, after, before, comment):
    if after and before and before <= after:
        before = after + SECOND
    purposes = None if namespaces is None else tuple(namespaces)
    signer = Signer(tuple(principals), pens["ed25519"].public, purposes, after, before, comment)
    assert signers.parse(signers.write([signer])) == (signer,)


@pytest.mark.parametrize(
    "change",
    [
        {"principals": ("b*",)},
        {"principals": ("bob smith",)},
        {"principals": ("bob,carol",)},
        {"principals": ()},
        {"namespaces": ()},
        {"namespaces": ('x",cert-authority',)},
        {"comment": "two\nlines"},
        {"valid_after": AT, "valid_before": AT},
        {"valid_after": AT + timedelta(milliseconds=1)},
    ],
)
def test_what_would_read_back_otherwise_is_not_written(pens, change):
    with pytest.raises(SignersError):
        signers.write([replace(Signer(("bob",), pens["ed25519"].public), **change)])


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(max_size=200), around=st.booleans())
@example(text="bob ssh-ed25519 AAAA\r", around=False)
@example(text='valid-after="99999999Z"', around=True)
@example(text='valid-after="20260230Z"', around=True)
def test_any_text_is_a_file_or_an_error_of_ours(pens, text, around):
    line = f"bob {text} {pens['ed25519'].public}" if around else text
    try:
        found = signers.parse(line)
    except (SignersError, SignatureError):
        return
    for signer in found:
        assert signer.key == pens["ed25519"].public


def test_the_roster_as_allowed_signers_agrees_with_the_roster(both, world):
    key = world.founders[2].keys[0]
    revoked = replace(key, since=AT - timedelta(days=1), revoked=AT + timedelta(days=1))
    world.founders = world.changed("carol", keys=(revoked,))
    world.__post_init__()
    allowed = signers.write(world.roster.allowed_signers())
    raw, day = world.document.raw, timedelta(days=1)
    bob, carol = world.approved("bob", "carol")
    assert both(allowed, "bob", bob, raw) == (True, True)
    assert both(allowed, "bob", carol, raw) == (False, False)
    for at, counts in (
        (AT - day - SECOND, False),
        (AT - day, True),
        (AT + day - SECOND, True),
        (AT + day, False),
    ):
        assert both(allowed, "carol", carol, raw, at) == (counts, counts)
        said = {reason.refusal for reason in world.decide(signatures=[carol], now=at, latest=AT).reasons}
        assert bool({"revoked-key", "key-not-yet-valid"} & said) is not counts
