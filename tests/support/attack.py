"""Somebody who has everything that is on disk, and wants to open a recording.

They have the database, the objects, and the vault's folder where they are given it; they know the
formats, and the code that opens is theirs to use. They have no browser's seed. What they try is
everything that could go wrong at once: every key they can find, in every place a key fits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assent_vault.errors import FormatError, GenerationError, SealError
from assent_vault.formats import suite
from assent_vault.formats.frame_cipher import parse_frame
from assent_vault.formats.frame_key import SLOTS, Sender, frame_key
from assent_vault.formats.generation import NOBODY, unwrap_secret
from assent_vault.formats.generation_boxes import parse_boxes, parse_outer
from assent_vault.formats.generation_header import GenerationHeader, parse_generation
from assent_vault.formats.generation_pairs import parse_pairs
from assent_vault.formats.generation_segment import parse_generation_segment
from assent_vault.formats.slot_keys import slot_secret, slot_wrapping_key, unwrap_slot, wrap_at
from assent_vault.formats.statement import parse_answer, parse_enrolment
from assent_vault.formats.storing_keys import outer_track_key
from assent_vault.formats.track import SOUNDS, Track
from assent_vault.formats.webm_reader import read_clusters
from assent_vault.keys.frame_opening import open_frame
from assent_vault.keys.generation_opening import (
    PairBox,
    open_outer,
    open_pair,
    open_slots,
    open_tree,
)
from assent_vault.keys.relayed_opening import GenerationDocuments
from assent_vault.keys.unsealing import decrypt_segment, open_grant

Query = Callable[..., list[tuple[Any, ...]]]

_GUESSES = 200
"""Keys that are tried in every place, also where keys of that kind are none of those."""

# Texts as long as 32 bytes are in base64, alone or within something else.
_TEXT = re.compile(rb"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Loot:
    """What the attacker took, as it was at that moment: rows, and files with their contents."""

    rows: Mapping[str, list[tuple[Any, ...]]]
    participants: list[tuple[str, bytes]]  # person, enrolment
    statements: list[tuple[str, bytes, bytes | None]]  # person, answer, sealed seed
    objects: Mapping[str, bytes]
    vault: Mapping[str, bytes]

    def without_vault(self) -> Loot:
        """Return what somebody has who got everything but the vault's folder."""
        return Loot(self.rows, self.participants, self.statements, self.objects, {})


def take(query: Query, tables: Iterable[str], meeting: str, objects: Path, vault: Path) -> Loot:
    """Copy the whole database, the objects of a meeting, and the vault's folder."""
    return Loot(
        rows={table: query(f"SELECT * FROM {table}") for table in tables},
        participants=query(
            "SELECT person_id, enrolment FROM participants WHERE meeting_id = ?", meeting
        ),
        statements=query(
            "SELECT person_id, body, sealed_seed FROM statements WHERE meeting_id = ?"
            " ORDER BY person_id, sequence",
            meeting,
        ),
        objects=_contents(objects / "meetings" / meeting),
        vault=_contents(vault),
    )


def open_everything(loot: Loot) -> bytes:
    """Try to open the frames; returns all plaintext that came out, which should be none.

    The vault alone opens the outer seal: it keeps sizes and times from whoever has the disk.
    """
    keys = list(dict.fromkeys(_keys(loot)))
    grants = _grants(loot, keys)
    found: list[bytes] = []
    for header, documents in _generations(loot):
        opening = _Opening(header, documents, keys, grants)
        slots = opening.slots()
        outers = list(dict.fromkeys([*opening.outers(), *keys[:_GUESSES]]))
        for track, written, ciphertext in _segments(loot, header):
            for clusters in _unsealed(header, track, written, ciphertext, outers):
                found += _frames(header, track, clusters, slots)
    return b"".join(found)


def _unsealed(
    header: GenerationHeader, track: str, written: bytes, ciphertext: bytes, outers: list[bytes]
) -> Iterator[bytes]:
    """Yield what is under the outer seal, with each key as O and as the track's."""
    for key in outers:
        for candidate in (outer_track_key(key, header.digest, track), key):
            with suppress(SealError):
                yield decrypt_segment(written, ciphertext, candidate)


def _frames(
    header: GenerationHeader, track: str, clusters: bytes, slots: list[Mapping[int, bytes]]
) -> Iterator[bytes]:
    """Yield each frame that opens with what was found of its slot."""
    parsed = Track.parse(track)
    sender = Sender(parsed.person, NOBODY, parsed.source)
    codec = "opus" if parsed.source in SOUNDS else "vp8"
    try:
        blocks = [block for some in read_clusters(clusters) for block in some]
    except FormatError:
        return  # a track's own header
    for _, _, data, _ in blocks:
        with suppress(FormatError):
            sealed = parse_frame(codec, data)
            for secrets in slots:
                secret = secrets.get(sealed.number.key.slot)
                if secret is not None:
                    key = frame_key(secret, header.digest, sender, sealed.number.key)
                    with suppress(SealError):
                        yield open_frame(key, sealed).frame


def _grants(loot: Loot, keys: list[bytes]) -> dict[bytes, bytes]:
    """Open every sealed seed there is with every key: training keys by person."""
    enrolments = {person: parse_enrolment(body) for person, body in loot.participants}
    trains: dict[bytes, bytes] = {}
    for person, body, sealed in loot.statements:
        if sealed is None or person not in enrolments:
            continue
        answer = parse_answer(body)
        for key in keys:
            with suppress(SealError):
                trains[answer.person] = open_grant(sealed, key, enrolments[person], answer)
    return trains


