"""JWS (RFC 7515) by the vault identity: what outsiders verify with a library of their own.

One algorithm, one header: ``alg`` "Ed25519" (RFC 9864: fully specified; "EdDSA" is deprecated for
not saying which curve), ``typ`` what is signed, ``kid`` the public key, and nothing else. Whoever
verifies brings algorithm, type and key along: nothing that a signature says of itself is believed.
"""

from __future__ import annotations

import json
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from assent_vault.errors import FormatError, SignatureError
from assent_vault.formats import suite

_ALGORITHM: Final = "Ed25519"
_PARTS: Final = ("protected", "payload", "signature")


def sign(identity: Ed25519PrivateKey, type_: str, body: bytes) -> str:
    """Sign a body; returns the compact serialization, with the body in it."""
    public = suite.encode(suite.sign_public(identity))
    private = suite.encode(identity.private_bytes_raw())
    key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": public, "d": private})
    header = {"alg": _ALGORITHM, "typ": type_, "kid": public}
    return jws.serialize_compact(header, body, key, algorithms=[_ALGORITHM])


def sign_detached(identity: Ed25519PrivateKey, type_: str, body: bytes) -> bytes:
    """Sign a body that is kept elsewhere (RFC 7515 appendix F)."""
    return jws.detach_content(sign(identity, type_, body)).encode()


def sign_line(identity: Ed25519PrivateKey, type_: str, body: bytes) -> bytes:
    """Sign a body as a line of JSON: the flattened serialization (RFC 7515 section 7.2.2)."""
    protected, payload, signature = sign(identity, type_, body).split(".")
    parts = dict(zip(_PARTS, (protected, payload, signature), strict=True))
    return json.dumps(parts, separators=(",", ":")).encode() + b"\n"


def verify_detached(public: bytes, type_: str, body: bytes, signature: bytes) -> None:
    """Raise SignatureError unless this key has signed this very body, as ``type_``."""
    head, dots, _ = signature.partition(b"..")
    if not dots or b"." in head:
        raise SignatureError("The signature is not a detached one.")
    _verify(public, type_, signature, body)


def read_line(line: bytes) -> tuple[bytes, bytes]:
    """Return the compact serialization that a line is of, and the body in it, verified by nobody.

    Raises FormatError.
    """
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise FormatError("line", "is not JSON") from error
    if not isinstance(found, dict) or tuple(found) != _PARTS:
        raise FormatError("line", "is no flattened JWS")
    parts = list(found.values())
    if not all(isinstance(part, str) for part in parts):
        raise FormatError("line", "is no flattened JWS")
    if json.dumps(found, separators=(",", ":")).encode() != line.rstrip(b"\n"):
        raise FormatError("line", "is not spelled as lines are")
    protected, payload, signature = parts
    body = suite.decode(payload, field="payload")
    suite.decode(protected, field="protected")
    suite.decode(signature, suite.SIGNATURE_BYTES, field="signature")
    return f"{protected}.{payload}.{signature}".encode(), body


def verify(public: bytes, type_: str, whole: bytes) -> None:
    """Raise SignatureError unless this key has signed what a compact serialization holds."""
    _verify(public, type_, whole, None)


def key_of(whole: bytes) -> bytes | None:
    """Return the key that a signature says to be of, None where it names none.

    For telling whose it claims to be; it is believed by nobody.
    """
    try:
        header: Any = json.loads(suite.decode(whole.partition(b".")[0].decode("ascii")))
        named = header.get("kid") if isinstance(header, dict) else None
        return suite.decode(named, suite.SIGN_PUBLIC_BYTES) if isinstance(named, str) else None
    except (FormatError, ValueError, RecursionError):
        return None


def _verify(public: bytes, type_: str, whole: bytes, body: bytes | None) -> None:
    if not suite.is_sign_public(public):
        raise SignatureError
    named = suite.encode(public)
    wanted = {"alg": _ALGORITHM, "typ": type_, "kid": named}
    try:
        key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": named})
        found = jws.deserialize_compact(whole, key, payload=body, algorithms=[_ALGORITHM])
    except (JoseError, ValueError, TypeError) as error:
        raise SignatureError from error
    if found.headers() != wanted:
        raise SignatureError
