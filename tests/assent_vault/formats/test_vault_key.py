"""Vault keys: vouched for by the identity, and usable."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.errors import FormatError, SignatureError
from assent_vault.formats import document, suite, vault_key

IDENTITY = Ed25519PrivateKey.generate()
PUBLIC = suite.sign_public(IDENTITY)
KEY = suite.xwing_public(os.urandom(32))
MADE = vault_key.make(IDENTITY, bytes(16), KEY, 7)


def test_round_trip() -> None:
    found = vault_key.verify(MADE.body, MADE.signature, PUBLIC)
    assert found == MADE
    assert (found.meeting, found.key, found.created) == (bytes(16), KEY, 7)
    assert found.digest == suite.digest(found.body)


def test_only_the_identity_vouches() -> None:
    other = suite.sign_public(Ed25519PrivateKey.generate())
    for args in (
        (MADE.body, MADE.signature, other),
        (MADE.body, bytes(64), PUBLIC),
        (MADE.body.replace(b":7", b":8"), MADE.signature, PUBLIC),
        (MADE.body, suite.sign(IDENTITY, "assent/epoch-close/v1", MADE.body), PUBLIC),
    ):
        with pytest.raises(SignatureError):
            vault_key.verify(*args)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"suite": "assent-1"}, "suite"),
        ({"meeting": "AA"}, "meeting"),
        ({"key": suite.encode(KEY[:-1])}, "key"),
        ({"key": suite.encode(KEY[:1184] + bytes(32))}, "key"),
        ({"created": None}, "created"),
        ({"type": "assent/charter/v1"}, "type"),
        ({"more": 1}, "document"),
    ],
)
def test_refused(change: dict[str, Any], field: str) -> None:
    body = document.write(json.loads(MADE.body) | change)
    with pytest.raises(FormatError) as caught:
        vault_key.verify(body, suite.sign(IDENTITY, vault_key.TYPE, body), PUBLIC)
    assert caught.value.field == field


def test_size_is_limited() -> None:
    body = MADE.body + b" " * vault_key.MAX_BYTES
    with pytest.raises(FormatError, match="is over"):
        vault_key.verify(body, suite.sign(IDENTITY, vault_key.TYPE, body), PUBLIC)
