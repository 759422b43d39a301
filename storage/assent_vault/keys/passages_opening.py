"""Opening what a person handed over of all but some passages (FORMAT-2.md section 13)."""

from __future__ import annotations

from typing import Final

from cryptography.cobblestone import Cobblestone256Decryptor
from cryptography.exceptions import InvalidTag

from assent_vault.errors import GenerationError, SealError
from assent_vault.formats import suite
from assent_vault.ledger.slot_grant import MAX_BYTES

_CHUNK: Final = 16 * 1024
_MOST: Final = suite.BOX_BYTES + 24 + 32 + MAX_BYTES + 16 * (MAX_BYTES // _CHUNK + 1)


def passages_info(meeting: bytes, person: bytes, notice: bytes) -> bytes:
    """Return what binds a bundle to meeting, person and the words that were agreed to."""
    suite.exactly(suite.MEETING_BYTES, meeting)
    suite.exactly(suite.DIGEST_BYTES, person, notice)
    return b"assent/passages/v2\0" + meeting + person + notice


def open_passages(sealed: bytes, vault_private: bytes, info: bytes) -> bytes:
    """Return the bundle; ``bad-bundle`` where it is none, or another's, or too long.

    What stands in it is for :func:`~assent_vault.ledger.slot_grant.open_bundle` to judge.
    """
    if len(sealed) > _MOST:
        raise GenerationError("bad-bundle", "It is longer than any bundle.")
    box, ciphertext = sealed[: suite.BOX_BYTES], sealed[suite.BOX_BYTES :]
    try:
        key = suite.unseal(vault_private, box, info)
        decryptor = Cobblestone256Decryptor(key, suite.digest(info))
        # Nothing is given out before finalize: "Truncation is an error, never an end."
        return decryptor.update(ciphertext) + decryptor.finalize()
    except (SealError, InvalidTag, ValueError) as error:
        raise GenerationError("bad-bundle", "The bundle does not open.") from error
