"""``recalls.json``: lines of feeds, of which some recall one meeting from one export."""

from __future__ import annotations

import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault import jws
from assent_vault.dataset import feed as feeds
from assent_vault.formats import document, suite
from assent_vault.formats.suite import encode
from vectors.common import MEETING, Json, fixed

EXPORT = fixed("an export")[:16]
MANIFEST = fixed("a manifest")
AT = 1_760_000_000_000


def _key(label: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(fixed(label))


VAULT, HEIR, STRANGER = _key("a vault"), _key("its heir"), _key("a stranger")
OPENING = feeds.begin(VAULT, encode(EXPORT), MANIFEST, AT)


def make_recalls() -> Json:
    """One feed's first line, and what might be its second."""
    good = _line({})
    parts = json.loads(good)
    other = json.loads(_line({"reason": "deleted"}))
    cases: list[tuple[str, bytes, bool]] = [
        ("withdrawn", good, True),
        ("revoked", _line({"reason": "revoked"}), True),
        ("deleted, by who has adopted it", _line({"reason": "deleted"}, HEIR), True),
        ("by a stranger", _line({}, STRANGER), False),
        ("by a stranger in the vault's name", _named(STRANGER, VAULT), False),
        ("of another type", _line({}, type_=feeds.OPENING), False),
        ("of another export", _line({"export": encode(fixed("another")[:16])}), False),
        ("of another meeting", _line({"meeting": encode(fixed("another")[:16])}), False),
        ("for no such reason", _line({"reason": "whim"}), False),
        ("the first of all", _line({"sequence": 0}), False),
        ("with one field more", _line({"person": "x"}), False),
        ("fields in another order", _sign(dict(sorted(_said({}).items()))), False),
        ("another's words", _flat(parts | {"payload": other["payload"]}), False),
        ("another's signature", _flat(parts | {"signature": other["signature"]}), False),
        ("without its head", _flat({k: v for k, v in parts.items() if k != "protected"}), False),
        ("with a head that nobody signed", _flat(parts | {"header": {}}), False),
        ("with white space", json.dumps(parts).encode() + b"\n", False),
        ("with padding", _flat(parts | {"signature": parts["signature"] + "=="}), False),
        ("no object", b"[]\n", False),
        ("nothing", b"\n", False),
    ]  # fmt: skip
    return {
        "meeting": encode(MEETING),
        "export": encode(EXPORT),
        "manifest": encode(MANIFEST),
        "vaults": [encode(suite.sign_public(key)) for key in (VAULT, HEIR)],
        "opening": OPENING.decode().rstrip("\n"),
        "at": AT + 1,
        "cases": [
            {"name": name, "line": line.decode().rstrip("\n"), "valid": valid}
            for name, line, valid in cases
        ],
    }


def _said(changed: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": feeds.RECALL,
        "export": encode(EXPORT),
        "sequence": 1,
        "previous": encode(feeds.parse(OPENING).digests[-1]),
        "meeting": encode(MEETING),
        "reason": feeds.WITHDRAWN,
        "at": AT + 1,
        **changed,
    }


def _line(
    changed: dict[str, Any], key: Ed25519PrivateKey = VAULT, type_: str = feeds.RECALL
) -> bytes:
    return _sign(_said(changed), key, type_)


def _sign(said: dict[str, Any], key: Ed25519PrivateKey = VAULT, type_: str = feeds.RECALL) -> bytes:
    return jws.sign_line(key, type_, document.write(said))


def _named(signer: Ed25519PrivateKey, named: Ed25519PrivateKey) -> bytes:
    parts = json.loads(_line({}, named))
    signed = signer.sign(f"{parts['protected']}.{parts['payload']}".encode())
    return _flat(parts | {"signature": encode(signed)})


def _flat(parts: dict[str, Any]) -> bytes:
    return json.dumps(parts, separators=(",", ":")).encode() + b"\n"
