"""Making a generation: what a committer draws, seals, wraps and commits to (FORMAT-2.md section 9).

In Python this is the server's part in relayed meetings, and what tests hold the browser's against.
``E`` and pair keys are whose maker's they are: who makes a generation of an end-to-end meeting is a
page, and no code under ``server/`` may do it there.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from assent_vault.formats import suite
from assent_vault.formats.frame_key import SLOTS
from assent_vault.formats.generation import pair_info, secret_tag, tree_root, wrap_secret
from assent_vault.formats.generation_boxes import write_boxes
from assent_vault.formats.generation_header import (
    GenerationHeader,
    GenerationPerson,
    RecordedPart,
    RemovedPerson,
    build_generation,
    parse_generation,
    place_of,
)
from assent_vault.formats.slot_keys import slot_secret, slot_wrapping_key, wrap_slot
from assent_vault.formats.slot_tree import shares_below
from assent_vault.ledger.slot_commitments import commitment, slot_hashes, wraps_digest

Random = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class RecordedDraft:
    """The same of a recorded part; ``vault`` is there where training is offered."""

    number: int
    previous: bytes | None
    offset: int
    arm: bytes
    notice_version: int
    vault: bytes | None


@dataclass(frozen=True, slots=True)
class GenerationDraft:
    """What a header says that no key has a part in; ``people`` and ``removed`` in order of ids."""

    meeting: bytes
    generation: int
    previous: bytes | None
    charter: bytes
    committer: bytes | None
    people: tuple[GenerationPerson, ...]
    removed: tuple[RemovedPerson, ...]
    recorded: RecordedDraft | None
    at: int

    @property
    def place(self) -> bytes:
        """P."""
        return place_of(self.meeting, self.generation, self.previous, self.committer)


@dataclass(frozen=True, slots=True)
class MadeGeneration:
    """A generation that was made. ``header`` is to be signed, ``secret_key`` is E."""

    header: GenerationHeader
    boxes: bytes
    secret_key: bytes


class PairKeys:
    """The pair keys that one page of a committer has drawn: once for each owner and key."""

    __slots__ = ("_committer", "_keys", "_meeting", "_random")

    def __init__(
        self, meeting: bytes, committer: bytes, random: Random = secrets.token_bytes
    ) -> None:
        self._meeting = meeting
        self._committer = committer
        self._random = random
        self._keys: dict[tuple[str, bytes], tuple[bytes, bytes]] = {}

    def seal(self, purpose: str, owner: bytes, public: bytes) -> bytes | None:
        """Draw the pair key of an owner's key and return its box; None where there is one.

        Raises SealError where the key cannot be sealed to.
        """
        known = self._keys.get((purpose, owner))
        if known is not None and known[0] == public:
            return None
        key = self._random(suite.KEY_BYTES)
        info = pair_info(purpose, self._meeting, self._committer, owner, public)
        box = suite.seal(public, key, info)
        self._keys[purpose, owner] = public, key
        return box

    def key(self, purpose: str, owner: bytes) -> bytes:
        """Return a pair key; raises ValueError where the owner was not sealed to."""
        known = self._keys.get((purpose, owner))
        if known is None:
            raise ValueError("a page that is new to a committer is sealed to before it is in")
        return known[1]

    def __repr__(self) -> str:
        return f"PairKeys({len(self._keys)})"


def make_generation(
    draft: GenerationDraft, pairs: PairKeys, random: Random = secrets.token_bytes
) -> MadeGeneration:
    """Draw E and make header and boxes. Raises FormatError where the draft is no header."""
    secret_key = random(suite.KEY_BYTES)
    tag = secret_tag(secret_key, draft.place)
    recorded, wraps, hashes = None, None, None
    if draft.recorded is not None:
        slots = [slot_secret(secret_key, draft.place, slot) for slot in range(SLOTS)]
        roots: list[bytes] = []
        if draft.recorded.vault is not None:
            owners = [draft.recorded.vault, *(person.id for person in draft.people)]
            roots = [
                tree_root(pairs.key("train", owner), owner, draft.place, tag) for owner in owners
            ]
        trees = [shares_below(root) for root in roots]
        if trees:
            wraps = wrap_slots(trees, slots, draft.place, tag)
            hashes = slot_hashes(slots)
        recorded = RecordedPart(
            number=draft.recorded.number,
            previous=draft.recorded.previous,
            offset=draft.recorded.offset,
            arm=draft.recorded.arm,
            notice_version=draft.recorded.notice_version,
            training=draft.recorded.vault is not None,
            vault=draft.recorded.vault,
            shares=tuple(map(commitment, trees)),
            slots=commitment(slots),
            wraps=None if wraps is None else wraps_digest(wraps),
        )
    header = parse_generation(
        build_generation(
            meeting=draft.meeting,
            generation=draft.generation,
            previous=draft.previous,
            charter=draft.charter,
            committer=draft.committer,
            secret=tag,
            people=draft.people,
            removed=draft.removed,
            recorded=recorded,
            at=draft.at,
        )
    )
    boxes = write_boxes(header, wrap_for_people(header, pairs, secret_key), wraps, hashes)
    return MadeGeneration(header=header, boxes=boxes, secret_key=secret_key)


def wrap_for_people(
    header: GenerationHeader, pairs: PairKeys, secret_key: bytes
) -> Mapping[bytes, bytes]:
    """Wrap E for each who gets it: pages of a live generation, watchers of a recorded one.

    "A live `E` MUST only be wrapped under `page` pairs."
    """
    live = header.recorded is None
    purpose = "page" if live else "watch"
    return {
        person.id: wrap_secret(
            pairs.key(purpose, person.id), purpose, person.id, header.digest, secret_key
        )
        for person in (header.pages if live else header.watchers)
    }


def wrap_slots(
    trees: Sequence[Sequence[bytes]], slots: Sequence[bytes], place: bytes, tag: bytes
) -> bytes:
    """Wrap each S_i under its K_i; ``trees`` are the shares of the vault, then of everyone."""
    return b"".join(
        wrap_slot(slot_wrapping_key(shares, place, tag, slot), place, slot, secret)
        for slot, (shares, secret) in enumerate(zip(zip(*trees, strict=True), slots, strict=True))
    )
