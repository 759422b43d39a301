"""Opening recorded generations: with one ``watch`` key, or with everything that all granted.

FORMAT-2.md sections 7, 9 and 16. Nothing under ``server/`` may import this module: what is opened
here needs private keys that the server never has. Each failure has a code of section 11.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives import constant_time

from assent_vault.errors import GenerationError, SealError
from assent_vault.formats import suite
from assent_vault.formats.frame_key import SLOTS
from assent_vault.formats.generation import pair_info, tree_root, unwrap_secret
from assent_vault.formats.generation_boxes import GenerationBoxes, outer_info
from assent_vault.formats.generation_header import GenerationHeader, RecordedPart
from assent_vault.formats.slot_keys import slot_secret, slot_wrapping_key, unwrap_slot, wrap_at
from assent_vault.formats.slot_tree import shares_below
from assent_vault.ledger import merkle
from assent_vault.ledger.slot_commitments import commitment, wraps_digest


@dataclass(frozen=True, slots=True)
class OpenedSlots:
    """The ``S_i`` that everything granted opens, by slot; ``lost`` do not open, whoever granted."""

    secrets: Mapping[int, bytes]
    lost: frozenset[int]


@dataclass(frozen=True, slots=True)
class PairBox:
    """Where a pair key's box stands: whose page sealed it, to whose key and what for."""

    purpose: str
    meeting: bytes
    committer: bytes
    owner: bytes


def open_pair(private: bytes, box: bytes, place: PairBox) -> bytes:
    """Open a pair key with the owner's private key; ``bad-pair`` where it is none.

    A box says nothing of who made it: what comes of it is borne out by a header, or nothing.
    """
    public = suite.xwing_public(private)
    info = pair_info(place.purpose, place.meeting, place.committer, place.owner, public)
    try:
        key = suite.unseal(private, box, info)
    except SealError as error:
        raise GenerationError("bad-pair", "The pair key does not open.") from error
    if len(key) != suite.KEY_BYTES:
        raise GenerationError("bad-pair", "It is no key.")
    return key


def open_outer(private: bytes, box: bytes, header: GenerationHeader, owner: bytes) -> bytes:
    """Open ``O`` with a ``watch`` key, or the vault's; ``bad-outer`` where it is none."""
    try:
        key = suite.unseal(private, box, outer_info(header.digest, owner))
    except SealError as error:
        raise GenerationError("bad-outer", "The outer key does not open.") from error
    if len(key) != suite.KEY_BYTES:
        raise GenerationError("bad-outer", "It is no key.")
    return key


# A watcher's way.


def open_for_watching(
    header: GenerationHeader, boxes: GenerationBoxes, person: bytes, watch_pair: bytes
) -> list[bytes]:
    """Return all ``S_i``; ``bad-secret`` or ``bad-slots`` where they are not the header's."""
    recorded = _recorded(header, boxes)
    wrapped = boxes.watch.get(person)
    if wrapped is None:
        raise GenerationError("bad-secret", "This person may not watch it.")
    try:
        secret_key = unwrap_secret(
            watch_pair,
            "watch",
            person,
            header.digest,
            wrapped,
            place=header.place,
            tag=header.secret,
        )
    except SealError as error:
        raise GenerationError("bad-secret", "The secret does not open.") from error
    slots = [slot_secret(secret_key, header.place, slot) for slot in range(SLOTS)]
    if not constant_time.bytes_eq(commitment(slots), recorded.slots):
        raise GenerationError("bad-slots", "The slots are not those that the header commits to.")
    return slots


# The vault's way.


def open_tree(
    header: GenerationHeader, boxes: GenerationBoxes, owner: bytes, train_pair: bytes
) -> dict[int, bytes]:
    """Return all shares of an owner, by slot; ``bad-share`` where they are not under ``shares``."""
    root = tree_root(train_pair, owner, header.place, header.secret)
    shares = shares_below(root)
    if not constant_time.bytes_eq(commitment(shares), commitment_of(header, owner)):
        raise GenerationError("bad-share", "The shares are not those that the header commits to.")
    _recorded(header, boxes)
    return dict(enumerate(shares))


def commitment_of(header: GenerationHeader, owner: bytes) -> bytes:
    """Return what the header commits to of an owner's shares; ``bad-share`` where to nothing."""
    recorded = header.recorded
    if recorded is not None and recorded.vault is not None:
        owners = [recorded.vault, *(person.id for person in header.people)]
        if owner in owners:
            return recorded.shares[owners.index(owner)]
    raise GenerationError("bad-share", "It has no share of this owner.")


def open_slots(
    header: GenerationHeader,
    boxes: GenerationBoxes,
    shares: Mapping[bytes, Mapping[int, bytes]],
) -> OpenedSlots:
    """Open each slot of which every single owner's share is there: n of n, slot by slot.

    ``shares`` has by owner (the vault's digest, person ids) what :func:`open_tree` or
    :func:`~assent_vault.ledger.slot_grant.open_bundle` gave, checked against the header there. A
    slot that all granted and that does not open, or opens to what the header does not commit to, is
    lost: "the committer has cheated". ``bad-wraps`` where the boxes are not the header's.
    """
    recorded = _recorded(header, boxes)
    if recorded.vault is None or boxes.wraps is None or boxes.hashes is None:
        raise GenerationError("bad-wraps", "It was never to be opened for training.")
    if wraps_digest(boxes.wraps) != recorded.wraps:
        raise GenerationError("bad-wraps", "The wraps are not those of the header.")
    size = merkle.HASH_BYTES
    leaves = [boxes.hashes[at : at + size] for at in range(0, SLOTS * size, size)]
    if merkle.root_of(leaves) != recorded.slots:
        raise GenerationError("bad-wraps", "The hashes are not those of the header.")
    owners = [recorded.vault, *(person.id for person in header.people)]
    trees = [shares.get(owner, {}) for owner in owners]
    granted = set(range(SLOTS)).intersection(*trees)
    secrets = {}
    for slot in sorted(granted):
        secret = _open_slot(header, boxes.wraps, slot, [tree[slot] for tree in trees])
        if secret is not None and merkle.leaf_hash(secret) == leaves[slot]:
            secrets[slot] = secret
    return OpenedSlots(secrets=secrets, lost=frozenset(granted - secrets.keys()))


def _open_slot(
    header: GenerationHeader, wraps: bytes, slot: int, shares: Sequence[bytes]
) -> bytes | None:
    key = slot_wrapping_key(shares, header.place, header.secret, slot)
    try:
        return unwrap_slot(key, header.place, slot, wrap_at(wraps, slot))
    except SealError:
        return None


def _recorded(header: GenerationHeader, boxes: GenerationBoxes) -> RecordedPart:
    if header.recorded is None or boxes.header != header.digest:
        raise ValueError("the boxes must be those of a recorded header")
    return header.recorded
