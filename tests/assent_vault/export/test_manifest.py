"""The vault's signature of a manifest: anybody's library verifies it, and nothing else passes."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.errors import SignatureError
from assent_vault.export import manifest
from assent_vault.formats import suite
from support.data_set import KEY

BODY = b'{"type":"assent/manifest/v2"}\n'
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))


def b64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def jws(key: Ed25519PrivateKey = KEY, body: bytes = BODY, **changed: str | None) -> bytes:
    """Sign as RFC 7515 says, with a header that is changed."""
    public = suite.encode(KEY.public_key().public_bytes_raw())
    head = {"alg": "Ed25519", "typ": manifest.TYPE, "kid": public} | changed
    first = b64(json.dumps({k: v for k, v in head.items() if v is not None}).encode())
    return first + b".." + b64(key.sign(first + b"." + b64(body)))


def test_it_is_what_rfc_7515_says() -> None:
    signed = manifest.sign(KEY, BODY)
    head, between, signature = signed.split(b".")
    assert between == b""
    raw = base64.urlsafe_b64decode(signature + b"==")
    KEY.public_key().verify(raw, head + b"." + b64(BODY))
    manifest.verify(KEY.public_key(), BODY, signed)
    manifest.verify(KEY.public_key(), BODY, jws())


BAD: dict[str, Callable[[], bytes]] = {
    "another key": lambda: jws(OTHER),
    "another manifest": lambda: jws(body=BODY + b" "),
    "no algorithm": lambda: jws(alg="none"),
    "another algorithm": lambda: jws(alg="HS256"),
    "another type": lambda: jws(typ="assent/manifest/v1"),
    "no type": lambda: jws(typ=None),
    "more in its head": lambda: jws(b64="x"),
    "what must be understood": lambda: jws(crit="b64"),
    "another kid": lambda: jws(kid="x"),
    "not detached": lambda: jws().replace(b"..", b"." + b64(BODY) + b"."),
    "another inside": lambda: jws().replace(b"..", b"." + b64(b"{}") + b"."),
    "cut off": lambda: jws()[:-4],
    "nothing": lambda: b"",
    "no base64": lambda: b"!!..!!",
    "no text": lambda: b"\xff\xfe..\x00",
    "the old one": lambda: suite.sign(KEY, manifest.TYPE, BODY),
}


@pytest.mark.parametrize("how", BAD)
def test_nothing_else_passes(how: str) -> None:
    with pytest.raises(SignatureError):
        manifest.verify(KEY.public_key(), BODY, BAD[how]())
