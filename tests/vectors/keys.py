"""``suite.json`` and ``grant.json``."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.formats import suite
from assent_vault.formats.suite import encode
from support.people import NOTICE_DIGEST
from vectors.common import (
    MEETING,
    OTHER_NOTICE,
    Json,
    fixed,
    meeting,
    person,
)


def make_suite() -> Json:
    """Keys from seeds, text, signatures."""
    return {
        "keys": [_keys(fixed(f"seed {n}"), fixed(f"meeting {n}")[:16]) for n in range(3)],
        "base64url": {
            "valid": [
                {"text": encode(data), "hex": data.hex()}
                for data in (b"", b"\0", b"\xff\xfe", b"abc", bytes(range(240, 256)))
            ],
            "invalid": ["=", "AA==", "A", "AB", "AAB", "+A", "/A", "A A", "AAAA\n", "ÄA", "AAAAA"],
        },
        "signatures": _signatures(),
    }


def _keys(seed: bytes, of: bytes) -> Json:
    sign, watch, train = (
        suite.derive_sign(seed, of),
        suite.derive_watch(seed, of),
        suite.derive_train(seed, of),
    )
    return {
        "seed": encode(seed),
        "meeting": encode(of),
        "sign_private": encode(sign.private_bytes_raw()),
        "sign_public": encode(suite.sign_public(sign)),
        "person": encode(suite.person_id(of, suite.sign_public(sign))),
        "watch_private": encode(watch),
        "watch_public": encode(suite.xwing_public(watch)),
        "train_private": encode(train),
        "train_public": encode(suite.xwing_public(train)),
    }


def _signatures() -> list[Json]:
    key = Ed25519PrivateKey.from_private_bytes(fixed("a signer"))
    public = suite.sign_public(key)
    body = b'{"type":"assent/answer/v1"}'
    signature = suite.sign(key, "assent/answer/v1", body)
    # Of order one: with it as public key, and R of order one and S zero, any body "verifies".
    one = bytes([1]) + bytes(31)

    def case(name: str, valid: bool, **changes: Any) -> Json:
        values = {
            "public": public,
            "document": body,
            "signature": signature,
        } | changes
        return {
            "name": name,
            "type": values.pop("type", "assent/answer/v1"),
            **{field: encode(value) for field, value in values.items()},
            "valid": valid,
        }

    return [
        case("as signed", True),
        case("another type", False, type="assent/enrol/v1"),
        case("another document", False, document=body + b" "),
        case("another key", False, public=suite.sign_public(suite.derive_sign(bytes(32), MEETING))),
        case("one bit of the signature", False, signature=signature[:-1] + b"\x01"),
        case("cut short", False, signature=signature[:-1]),
        case("a key of small order", False, public=one, signature=one + bytes(32)),
    ]


def make_grant() -> Json:
    """A sealed training key, and what must not open."""
    place = meeting()
    assert place.vault_key is not None
    giver = person(place, "Ada")
    box = giver.grant()
    info = suite.grant_info(place.id, giver.id, NOTICE_DIGEST)
    words = NOTICE_DIGEST
    good = {
        "private": encode(place.vault_private),
        "info": encode(info),
        "box": encode(box),
    }
    return {
        "meeting": encode(place.id),
        "person": encode(giver.id),
        "notice": encode(NOTICE_DIGEST),
        "identity": encode(place.charter.vault),
        "vault_key": {
            "document": encode(place.vault_key.body),
            "signature": encode(place.vault_key.signature),
            "key": encode(place.vault_key.key),
            "digest": encode(place.vault_key.digest),
        },
        "cases": [
            {"name": "as sealed", **good, "plaintext": encode(giver.train)},
            *(
                {"name": name, **(good | {key: encode(value)}), "plaintext": None}
                for name, key, value in (
                    ("another vault", "private", fixed("another vault key")),
                    (
                        "another meeting",
                        "info",
                        suite.grant_info(bytes(16), giver.id, words),
                    ),
                    (
                        "another person",
                        "info",
                        suite.grant_info(place.id, bytes(32), words),
                    ),
                    ("other words", "info", suite.grant_info(place.id, giver.id, OTHER_NOTICE)),
                    ("one bit", "box", box[:-1] + bytes([box[-1] ^ 1])),
                    ("one bit of the key", "box", bytes([box[0] ^ 1]) + box[1:]),
                    ("cut short", "box", box[:-1]),
                    ("one byte more", "box", box + b"\0"),
                    ("nothing", "box", b""),
                )
            ),
        ],
    }