class _Opening:
    """Everything that any combination of keys gives away of one generation."""

    def __init__(
        self,
        header: GenerationHeader,
        documents: GenerationDocuments,
        keys: list[bytes],
        grants: Mapping[bytes, bytes],
    ) -> None:
        self._header = header
        self._boxes = parse_boxes(documents.boxes, header)
        self._pairs = parse_pairs(documents.pairs, header)
        self._outer = parse_outer(documents.outer, header)
        self._keys = keys
        self._grants = grants
        self._privates = [*keys, *grants.values()]

    def slots(self) -> list[Mapping[int, bytes]]:
        """Return what could be the slots' secrets."""
        place = self._header.place
        found: list[Mapping[int, bytes]] = []
        # Each key as if it were E, and as if it were a slot's; what is there of E besides.
        for secret in (*self._secrets(), *self._keys[:_GUESSES]):
            found.append({slot: slot_secret(secret, place, slot) for slot in range(SLOTS)})
            found.append(dict.fromkeys(range(SLOTS), secret))
        shares = self._shares()
        if self._pairs.train is not None:
            missing = [owner for owner in self._owners() if owner not in shares]
            # In the place of each missing tree: another's, or one made of nothing.
            guesses = [*shares.values(), dict.fromkeys(range(SLOTS), bytes(suite.KEY_BYTES))]
            for guess in guesses if missing else [{}]:
                every = {**shares, **dict.fromkeys(missing, guess)}
                found.append(open_slots(self._header, self._boxes, every).secrets)
            found.append(self._partial(shares))
        return found

    def outers(self) -> Iterator[bytes]:
        """Yield O, by whomever's key."""
        owners = dict(self._outer.watch)
        recorded = self._header.recorded
        if self._outer.vault is not None and recorded is not None and recorded.vault is not None:
            owners[recorded.vault] = self._outer.vault
        for owner, box in owners.items():
            for key in self._privates:
                with suppress(SealError, GenerationError):
                    yield open_outer(key, box, self._header, owner)

    def _owners(self) -> list[bytes]:
        recorded = self._header.recorded
        assert recorded is not None, "it was recorded"
        assert recorded.vault is not None, "asked before"
        return [recorded.vault, *(person.id for person in self._header.people)]

    def _secrets(self) -> Iterator[bytes]:
        """Yield E, by the box of any watcher."""
        for person, box in self._pairs.watch.items():
            place = PairBox("watch", self._header.meeting, NOBODY, person)
            for pair in (*self._opened(box, place), *self._keys[:_GUESSES]):
                with suppress(SealError):
                    yield unwrap_secret(
                        pair,
                        "watch",
                        person,
                        self._header.digest,
                        self._boxes.watch[person],
                        place=self._header.place,
                        tag=self._header.secret,
                    )

    def _shares(self) -> dict[bytes, Mapping[int, bytes]]:
        """Open every tree that there is a key to."""
        train = self._pairs.train
        if train is None:
            return {}
        found: dict[bytes, Mapping[int, bytes]] = {}
        for owner, box in zip(self._owners(), (train.vault, *train.people), strict=True):
            place = PairBox("train", self._header.meeting, NOBODY, owner)
            for pair in self._opened(box, place):
                with suppress(GenerationError):
                    found[owner] = open_tree(self._header, self._boxes, owner, pair)
        return found

    def _partial(self, shares: Mapping[bytes, Mapping[int, bytes]]) -> Mapping[int, bytes]:
        """With the shares that are missing left out the key of a slot must be another."""
        found: dict[int, bytes] = {}
        trees = [shares[owner] for owner in self._owners() if owner in shares]
        wraps = self._boxes.wraps
        if not trees or wraps is None:
            return found
        place, tag = self._header.place, self._header.secret
        for slot in range(SLOTS):
            key = slot_wrapping_key([tree[slot] for tree in trees], place, tag, slot)
            with suppress(SealError):
                found[slot] = unwrap_slot(key, place, slot, wrap_at(wraps, slot))
        return found

    def _opened(self, box: bytes, place: PairBox) -> list[bytes]:
        found = []
        for key in self._privates:
            with suppress(GenerationError):
                found.append(open_pair(key, box, place))
        return found


def _generations(loot: Loot) -> Iterator[tuple[GenerationHeader, GenerationDocuments]]:
    for name, data in sorted(loot.objects.items()):
        if name.endswith("/header.json"):
            beside = {
                kind: loot.objects[name.replace("header", kind)]
                for kind in ("boxes", "pairs", "outer")
            }
            yield parse_generation(data), GenerationDocuments(**beside)


def _segments(loot: Loot, header: GenerationHeader) -> Iterator[tuple[str, bytes, bytes]]:
    assert header.recorded is not None, "it was recorded"
    for name, data in sorted(loot.objects.items()):
        if f"/{header.recorded.number:06d}/" in f"/{name}" and name.endswith(".segment"):
            with suppress(FormatError):
                found, written, ciphertext = parse_generation_segment(data)
                yield found.track, written, ciphertext


def _keys(loot: Loot) -> Iterator[bytes]:
    """Yield whatever is 32 bytes long, likeliest first: files, columns, texts."""
    for data in loot.vault.values():
        if len(data) == suite.KEY_BYTES:
            yield data
    yield bytes(suite.KEY_BYTES)
    for rows in loot.rows.values():
        for row in rows:
            for value in row:
                yield from _within(value)


def _within(value: Any) -> Iterator[bytes]:
    data = value.encode() if isinstance(value, str) else value
    if not isinstance(data, bytes | memoryview):
        return
    data = bytes(data)
    if len(data) == suite.KEY_BYTES:
        yield data
    for text in _TEXT.findall(data):
        with suppress(FormatError):
            yield suite.decode(text.decode(), suite.KEY_BYTES)


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
