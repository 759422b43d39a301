"""SFrame, beyond what the vectors say."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from assent_vault.errors import FormatError, SealError
from assent_vault.formats.sframe import (
    AES_128_GCM,
    AES_256_GCM,
    MAX_NUMBER,
    SframeHeader,
    SframeKey,
    derive,
)

NUMBERS = st.one_of(st.integers(0, 300), st.integers(0, MAX_NUMBER))
BASE = bytes(range(32))


@given(NUMBERS, NUMBERS, st.binary(max_size=4))
def test_a_header_ends_where_it_says(kid: int, ctr: int, more: bytes) -> None:
    header = SframeHeader(kid, ctr)
    written = header.to_bytes()
    assert len(written) <= 17
    assert SframeHeader.parse(written + more) == (header, len(written))


@given(st.binary(max_size=20))
def test_a_header_has_one_spelling(data: bytes) -> None:
    try:
        header, length = SframeHeader.parse(data)
    except FormatError:
        return
    assert header.to_bytes() == data[:length]


@pytest.mark.parametrize(("kid", "ctr"), [(-1, 0), (0, -1), (1 << 64, 0), (0, 1 << 64)])
def test_numbers_have_64_bits(kid: int, ctr: int) -> None:
    with pytest.raises(ValueError, match="64 bits"):
        SframeHeader(kid, ctr).to_bytes()


@given(st.binary(max_size=64), st.binary(max_size=16), NUMBERS)
def test_what_was_encrypted_is_decrypted(plaintext: bytes, metadata: bytes, ctr: int) -> None:
    key = SframeKey(BASE, 9)
    assert key.decrypt(key.encrypt(ctr, plaintext, metadata), metadata) == (ctr, plaintext)


def test_a_key_is_of_its_base_its_id_and_its_suite() -> None:
    sealed = SframeKey(BASE, 9).encrypt(0, b"frame")
    for other in (SframeKey(BASE[::-1], 9), SframeKey(BASE, 9, AES_128_GCM), SframeKey(BASE, 8)):
        with pytest.raises(SealError):
            other.decrypt(sealed)


def test_a_header_that_names_another_key_id_is_refused_though_it_would_open() -> None:
    key, salt = derive(BASE, 9, AES_256_GCM)
    header = SframeHeader(8, 0).to_bytes()
    forged = header + AESGCM(key).encrypt(salt, b"frame", header)
    assert AESGCM(key).decrypt(salt, forged[len(header) :], header) == b"frame"
    with pytest.raises(SealError, match="another key id"):
        SframeKey(BASE, 9).decrypt(forged)


def test_what_is_too_short_for_a_tag_is_no_ciphertext() -> None:
    key = SframeKey(BASE, 9)
    assert key.decrypt(key.encrypt(1, b"")) == (1, b"")
    with pytest.raises(FormatError, match="cut short"):
        key.decrypt(key.encrypt(1, b"")[:-1])


def test_a_key_shows_nothing_of_itself() -> None:
    assert repr(SframeKey(BASE, 9)) == "SframeKey(9)"
