"""Opening a relayed generation for training: the vault's key, and everyone's (FORMAT-2.md).

This is where consent is a key, slot by slot. Without a single person's there is no slot that opens;
what everybody granted and does not open all the same is *lost*, and the committer has cheated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assent_vault.errors import SealError
from assent_vault.formats.generation import NOBODY
from assent_vault.formats.generation_boxes import parse_boxes, parse_outer
from assent_vault.formats.generation_header import GenerationHeader
from assent_vault.formats.generation_pairs import parse_pairs
from assent_vault.keys.generation_opening import (
    PairBox,
    open_outer,
    open_pair,
    open_slots,
    open_tree,
)
from assent_vault.keys.generation_segment_opening import GenerationTrack


@dataclass(frozen=True, slots=True)
class GenerationDocuments:
    """What stands beside a header in the store, as it was read."""

    boxes: bytes
    pairs: bytes
    outer: bytes


class OpenedGeneration:
    """A generation whose slots have been opened. Call ``forget`` when it has been read."""

    __slots__ = ("_outer", "_secrets", "header", "lost")

    def __init__(
        self,
        header: GenerationHeader,
        secrets: Mapping[int, bytes],
        lost: frozenset[int],
        outer: bytes,
    ) -> None:
        self.header = header
        self.lost = lost
        self._secrets: Mapping[int, bytes] | None = dict(secrets)
        self._outer: bytes | None = outer

    def track(self, name: str) -> GenerationTrack:
        """Return a track of it, to be opened from its first segment on. ValueError once forgotten.

        The one that is returned has its keys until it is let go.
        """
        if self._secrets is None or self._outer is None:
            raise ValueError("the keys of this generation are forgotten")
        return GenerationTrack(self.header, name, self._outer, self._secrets)

    def forget(self) -> None:
        """Let go of every key. Copies that Python has made stay until their memory is used."""
        self._secrets = self._outer = None

    def __repr__(self) -> str:
        return f"OpenedGeneration({'forgotten' if self._secrets is None else '…'})"


def open_relayed(
    header: GenerationHeader,
    documents: GenerationDocuments,
    vault_private: bytes,
    trains: Mapping[bytes, bytes],
) -> OpenedGeneration:
    """Open the slots of a recorded generation with every single key.

    ``trains`` gives the training key of each of the header's people, by id: none missing, be they
    present or not. Raises FormatError where a document is none, GenerationError with a code of
    section 11 where it is not the header's, SealError where a key is missing.
    """
    boxes = parse_boxes(documents.boxes, header)
    pairs = parse_pairs(documents.pairs, header)
    outer = parse_outer(documents.outer, header)
    recorded = header.recorded
    if recorded is None or recorded.vault is None or pairs.train is None or outer.vault is None:
        raise SealError("This generation was never to be opened for training.")
    owners = [(recorded.vault, vault_private, pairs.train.vault)]
    for person, box in zip(header.people, pairs.train.people, strict=True):
        train = trains.get(person.id)
        if train is None:
            raise SealError("A person's key is missing.")
        owners.append((person.id, train, box))
    shares = {}
    for owner, private, box in owners:
        pair = open_pair(private, box, PairBox("train", header.meeting, NOBODY, owner))
        shares[owner] = open_tree(header, boxes, owner, pair)
    opened = open_slots(header, boxes, shares)
    key = open_outer(vault_private, outer.vault, header, recorded.vault)
    return OpenedGeneration(header, opened.secrets, opened.lost, key)
