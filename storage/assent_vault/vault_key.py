"""The public half of a meeting's own key, certified by the vault (FORMAT.md section 5)."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault import document, suite
from assent_vault.errors import FormatError
from assent_vault.suite import MEETING_BYTES, SUITE, XWING_PUBLIC_BYTES, digest, encode

TYPE = "assent/vault-key/v1"
MAX_BYTES = 4 * 1024


@dataclass(frozen=True, slots=True)
class VaultKey:
    """A parsed vault key document; ``key`` is an X-Wing public key."""

    meeting: bytes
    key: bytes
    created: int
    body: bytes = field(repr=False)

    @property
    def digest(self) -> bytes:
        """The digest of the exact bytes: the vault's name as an owner of shares."""
        return digest(self.body)


def make(
    identity: Ed25519PrivateKey, meeting: bytes, public: bytes, now: int
) -> tuple[bytes, bytes]:
    """Return document and signature for a meeting's new public key."""
    body = document.write(
        {
            "type": TYPE,
            "suite": SUITE,
            "meeting": encode(meeting),
            "key": encode(public),
            "created": now,
        }
    )
    return body, suite.sign(identity, TYPE, body)


def parse(body: bytes) -> VaultKey:
    """Read a vault key document; raises FormatError."""
    fields = document.read(body, TYPE, MAX_BYTES)
    fields.one_of("suite", frozenset({SUITE}))
    key = VaultKey(
        meeting=fields.binary("meeting", MEETING_BYTES),
        key=fields.binary("key", XWING_PUBLIC_BYTES),
        created=fields.integer("created"),
        body=body,
    )
    fields.done()
    return key


def verify(body: bytes, signature: bytes, identity: bytes, meeting: bytes) -> VaultKey:
    """Check a vault key against the vault's public identity and the meeting it is for.

    Raises FormatError or SignatureError.
    """
    suite.verify(identity, TYPE, body, signature)
    key = parse(body)
    if key.meeting != meeting:
        raise FormatError("for another meeting", "meeting")
    return key
