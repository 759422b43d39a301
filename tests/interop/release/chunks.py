"""The encryption of objects: FORMAT.md section 9, which is C2SP's chunked encryption."""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from interop.release.documents import Bad

_CHUNK, _TAG = 16 * 1024, 16
_CHUNKED = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"


def decrypt(ciphertext: bytes, key: bytes, context: bytes) -> bytes:
    """Open a C2SP chunked encryption."""
    salt, commitment, rest = ciphertext[:24], ciphertext[24:56], ciphertext[56:]
    expanded = HKDFExpand(SHA512(), 32 + 12 + 32, _CHUNKED + salt + context).derive(key)
    if expanded[44:] != commitment:
        raise Bad("another key")
    aead, base = AESGCM(expanded[:32]), int.from_bytes(expanded[32:44], "big")
    opened = []
    number = 0
    while True:
        chunk, rest = rest[: _CHUNK + _TAG], rest[_CHUNK + _TAG :]
        try:
            opened.append(aead.decrypt((base ^ number).to_bytes(12, "big"), chunk, None))
        except (InvalidTag, ValueError) as error:
            raise Bad("a chunk does not open") from error
        if len(chunk) < _CHUNK + _TAG:
            break
        number += 1
    if rest:
        raise Bad("more after the last chunk")
    return b"".join(opened)
