"""What opens grants, and the seal of segments and downloads (FORMAT.md sections 7 and 9).

Nothing under ``server/`` may import this module. What is opened here needs a private key that the
server never has: the vault's own together with everyone's training keys, or a watcher's.
"""

from __future__ import annotations

from cryptography.cobblestone import Cobblestone256Decryptor
from cryptography.exceptions import InvalidTag

from assent_vault.errors import SealError
from assent_vault.formats import suite
from assent_vault.formats.segment import context
from assent_vault.formats.statement import Answer, Enrolment


def open_grant(sealed: bytes, vault_private: bytes, enrolment: Enrolment, answer: Answer) -> bytes:
    """Open a person's training key, 32 bytes; raises SealError unless it is the one they enrolled.

    ``enrolment`` and ``answer`` must have been verified; ``sealed`` came with that answer.
    """
    info = suite.grant_info(enrolment.meeting, enrolment.person, answer.notice)
    train = suite.unseal(vault_private, sealed, info)
    if len(train) != suite.KEY_BYTES or suite.xwing_public(train) != enrolment.train:
        raise SealError("It is not the key of this person.")
    return train


def decrypt_segment(header: bytes, ciphertext: bytes, track_key: bytes) -> bytes:
    """Decrypt a ciphertext under the exact bytes of its header; raises SealError unless whole."""
    decryptor = Cobblestone256Decryptor(track_key, context(header))
    try:
        # Nothing is given out before finalize: "Truncation is an error, never an end."
        return decryptor.update(ciphertext) + decryptor.finalize()
    except InvalidTag as error:
        raise SealError from error
