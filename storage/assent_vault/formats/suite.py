"""Every cryptographic choice in one place: the suite ``assent-1`` of FORMAT.md sections 1 to 3.

All functions take and give bytes of exactly the lengths FORMAT.md names. Another length is our own
mistake and raises ``ValueError``; what comes from outside has had its lengths checked by
:mod:`assent_vault.formats.document`. Fixed lengths are also what makes joined strings unambiguous.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from assent_vault.errors import FormatError, SealError, SignatureError

SUITE: Final = "assent-1"
SUITE_2: Final = "assent-2"
"""What rooms and statements are in; nothing that FORMAT.md has of it differs yet."""

MEETING_BYTES: Final = 16
DIGEST_BYTES: Final = 32  # person ids are digests too
SEED_BYTES: Final = 32
KEY_BYTES: Final = 32  # every private and every symmetric key
SIGN_PUBLIC_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
XWING_PUBLIC_BYTES: Final = 1216
BOX_OVERHEAD: Final = 1120 + 16  # bytes: what is sent of the key, and the tag
BOX_BYTES: Final = BOX_OVERHEAD + KEY_BYTES  # the box of a key, the only thing we put in boxes
WRAPPED_BYTES: Final = KEY_BYTES + 16

_MLKEM_PUBLIC_BYTES = 1184
_MLKEM_SEED_BYTES = 64
_HPKE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_B64 = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)

# The y coordinates of the points of small order, in both spellings where there are two, without
# the sign bit (as in libsodium's ge25519_has_small_order). A signature under such a key can be made
# without any private key: who enrolled with one could later say that anybody had answered for them.
_SMALL_ORDER = frozenset(
    bytes.fromhex(y)
    for y in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
)


# Text and digests.


def encode(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str, length: int | None = None, *, field: str = "base64url") -> bytes:
    """Read base64url without padding, of ``length`` bytes where given; raises FormatError.

    "A reader MUST reject padding, characters outside the alphabet, and non-zero trailing bits."
    """
    if not _B64.fullmatch(text) or len(text) % 4 == 1:
        raise FormatError(field, "is not base64url without padding")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(data) != text:
        raise FormatError(field, "is not base64url without padding")
    if length is not None and len(data) != length:
        raise FormatError(field, f"is not {length} bytes long")
    return data


def digest(data: bytes) -> bytes:
    """Return the SHA-256 of exact bytes."""
    return hashlib.sha256(data).digest()


def person_id(meeting: bytes, sign_public: bytes) -> bytes:
    """Return a person's id: bound to their key, so that nobody can be given another's."""
    exactly(MEETING_BYTES, meeting)
    exactly(SIGN_PUBLIC_BYTES, sign_public)
    return digest(b"assent/person/v2\0" + meeting + sign_public)


def name_digest(salt: bytes, name: str) -> bytes:
    """Return what an enrolment has of a name, which can be erased with its salt."""
    exactly(KEY_BYTES, salt)
    return digest(b"assent/name/v2\0" + salt + name.encode())


# A person's keys, from their seed.


def derive_sign(seed: bytes, meeting: bytes) -> Ed25519PrivateKey:
    """Return the key that signs what a person says."""
    return Ed25519PrivateKey.from_private_bytes(_derive(seed, meeting, b"assent/key/sign/v2"))


def derive_watch(seed: bytes, meeting: bytes) -> bytes:
    """Return the X-Wing private key, 32 bytes, that opens a recording for watching."""
    return _derive(seed, meeting, b"assent/key/watch/v2")


def derive_train(seed: bytes, meeting: bytes) -> bytes:
    """Return the X-Wing private key, 32 bytes, whose handing over is the consent to training."""
    return _derive(seed, meeting, b"assent/key/train/v2")


def _derive(seed: bytes, meeting: bytes, label: bytes) -> bytes:
    exactly(SEED_BYTES, seed)
    exactly(MEETING_BYTES, meeting)
    return hkdf(seed, meeting, label)


# Signatures.


def sign(private: Ed25519PrivateKey, type_: str, body: bytes) -> bytes:
    """Sign ``body``, whose own ``type`` field is ``type_``; 64 bytes."""
    return private.sign(type_.encode("ascii") + b"\0" + body)


def verify(public: bytes, type_: str, body: bytes, signature: bytes) -> None:
    """Raise SignatureError unless ``signature`` is of ``body`` under ``type_`` by ``public``."""
    if not is_sign_public(public) or len(signature) != SIGNATURE_BYTES:
        raise SignatureError
    try:
        key = Ed25519PublicKey.from_public_bytes(public)
        key.verify(signature, type_.encode("ascii") + b"\0" + body)
    except (InvalidSignature, ValueError) as error:
        raise SignatureError from error


def is_sign_public(public: bytes) -> bool:
    """Whether this can be somebody's Ed25519 public key, and theirs alone."""
    if len(public) != SIGN_PUBLIC_BYTES:
        return False
    return public[:-1] + bytes([public[-1] & 0x7F]) not in _SMALL_ORDER


def sign_public(private: Ed25519PrivateKey) -> bytes:
    """Return the public half, 32 bytes."""
    return private.public_key().public_bytes_raw()


# X-Wing and HPKE boxes.


def xwing_public(private: bytes) -> bytes:
    """Return the X-Wing public key, 1,216 bytes, of a 32-byte private key."""
    mlkem, x25519 = _expand(private)
    return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def is_xwing_public(public: bytes) -> bool:
    """Whether something can be sealed to this key.

    Asked of every key before it is used: one key of a person that cannot be sealed to would keep
    the recorder from making a generation, for everyone.
    """
    try:
        seal(public, b"", b"")
    except (SealError, ValueError):
        return False
    return True


def seal(public: bytes, plaintext: bytes, info: bytes) -> bytes:
    """Return the HPKE box of ``plaintext``; raises SealError where the key cannot be sealed to."""
    exactly(XWING_PUBLIC_BYTES, public)
    try:
        key = MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC_BYTES]),
            X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC_BYTES:]),
        )
        return _HPKE.encrypt(plaintext, key, info)
    except ValueError as error:
        raise SealError("Nothing can be sealed to this key.") from error


def unseal(private: bytes, box: bytes, info: bytes) -> bytes:
    """Open an HPKE box; raises SealError unless it was sealed to this key with this ``info``."""
    key = MLKEM768X25519PrivateKey(*_expand(private))
    try:
        return _HPKE.decrypt(box, key, info)
    except (InvalidTag, ValueError) as error:
        raise SealError from error


def _expand(private: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    """Expand as FORMAT.md section 3 says: 64 bytes for ML-KEM-768, 32 for X25519."""
    exactly(KEY_BYTES, private)
    expanded = hashlib.shake_256(private).digest(_MLKEM_SEED_BYTES + KEY_BYTES)
    return (
        MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED_BYTES]),
        X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED_BYTES:]),
    )


def grant_info(meeting: bytes, person: bytes, notice: bytes) -> bytes:
    """Return the info of a sealed training seed (section 7)."""
    exactly(MEETING_BYTES, meeting)
    exactly(DIGEST_BYTES, person, notice)
    return b"assent/grant/v2\0" + meeting + person + notice


def hkdf(ikm: bytes, salt: bytes, info: bytes) -> bytes:
    """Return HKDF-SHA256 (RFC 5869), 32 bytes."""
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=salt, info=info).derive(ikm)


def exactly(length: int, *values: bytes) -> None:
    """Raise ValueError unless each value has that length."""
    for value in values:
        if len(value) != length:
            raise ValueError(f"{length} bytes are needed, not {len(value)}")
