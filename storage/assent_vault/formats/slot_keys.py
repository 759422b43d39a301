"""Keys of slots: what frames are encrypted under, and what all shares together give (format 2).

With HKDF = HKDF-SHA256 of 32 bytes (key, salt, info), ``i`` a slot as u8, ``P`` and
``secret`` of :mod:`.generation`::

    S_i = HKDF(E, P, "assent/slot/v2" ‖ 0x00 ‖ i)
    K_i = HKDF(vault's share ‖ shares in header order, P,
               "assent/training-slot/v2" ‖ 0x00 ‖ secret ‖ i)
    wrap_i = AES-256-GCM(key K_i, nonce 0, plaintext S_i, additional data P ‖ i)    48 bytes

"The nonce may be fixed because" ``K_i`` has the tag of ``E`` in it, and ``E``, ``P`` and ``i`` are
all that ``S_i`` is made of: a ``K_i`` encrypts one plaintext, however often it is used. A committer
who makes a second header in one place (another ``E``, the same ``P``) has other keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from assent_vault.errors import FormatError, SealError
from assent_vault.formats import suite
from assent_vault.formats.frame_key import SLOTS

WRAPS_BYTES: Final = SLOTS * suite.WRAPPED_BYTES
_NONCE: Final = bytes(12)


def slot_secret(secret_key: bytes, place: bytes, slot: int) -> bytes:
    """Return S_i; ``secret_key`` is E, ``place`` is P. A live generation has slot 0 alone."""
    suite.exactly(suite.KEY_BYTES, secret_key)
    suite.exactly(suite.DIGEST_BYTES, place)
    _check(slot)
    return suite.hkdf(secret_key, place, b"assent/slot/v2\0" + bytes([slot]))


def slot_wrapping_key(shares: Sequence[bytes], place: bytes, tag: bytes, slot: int) -> bytes:
    """Return K_i. ``shares`` begins with the vault's, then everyone's in header order.

    ``place`` is P, ``tag`` the header's ``secret``.
    """
    suite.exactly(suite.KEY_BYTES, *shares)
    suite.exactly(suite.DIGEST_BYTES, place, tag)
    if len(shares) < 2:
        raise ValueError("a key of the vault's share alone is nobody's consent")
    _check(slot)
    return suite.hkdf(b"".join(shares), place, b"assent/training-slot/v2\0" + tag + bytes([slot]))


def wrap_slot(wrapping_key: bytes, place: bytes, slot: int, secret: bytes) -> bytes:
    """Encrypt S_i under K_i; 48 bytes. The nonce may be fixed: see above."""
    suite.exactly(suite.KEY_BYTES, wrapping_key, secret)
    return AESGCM(wrapping_key).encrypt(_NONCE, secret, _bound(place, slot))


def unwrap_slot(wrapping_key: bytes, place: bytes, slot: int, wrapped: bytes) -> bytes:
    """Decrypt S_i; raises SealError unless K_i is made of every single share of this very slot."""
    suite.exactly(suite.KEY_BYTES, wrapping_key)
    suite.exactly(suite.WRAPPED_BYTES, wrapped)
    try:
        return AESGCM(wrapping_key).decrypt(_NONCE, wrapped, _bound(place, slot))
    except InvalidTag as error:
        raise SealError from error


def wrap_at(wraps: bytes, slot: int) -> bytes:
    """Return the wrap of a slot out of all 256, which stand in a row; raises FormatError."""
    _check(slot)
    if len(wraps) != WRAPS_BYTES:
        raise FormatError("wraps", f"are not {WRAPS_BYTES} bytes long")
    return wraps[slot * suite.WRAPPED_BYTES : (slot + 1) * suite.WRAPPED_BYTES]


def _bound(place: bytes, slot: int) -> bytes:
    suite.exactly(suite.DIGEST_BYTES, place)
    _check(slot)
    return place + bytes([slot])


def _check(slot: int) -> None:
    if not 0 <= slot < SLOTS:
        raise ValueError("there are 256 slots")
