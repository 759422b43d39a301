"""What opens epochs, segments and grants (FORMAT.md sections 7 to 9).

Nothing under ``server/`` may import this module. What is opened here needs a private key that the
server never has: the vault's own together with everyone's training keys, or a watcher's.
"""

from __future__ import annotations

from collections.abc import Mapping

from cryptography.cobblestone import Cobblestone256Decryptor
from cryptography.exceptions import InvalidTag

from assent_vault.errors import SealError
from assent_vault.formats import suite
from assent_vault.formats.closing import SegmentEntry
from assent_vault.formats.epoch import Header, Shares
from assent_vault.formats.segment import SegmentHeader, context, parse_segment
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


def recover_training_epoch_key(
    header: Header, shares: Shares, vault_private: bytes, trains: Mapping[bytes, bytes]
) -> bytes:
    """Put E together again from every single share.

    ``trains`` gives the training key of each of the header's people, by person id. Raises SealError
    where one is missing or does not open: n of n, and nothing less.
    """
    boxes = shares.training
    if shares.header != header.digest or boxes is None or header.vault is None:
        raise SealError("This epoch was never to be opened for training.")
    found = [_share(vault_private, boxes.vault, header, header.vault)]
    for person, box in zip(header.people, boxes.people, strict=True):
        train = trains.get(person.id)
        if train is None:
            raise SealError("A person's key is missing.")
        found.append(_share(train, box, header, person.id))
    return suite.unwrap(suite.training_key(found, header.digest), header.digest, boxes.wrapped)


def open_watch(header: Header, shares: Shares, person: bytes, watch_private: bytes) -> bytes:
    """Open E with the watch key of one of those who may watch; raises SealError."""
    box = shares.watch.get(person)
    if shares.header != header.digest or box is None:
        raise SealError("This person may not watch the epoch.")
    return _whole_key(suite.unseal(watch_private, box, suite.watch_info(header.digest, person)))


def open_segment(data: bytes, track_key: bytes, epoch: Header, entry: SegmentEntry) -> bytes:
    """Open the segment that a verified closing of ``epoch`` lists as ``entry``.

    Raises FormatError where it is no segment, SealError where it is not that very one, whole.
    """
    if len(data) != entry.size or suite.digest(data) != entry.digest:
        raise SealError("It is not the object that the closing lists.")
    found, written, ciphertext = parse_segment(data)
    expected = SegmentHeader(
        meeting=epoch.meeting,
        epoch=epoch.epoch,
        header=epoch.digest,
        track=entry.track,
        codec=found.codec,  # the only thing a closing does not say
        sequence=entry.sequence,
        start=entry.start,
        end=entry.end,
    )
    if found != expected:
        raise SealError("It is a segment of another place.")
    return decrypt_segment(written, ciphertext, track_key)


def decrypt_segment(header: bytes, ciphertext: bytes, track_key: bytes) -> bytes:
    """Decrypt a ciphertext under the exact bytes of its header; raises SealError unless whole."""
    decryptor = Cobblestone256Decryptor(track_key, context(header))
    try:
        # Nothing is given out before finalize: "Truncation is an error, never an end."
        return decryptor.update(ciphertext) + decryptor.finalize()
    except InvalidTag as error:
        raise SealError from error


def _share(private: bytes, box: bytes, header: Header, owner: bytes) -> bytes:
    return _whole_key(suite.unseal(private, box, suite.share_info(header.digest, owner)))


def _whole_key(key: bytes) -> bytes:
    if len(key) != suite.KEY_BYTES:
        raise SealError
    return key
