"""The suite, beyond what the vectors say: lengths, tampering, keys that nobody may use."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from assent_vault.errors import FormatError, SealError, SignatureError
from assent_vault.formats import suite

MEETING, H, KEY = bytes(16), bytes(32), bytes(32)
TYPE = "assent/test/v1"


@given(st.binary(max_size=100))
def test_every_byte_string_has_one_spelling(data: bytes) -> None:
    text = suite.encode(data)
    assert suite.decode(text, len(data)) == data
    assert "=" not in text


@given(st.text("AB-_=+/ é\n", max_size=8))
def test_every_spelling_is_the_one(text: str) -> None:
    try:
        data = suite.decode(text)
    except FormatError:
        return
    assert suite.encode(data) == text


def test_decode_blames_the_field() -> None:
    for text in ("=", "AAAA"):
        with pytest.raises(FormatError) as caught:
            suite.decode(text, 2, field="people[3].id")
        assert caught.value.field == "people[3].id"


def test_keys_differ_by_label_seed_and_meeting() -> None:
    seeds, meetings = (bytes(32), bytes([1]) * 32), (bytes(16), bytes([1]) * 16)
    keys = set()
    for seed in seeds:
        for meeting in meetings:
            keys |= {
                suite.derive_sign(seed, meeting).private_bytes_raw(),
                suite.derive_watch(seed, meeting),
                suite.derive_train(seed, meeting),
            }
    assert len(keys) == 12


def test_signature_is_of_key_type_and_body() -> None:
    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    public = suite.sign_public(key)
    signature = suite.sign(key, TYPE, b"body")
    suite.verify(public, TYPE, b"body", signature)
    for args in (
        (suite.sign_public(other), TYPE, b"body", signature),
        (public, "assent/test/v2", b"body", signature),
        (public, TYPE, b"bodY", signature),
        (public, TYPE, b"body", signature + b"\0"),
        (public, TYPE, b"body", b""),
        (public[:-1], TYPE, b"body", signature),
    ):
        with pytest.raises(SignatureError):
            suite.verify(*args)


def test_every_bit_of_a_signature_counts() -> None:
    key = Ed25519PrivateKey.generate()
    signature = suite.sign(key, TYPE, b"body")
    for bit in range(512):
        changed = bytearray(signature)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SignatureError):
            suite.verify(suite.sign_public(key), TYPE, b"body", bytes(changed))


def small_order_points() -> list[bytes]:
    """Find the eight points of small order by computation, not by copying them again."""
    p = 2**255 - 19
    d = -121665 * pow(121666, -1, p) % p
    one = (0, 1)

    def add(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
        product = d * a[0] * b[0] * a[1] * b[1]
        x = (a[0] * b[1] + b[0] * a[1]) * pow(1 + product, -1, p)
        y = (a[1] * b[1] + a[0] * b[0]) * pow(1 - product, -1, p)
        return x % p, y % p

    def times(n: int, a: tuple[int, int]) -> tuple[int, int]:
        found = one
        while n:
            if n & 1:
                found = add(found, a)
            a, n = add(a, a), n >> 1
        return found

    order = 2**252 + 27742317777372353535851937790883648493
    y = 2
    while True:  # any point times the large prime order is of small order; find one of order 8
        y += 1
        square = (y * y - 1) * pow(d * y * y + 1, -1, p) % p
        x = pow(square, (p + 3) // 8, p)
        if (x * x - square) % p:
            x = x * pow(2, (p - 1) // 4, p) % p
        if (x * x - square) % p:
            continue
        point = times(order, (x, y))
        if times(4, point) != one:
            break
    points = [times(n, point) for n in range(8)]
    return [(y | (x & 1) << 255).to_bytes(32, "little") for x, y in points]


def test_no_key_of_small_order_is_anybodys() -> None:
    points = small_order_points()
    assert len(set(points)) == 8
    for point in points:
        assert not suite.is_sign_public(point)
        signature = bytes([1]) + bytes(31) + bytes(32)
        with pytest.raises(SignatureError):
            suite.verify(point, TYPE, b"body", signature)
    # Without the check, one in eight bodies or more would verify.
    weak = Ed25519PublicKey.from_public_bytes(points[0])
    weak.verify(bytes([1]) + bytes(63), b"anything at all")


def test_keys_of_people_are_somebodys() -> None:
    for _ in range(20):
        assert suite.is_sign_public(suite.sign_public(Ed25519PrivateKey.generate()))
    assert not suite.is_sign_public(b"")


def test_box_opens_for_its_key_and_info_only() -> None:
    private = os.urandom(32)
    box = suite.seal(suite.xwing_public(private), b"a secret", b"info")
    assert len(box) == suite.BOX_OVERHEAD + 8
    assert suite.unseal(private, box, b"info") == b"a secret"
    for args in (
        (os.urandom(32), box, b"info"),
        (private, box, b"inf0"),
        (private, box, b""),
        (private, box[:-1], b"info"),
        (private, box + b"\0", b"info"),
        (private, b"", b"info"),
    ):
        with pytest.raises(SealError):
            suite.unseal(*args)


def test_every_byte_of_a_box_counts() -> None:
    private = os.urandom(32)
    box = suite.seal(suite.xwing_public(private), bytes(32), b"info")
    assert len(box) == suite.BOX_BYTES
    for index in range(len(box)):
        changed = box[:index] + bytes([box[index] ^ 0x80]) + box[index + 1 :]
        with pytest.raises(SealError):
            suite.unseal(private, changed, b"info")


def test_keys_that_nobody_can_seal_to() -> None:
    good = suite.xwing_public(os.urandom(32))
    assert suite.is_xwing_public(good)
    for bad in (good[:1184] + bytes(32), b"\xff" * 1184 + good[1184:], good[:-1], b""):
        assert not suite.is_xwing_public(bad)
    with pytest.raises(SealError):
        suite.seal(good[:1184] + bytes(32), b"", b"")


@pytest.mark.parametrize(
    "call",
    [
        lambda: suite.person_id(bytes(15), bytes(32)),
        lambda: suite.person_id(bytes(16), bytes(33)),
        lambda: suite.derive_watch(bytes(31), MEETING),
        lambda: suite.derive_train(bytes(32), bytes(17)),
        lambda: suite.xwing_public(bytes(31)),
        lambda: suite.seal(bytes(1215), b"", b""),
        lambda: suite.grant_info(bytes(15), H, H),
        lambda: suite.grant_info(MEETING, H[1:], H),
    ],
)
def test_lengths_are_our_own_to_get_right(call: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="bytes are needed"):
        call()
