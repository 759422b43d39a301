"""Keys of slots: every share, the place, the tag and the slot are in them."""

from __future__ import annotations

import pytest

from assent_vault.errors import FormatError, SealError
from assent_vault.formats.slot_keys import (
    WRAPS_BYTES,
    slot_secret,
    slot_wrapping_key,
    unwrap_slot,
    wrap_at,
    wrap_slot,
)

E, P, TAG = (bytes([number]) * 32 for number in range(3))
SHARES = [bytes([number]) * 32 for number in range(10, 14)]


def test_every_part_makes_another_key() -> None:
    keys = {
        slot_wrapping_key(*args)
        for args in (
            (SHARES, P, TAG, 0),
            (SHARES, P, TAG, 1),
            (SHARES, TAG, P, 0),
            (SHARES, P, E, 0),
            (SHARES, E, TAG, 0),
            (SHARES[::-1], P, TAG, 0),
            (SHARES[:-1], P, TAG, 0),
        )
    }
    keys |= {slot_secret(*args) for args in ((E, P, 0), (E, P, 1), (E, TAG, 0), (TAG, P, 0))}
    assert len(keys) == 11


def test_one_key_has_one_plaintext() -> None:
    """Another E in the same place has another tag, so that no nonce is used twice."""
    first, second = (slot_wrapping_key(SHARES, P, tag, 0) for tag in (TAG, E))
    assert first != second


def test_a_wrap_opens_in_its_slot_and_place() -> None:
    key = slot_wrapping_key(SHARES, P, TAG, 3)
    wrapped = wrap_slot(key, P, 3, E)
    assert len(wrapped) == 48
    assert unwrap_slot(key, P, 3, wrapped) == E
    for args in ((key, P, 4, wrapped), (key, TAG, 3, wrapped), (bytes(32), P, 3, wrapped)):
        with pytest.raises(SealError):
            unwrap_slot(*args)


@pytest.mark.parametrize("slot", [-1, 256])
def test_slots_have_bounds(slot: int) -> None:
    for attempt in (
        lambda: slot_secret(E, P, slot),
        lambda: slot_wrapping_key(SHARES, P, TAG, slot),
        lambda: wrap_slot(E, P, slot, E),
        lambda: wrap_at(bytes(WRAPS_BYTES), slot),
    ):
        with pytest.raises(ValueError, match="256 slots"):
            attempt()


def test_the_vault_alone_is_nobody() -> None:
    for shares in ([], SHARES[:1]):
        with pytest.raises(ValueError, match="consent"):
            slot_wrapping_key(shares, P, TAG, 0)
    with pytest.raises(ValueError, match="32 bytes"):
        slot_wrapping_key([*SHARES, b"short"], P, TAG, 0)


def test_wraps_stand_in_a_row() -> None:
    wraps = b"".join(bytes([slot]) * 48 for slot in range(256))
    assert all(wrap_at(wraps, slot) == bytes([slot]) * 48 for slot in range(256))
    for wrong in (b"", wraps[:-1], wraps + b"\0"):
        with pytest.raises(FormatError, match="12288"):
            wrap_at(wrong, 0)
