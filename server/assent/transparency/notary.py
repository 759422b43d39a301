"""Countersigns what people have said: that it is in the log, and where."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent.transparency.log_key import LogKey
from assent_vault.ledger.documents import Acknowledgement, ServerSigned, acknowledge, sign_log


class Notary:
    """Signs with the server's identity, for the log that it keeps."""

    def __init__(self, identity: Ed25519PrivateKey, log: LogKey) -> None:
        self._identity = identity
        self.origin = log.origin
        self.log_document = sign_log(identity, log.signer.verifier, log.created)
        self.verifier = log.signer.verifier

    def acknowledge(
        self, meeting: bytes, person: bytes, statement: bytes, index: int, at: int
    ) -> ServerSigned:
        """Return the acknowledgement of a statement; the same bytes each time."""
        return acknowledge(
            self._identity,
            Acknowledgement(meeting, person, statement, self.origin, index, at),
        )
