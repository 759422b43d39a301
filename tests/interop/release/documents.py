"""Documents, names and keys: FORMAT.md sections 1 to 3, and the HPKE boxes of section 7 and 8."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any, Never

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

Document = dict[str, Any]

_HPKE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_WHOLE = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
_SOURCES = (
    "microphone",
    "camera",
    "screen",
    "screen-audio",
    "device-microphone",
    "device-camera",
)


class Bad(Exception):
    """Something that FORMAT.md does not allow."""


def digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: Any, length: int) -> bytes:
    if not isinstance(text, str) or not re.fullmatch(r"[A-Za-z0-9_-]*", text, re.ASCII):
        raise Bad("not b64")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise Bad("not b64") from error
    if b64(data) != text or len(data) != length:
        raise Bad("not b64 of that length")
    return data


def read(body: bytes, type_: str, most: int, keys: str) -> Document:
    """Read a document of at most ``most`` bytes with exactly the ``keys``, separated by spaces."""

    def unique(pairs: list[tuple[str, Any]]) -> Document:
        if len({key for key, _ in pairs}) != len(pairs):
            raise Bad("a key twice")
        return dict(pairs)

    def whole(text: str) -> int:
        if not _WHOLE.fullmatch(text) or int(text) > 2**53 - 1:
            raise Bad("not an integer in 0 … 2^53 - 1")
        return int(text)

    def none(_: str) -> Never:
        raise Bad("not an integer in 0 … 2^53 - 1")

    if len(body) > most:
        raise Bad("too long")
    try:
        found = json.loads(
            body.decode(),
            object_pairs_hook=unique,
            parse_int=whole,
            parse_float=none,
            parse_constant=none,
        )
    except ValueError as error:
        raise Bad("not JSON in UTF-8") from error
    found = only(found, "type " + keys)
    if found["type"] != type_:
        raise Bad("another type")
    return found


def only(found: Any, keys: str) -> Document:
    if not isinstance(found, dict) or set(found) != set(keys.split()):
        raise Bad("other keys")
    return found


def integer(value: Any, least: int = 0, most: int = 2**53 - 1) -> int:
    if type(value) is not int or not least <= value <= most:
        raise Bad("not such an integer")
    return value


def boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Bad("neither true nor false")
    return value


def listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Bad("not a list")
    return value


def track(name: Any) -> bytes:
    """Return the person of a track's name."""
    person, dot, source = name.partition(".") if isinstance(name, str) else ("", "", "")
    if not dot or source not in _SOURCES:
        raise Bad("not the name of a track")
    return unb64(person, 32)


def verify(public: bytes, type_: str, body: bytes, signature: bytes | None) -> None:
    try:
        key = Ed25519PublicKey.from_public_bytes(public)
        key.verify(signature or b"", type_.encode() + b"\0" + body)
    except (InvalidSignature, ValueError) as error:
        raise Bad("not signed") from error


def sign_public(private: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def hkdf(ikm: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, info).derive(ikm)


def _xwing(private: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    expanded = hashlib.shake_256(private).digest(96)
    return (
        MLKEM768PrivateKey.from_seed_bytes(expanded[:64]),
        X25519PrivateKey.from_private_bytes(expanded[64:]),
    )


def xwing_public(private: bytes) -> bytes:
    mlkem, x25519 = _xwing(private)
    return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def open_box(private: bytes, box: bytes, info: bytes) -> bytes:
    """Open an HPKE box; it holds 32 bytes, as all do."""
    try:
        opened = _HPKE.decrypt(box, MLKEM768X25519PrivateKey(*_xwing(private)), info)
    except (InvalidTag, ValueError) as error:
        raise Bad("a box does not open") from error
    if len(opened) != 32:
        raise Bad("not a key in a box")
    return opened
