"""The vault key of a meeting, vouched for by the vault identity (FORMAT.md section 5).

This is its public half, which the server and every browser seal to. The private half stays in
:mod:`assent_vault.keys.keyring`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.formats import document, suite
from assent_vault.formats.suite import SUITE_2, encode

TYPE: Final = "assent/vault-key/v2"
MAX_BYTES: Final = 4 * 1024


@dataclass(frozen=True, slots=True)
class VaultKey:
    """A vault key whose signature has been verified.

    ``key`` is the X-Wing public key. ``digest`` names this document in headers, and stands
    for the vault where a share has an owner.
    """

    meeting: bytes
    key: bytes
    created: int
    body: bytes
    signature: bytes
    digest: bytes


def make(identity: Ed25519PrivateKey, meeting: bytes, key: bytes, now: int) -> VaultKey:
    """Vouch for the public key of a meeting; ``now`` in Unix milliseconds."""
    body = document.write(
        {
            "type": TYPE,
            "suite": SUITE_2,
            "meeting": encode(meeting),
            "key": encode(key),
            "created": now,
        }
    )
    return verify(body, suite.sign(identity, TYPE, body), suite.sign_public(identity))


def verify(body: bytes, signature: bytes, identity: bytes) -> VaultKey:
    """Read a vault key that ``identity`` vouches for; raises FormatError, SignatureError.

    Whose meeting it is for is the caller's to compare.
    """
    fields = document.read(body, TYPE, most=MAX_BYTES).only(
        "type", "suite", "meeting", "key", "created"
    )
    fields.exactly("suite", SUITE_2)
    meeting = fields.b64("meeting", suite.MEETING_BYTES)
    key = fields.b64("key", suite.XWING_PUBLIC_BYTES)
    created = fields.integer("created")
    if not suite.is_xwing_public(key):
        fields.fail("key", "is not a key that can be sealed to")
    suite.verify(identity, TYPE, body, signature)
    return VaultKey(
        meeting=meeting,
        key=key,
        created=created,
        body=body,
        signature=signature,
        digest=suite.digest(body),
    )
