"""Every cryptographic choice in one place: FORMAT.md sections 1 to 3, 7 and 8.

Nothing here knows what it is used for; no other module names a primitive.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from assent_vault.document import decode, encode
from assent_vault.errors import FormatError, SealError, SignatureError

SUITE = "assent-1"
MEETING_BYTES = 16
KEY_BYTES = 32
DIGEST_BYTES = 32
SIGNATURE_BYTES = 64
MLKEM_PUBLIC_BYTES = 1184
XWING_PUBLIC_BYTES = MLKEM_PUBLIC_BYTES + 32
BOX_OVERHEAD = 1120 + 16  # encapsulated key, and the tag of AES-256-GCM
KEY_BOX_BYTES = KEY_BYTES + BOX_OVERHEAD
WRAPPED_BYTES = KEY_BYTES + 16

_HPKE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
# K encrypts one message in its life: its shares are drawn for one epoch (FORMAT.md section 8).
_ONCE = bytes(12)

__all__ = [
    "BOX_OVERHEAD",
    "DIGEST_BYTES",
    "KEY_BOX_BYTES",
    "KEY_BYTES",
    "MEETING_BYTES",
    "SIGNATURE_BYTES",
    "SUITE",
    "WRAPPED_BYTES",
    "XWING_PUBLIC_BYTES",
    "decode",
    "derive_sign",
    "derive_train",
    "derive_watch",
    "digest",
    "encode",
    "grant_info",
    "person_id",
    "seal",
    "share_info",
    "sign",
    "track_key",
    "training_key",
    "unseal",
    "unwrap",
    "verify",
    "watch_info",
    "wrap",
    "xwing_public",
]


def digest(data: bytes) -> bytes:
    """Return the SHA-256 of exact bytes."""
    return hashlib.sha256(data).digest()


def person_id(meeting: bytes, sign_public: bytes) -> bytes:
    """Return the 32-byte id of whoever signs with this key in this meeting."""
    return digest(b"assent/person/v1\0" + meeting + sign_public)


def _derive(key: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, salt, info).derive(key)


def derive_sign(seed: bytes, meeting: bytes) -> Ed25519PrivateKey:
    """Return the key a person signs with."""
    return Ed25519PrivateKey.from_private_bytes(_derive(seed, meeting, b"assent/key/sign/v1"))


def derive_watch(seed: bytes, meeting: bytes) -> bytes:
    """Return the 32-byte X-Wing private key that opens for watching."""
    return _derive(seed, meeting, b"assent/key/watch/v1")


def derive_train(seed: bytes, meeting: bytes) -> bytes:
    """Return the 32-byte X-Wing private key whose handing over is the consent to training."""
    return _derive(seed, meeting, b"assent/key/train/v1")


def _xwing(private: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    if len(private) != KEY_BYTES:
        raise FormatError("an X-Wing private key has 32 bytes")
    # draft-connolly-cfrg-xwing-kem section 5.2, expandDecapsulationKey
    expanded = hashlib.shake_256(private).digest(96)
    return (
        MLKEM768PrivateKey.from_seed_bytes(expanded[:64]),
        X25519PrivateKey.from_private_bytes(expanded[64:]),
    )


def xwing_public(private: bytes) -> bytes:
    """Return the 1,216-byte public key of a 32-byte X-Wing private key."""
    mlkem, x25519 = _xwing(private)
    return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def seal(public: bytes, plaintext: bytes, info: bytes) -> bytes:
    """Return an HPKE box for the owner of ``public``; raises FormatError for what is no key."""
    if len(public) != XWING_PUBLIC_BYTES:
        raise FormatError("an X-Wing public key has 1216 bytes")
    try:
        key = hpke.MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(public[:MLKEM_PUBLIC_BYTES]),
            X25519PublicKey.from_public_bytes(public[MLKEM_PUBLIC_BYTES:]),
        )
        return _HPKE.encrypt(plaintext, key, info)
    except ValueError as error:
        raise FormatError("not an X-Wing public key") from error


def unseal(private: bytes, box: bytes, info: bytes) -> bytes:
    """Open an HPKE box; raises SealError."""
    key = hpke.MLKEM768X25519PrivateKey(*_xwing(private))
    try:
        return _HPKE.decrypt(box, key, info)
    except (InvalidTag, ValueError) as error:
        raise SealError("the box does not open with this key") from error


def sign(key: Ed25519PrivateKey, kind: str, body: bytes) -> bytes:
    """Sign the exact bytes of a document of type ``kind``."""
    return key.sign(_signed(kind, body))


def verify(public: bytes, kind: str, body: bytes, signature: bytes) -> None:
    """Check the signature of a document of type ``kind``; raises SignatureError."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, _signed(kind, body))
    except (InvalidSignature, ValueError) as error:
        raise SignatureError("the signature does not verify") from error


def _signed(kind: str, body: bytes) -> bytes:
    return kind.encode("ascii") + b"\0" + body


def grant_info(meeting: bytes, person: bytes, notice: bytes) -> bytes:
    """Return the HPKE info that binds a sealed training seed."""
    return b"assent/grant/v1\0" + meeting + person + notice


def share_info(header: bytes, owner: bytes) -> bytes:
    """Return the HPKE info that binds a share to its epoch and owner."""
    return b"assent/share/v1\0" + header + owner


def watch_info(header: bytes, person: bytes) -> bytes:
    """Return the HPKE info that binds a watch box to its epoch and watcher."""
    return b"assent/watch/v1\0" + header + person


def training_key(shares: Sequence[bytes], header: bytes) -> bytes:
    """Combine all shares, the vault's first, into the training key of the epoch ``header``."""
    return _derive(b"".join(shares), header, b"assent/training-key/v1")


def wrap(training: bytes, header: bytes, epoch_key: bytes) -> bytes:
    """Encrypt the epoch key under the training key, which is used for nothing else."""
    return AESGCM(training).encrypt(_ONCE, epoch_key, header)


def unwrap(training: bytes, header: bytes, wrapped: bytes) -> bytes:
    """Decrypt the epoch key; raises SealError."""
    try:
        return AESGCM(training).decrypt(_ONCE, wrapped, header)
    except InvalidTag as error:
        raise SealError("the shares do not make the key of this epoch") from error


def track_key(epoch_key: bytes, header: bytes, track: str) -> bytes:
    """Return the key of one track in one epoch."""
    return _derive(epoch_key, header, b"assent/track/v1\0" + track.encode())
