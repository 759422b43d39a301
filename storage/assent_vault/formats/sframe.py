"""SFrame, RFC 9605: headers, keys, and the encryption of one frame, with AES-GCM.

Bytes alone: whose key it is and what a counter stands for is :mod:`.frame_key`'s. Two suites of the
RFC's table 1 are here, of which format 2 uses :data:`AES_256_GCM`; the other one is there because
the RFC's own vectors show it too.

An *SFrame ciphertext* is ``header ‖ encrypted ‖ tag``. The header is (section 4.3)::

    X K K K Y C C C    one byte, then the key id, then the counter, big-endian
    0 KID              a key id of 0 … 7 stands in the byte itself
    1 length - 1       otherwise its length, 1 … 8; the same with Y and C for the counter
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from assent_vault.errors import FormatError, SealError

TAG_BYTES: Final = 16
NONCE_BYTES: Final = 12
MAX_NUMBER: Final = 2**64 - 1
"""The largest key id and the largest counter."""

_LONG = 8  # bit 3 of a nibble: a length follows, and not the value


@dataclass(frozen=True, slots=True)
class SframeSuite:
    """A cipher suite of section 4.5: its number, the bytes of a key, the hash of the HKDF."""

    number: int
    key_bytes: int
    hash: hashes.HashAlgorithm


AES_128_GCM: Final = SframeSuite(4, 16, hashes.SHA256())
AES_256_GCM: Final = SframeSuite(5, 32, hashes.SHA512())


@dataclass(frozen=True, slots=True)
class SframeHeader:
    """What stands in the clear before each ciphertext: which key, and the count under it."""

    kid: int
    ctr: int

    def to_bytes(self) -> bytes:
        """Write the header, 1 to 17 bytes."""
        key_nibble, key_id = _write(self.kid)
        counter_nibble, counter = _write(self.ctr)
        return bytes([key_nibble << 4 | counter_nibble]) + key_id + counter

    @classmethod
    def parse(cls, data: bytes) -> tuple[Self, int]:
        """Read the header that ``data`` begins with; return it and its length. FormatError.

        "The header … is encoded … with the minimum number of bytes": another spelling of a number
        is refused, so that one frame has one header.
        """
        if not data:
            raise FormatError("header", "is cut short")
        kid, at = _read(data[0] >> 4, data, 1)
        ctr, at = _read(data[0] & 15, data, at)
        return cls(kid, ctr), at


class SframeKey:
    """The key of one key id, derived from its base key (section 4.4.2).

    A counter encrypts once: the caller's :class:`~.frame_counter.FrameCounter` sees to it.
    """

    __slots__ = ("_aead", "_salt", "kid")

    def __init__(self, base_key: bytes, kid: int, suite: SframeSuite = AES_256_GCM) -> None:
        key, self._salt = derive(base_key, kid, suite)
        self.kid = kid
        self._aead = AESGCM(key)

    def encrypt(self, ctr: int, plaintext: bytes, metadata: bytes = b"") -> bytes:
        """Return ``header ‖ encrypted ‖ tag``; ``metadata`` is authenticated beside them."""
        header = SframeHeader(self.kid, ctr).to_bytes()
        return header + self._aead.encrypt(self._nonce(ctr), plaintext, header + metadata)

    def decrypt(self, ciphertext: bytes, metadata: bytes = b"") -> tuple[int, bytes]:
        """Return the counter and the plaintext; raises FormatError, or SealError.

        SealError where the key id is another's, the metadata other, or anything was changed.
        """
        header, at = SframeHeader.parse(ciphertext)
        if header.kid != self.kid:
            raise SealError("It is encrypted under another key id.")
        if len(ciphertext) < at + TAG_BYTES:
            raise FormatError("ciphertext", "is cut short")
        try:
            plaintext = self._aead.decrypt(
                self._nonce(header.ctr), ciphertext[at:], ciphertext[:at] + metadata
            )
        except InvalidTag as error:
            raise SealError from error
        return header.ctr, plaintext

    def _nonce(self, ctr: int) -> bytes:
        """Section 4.4.3: the salt, and the counter in Nn bytes, exclusive or."""
        return (int.from_bytes(self._salt, "big") ^ ctr).to_bytes(NONCE_BYTES, "big")

    def __repr__(self) -> str:
        return f"SframeKey({self.kid})"


def derive(base_key: bytes, kid: int, suite: SframeSuite) -> tuple[bytes, bytes]:
    """Return ``sframe_key`` and ``sframe_salt`` of a key id (section 4.4.2)."""
    secret = HKDF.extract(suite.hash, b"", base_key)
    which = _eight(kid) + suite.number.to_bytes(2, "big")

    def expand(label: bytes, length: int) -> bytes:
        return HKDFExpand(suite.hash, length, label + which).derive(secret)

    return (
        expand(b"SFrame 1.0 Secret key ", suite.key_bytes),
        expand(b"SFrame 1.0 Secret salt ", NONCE_BYTES),
    )


def _write(number: int) -> tuple[int, bytes]:
    if not 0 <= number <= MAX_NUMBER:
        raise ValueError("a key id or a counter has 64 bits")
    if number < _LONG:
        return number, b""
    length = (number.bit_length() + 7) // 8
    return _LONG | length - 1, number.to_bytes(length, "big")


def _read(nibble: int, data: bytes, at: int) -> tuple[int, int]:
    """Return a number, and where it ends."""
    if nibble < _LONG:
        return nibble, at
    end = at + (nibble & 7) + 1
    if len(data) < end:
        raise FormatError("header", "is cut short")
    number = int.from_bytes(data[at:end], "big")
    if _write(number)[0] != nibble:
        raise FormatError("header", "has a number that is not in its shortest form")
    return number, end


def _eight(number: int) -> bytes:
    return number.to_bytes(8, "big")
