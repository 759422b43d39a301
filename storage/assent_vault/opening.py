"""The only code that opens anything. Nothing under ``server/`` imports it.

Every function raises SealError for what does not open, and FormatError for what is not what it
claims to be. Nothing is returned in part.
"""

from __future__ import annotations

from collections.abc import Mapping

from cryptography.cobblestone import Cobblestone256Decryptor
from cryptography.exceptions import InvalidTag

from assent_vault import suite
from assent_vault.epoch import EpochKey, Header, SegmentEntry, Shares
from assent_vault.errors import FormatError, SealError
from assent_vault.segment import SegmentHeader, parse_segment
from assent_vault.suite import KEY_BYTES, digest
from assent_vault.vault_key import VaultKey


def open_grant(
    box: bytes, vault_private: bytes, meeting: bytes, person: bytes, notice: bytes
) -> bytes:
    """Open a sealed training seed: returns the person's 32-byte ``train`` private key."""
    return _key(suite.unseal(vault_private, box, suite.grant_info(meeting, person, notice)))


def open_training(
    header: Header,
    shares: Shares,
    vault_key: VaultKey,
    vault_private: bytes,
    trains: Mapping[bytes, bytes],
) -> EpochKey:
    """Combine every share into the epoch's key; ``trains`` maps person id to ``train`` private key.

    One share missing, and there is no key.
    """
    if shares.training is None or header.vault != vault_key.digest:
        raise FormatError("the epoch has no training shares for this vault key")
    named = header.digest
    parts = [
        suite.unseal(
            vault_private, shares.training.vault, suite.share_info(named, vault_key.digest)
        )
    ]
    for person, box in zip(header.people, shares.training.people, strict=True):
        private = trains.get(person.id)
        if private is None:
            raise SealError("a person's share is missing")
        parts.append(suite.unseal(private, box, suite.share_info(named, person.id)))
    combined = suite.training_key([_key(part) for part in parts], named)
    return EpochKey(_key(suite.unwrap(combined, named, shares.training.wrapped)), named)


def open_watch(header: Header, shares: Shares, person: bytes, watch_private: bytes) -> EpochKey:
    """Open the epoch's key as one who may watch."""
    box = shares.watch.get(person)
    if box is None:
        raise SealError("this person may not watch this epoch")
    named = header.digest
    return EpochKey(_key(suite.unseal(watch_private, box, suite.watch_info(named, person))), named)


def open_segment(
    stored: bytes, header: Header, expected: SegmentEntry, epoch_key: EpochKey
) -> tuple[SegmentHeader, bytes]:
    """Open one stored segment and check that it is the one the closing lists.

    Returns its header and plaintext.
    """
    if len(stored) != expected.size or digest(stored) != expected.digest:
        raise SealError("not the object that the closing lists")
    found, framed, ciphertext = parse_segment(stored)
    if (
        found.meeting,
        found.epoch,
        found.header,
        found.track,
        found.sequence,
        found.start,
        found.end,
    ) != (
        header.meeting,
        header.epoch,
        header.digest,
        expected.track,
        expected.sequence,
        expected.start,
        expected.end,
    ):
        raise FormatError("not the segment that the closing lists")
    decryptor = Cobblestone256Decryptor(epoch_key.track_key(found.track), digest(framed))
    try:
        # finalize() is what notices truncation: nothing is handed out before it has passed.
        return found, decryptor.update(ciphertext) + decryptor.finalize()
    except (InvalidTag, ValueError) as error:
        raise SealError("the segment does not open") from error


def _key(data: bytes) -> bytes:
    if len(data) != KEY_BYTES:
        raise SealError("what was sealed is no key")
    return data
