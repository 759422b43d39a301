"""``watching.json``: opening chunks and segments, and everything that must not open."""

from __future__ import annotations

from typing import Any

from cryptography.cobblestone import Cobblestone256Encryptor

from assent_vault.formats import closing as closings
from assent_vault.formats import epoch, segment, suite
from assent_vault.formats.closing import SegmentEntry
from assent_vault.formats.segment import SegmentHeader
from assent_vault.formats.suite import encode
from assent_vault.formats.track import Track
from support.people import CREATED
from vectors.common import Json, Sealed, drawn, fixed, header_of, meeting, person

CHUNK = 16 * 1024
TAG = 16
PREFIX = 56


def make_watching(sealed: Sealed) -> Json:
    """Chunked encryption by itself, and segments in their places."""
    return {"chunked": _chunked(sealed), "segments": _segments()}


def plaintext(length: int) -> bytes:
    """Return bytes that are not the same from one chunk to the next."""
    return bytes((number * 7 + (number >> 8)) & 0xFF for number in range(length))


def _chunked(sealed: Sealed) -> Json:
    key, context = fixed("a track key"), fixed("a segment's header")
    lengths = {
        "empty": 0,
        "short": 5,
        "one byte less than a chunk": CHUNK - 1,
        "exactly a chunk": CHUNK,
        "three chunks": 2 * CHUNK + 100,
    }
    bases = {name: _seal(sealed, key, context, length) for name, length in lengths.items()}
    size = len(bases["three chunks"])
    ends = [PREFIX + n * (CHUNK + TAG) for n in range(3)]
    prefix, zero, one, last = [0, PREFIX], [ends[0], ends[1]], [ends[1], ends[2]], [ends[2], size]
    cases: list[Json] = [
        _case(name, name, [[0, len(data)]], plaintext(lengths[name]))
        for name, data in bases.items()
    ]
    of = "three chunks"
    for name, pieces in (
        ("nothing", []),
        ("a part of the salt", [[0, 10]]),
        ("the salt alone", [[0, 24]]),
        ("no chunk at all", [prefix]),
        ("the last chunk missing", [[0, ends[2]]]),
        ("the last two chunks missing", [[0, ends[1]]]),
        ("the last byte missing", [[0, size - 1]]),
        ("the last chunk cut to less than a tag", [[0, ends[2] + TAG - 1]]),
        ("cut inside the first chunk", [[0, ends[0] + 1000]]),
        ("the first chunk missing", [prefix, one, last]),
        ("a chunk in the middle missing", [prefix, zero, last]),
        ("two chunks in each other's place", [prefix, one, zero, last]),
        ("a chunk twice", [prefix, zero, zero, one, last]),
        ("the last chunk twice", [prefix, zero, one, last, last]),
        ("the last chunk first", [prefix, last, zero, one]),
        ("a byte more", [[0, size], [0, 1]]),
        ("without salt and commitment", [zero, one, last]),
    ):
        cases.append(_case(name, of, pieces, None))
    for name, at in (
        ("a bit of the salt", 0),
        ("a bit of the commitment", 24),
        ("a bit of the first chunk", ends[0]),
        ("a bit of a tag", ends[1] - 1),
        ("a bit of the middle", ends[1] + 777),
        ("the last bit", size - 1),
    ):
        cases.append(_case(f"{name} flipped", of, [[0, size]], None, flip=at))
    cases.append(_case("another key", of, [[0, size]], None, key=encode(fixed("another"))))
    cases.append(_case("another context", of, [[0, size]], None, context=encode(fixed("another"))))
    return {
        "key": encode(key),
        "context": encode(context),
        "sealed": {name: encode(data) for name, data in bases.items()},
        "cases": cases,
    }


def _seal(sealed: Sealed, key: bytes, context: bytes, length: int) -> bytes:
    def make() -> bytes:
        encryptor = Cobblestone256Encryptor(key, context)
        return encryptor.update(plaintext(length)) + encryptor.finalize()

    return sealed.once(key + context + plaintext(length), make)


def _case(name: str, of: str, pieces: list[list[int]], opened: bytes | None, **more: Any) -> Json:
    return {
        "name": name,
        "of": of,
        "pieces": pieces,
        "flip": None,
        "digest": None if opened is None else encode(suite.digest(opened)),
    } | more


def _segments() -> Json:
    """An epoch of two tracks; every object tried in its own place and in others'."""
    place = meeting()
    ada, bo = person(place, "Ada"), person(place, "Bo")
    for each in (ada, bo):
        each.enrol()
    header = header_of(place, [ada.in_header(), bo.in_header()])
    later = header_of(place, [ada.in_header(), bo.in_header()], 2, header.digest)
    key, shares = epoch.seal_epoch(header, place.vault_key, drawn("watching"))
    other, _ = epoch.seal_epoch(later, place.vault_key, drawn("watching later"))
    sound, camera = str(Track(ada.id, "microphone")), str(Track(bo.id, "camera"))

    def made(
        of: epoch.Header, of_key: epoch.EpochKey, track: str, number: int, says: int = 1
    ) -> bytes:
        return segment.seal_segment(
            SegmentHeader(
                meeting=place.id,
                epoch=of.epoch,
                header=of.digest,
                track=track,
                codec="opus" if track == sound else "vp8",
                sequence=number,
                start=2000 * number,
                end=2000 * (number + 1),
            ),
            f"{says} {track} {number}".encode(),
            of_key.track_key(track),
        )

    objects = {(t, n): made(header, key, t, n) for t in (sound, camera) for n in range(2)}
    entries = {at: _entry(*at, data) for at, data in objects.items()}
    closing = closings.build_closing(
        header=header, ended=CREATED + 64_000, interrupted=False, segments=list(entries.values())
    )
    cases = []

    def case(name: str, data: bytes, at: tuple[str, int], opens: bool, listed: bool = True) -> None:
        """``listed``: the closing would say so too, so that only what is inside can tell."""
        entry = _entry(*at, data) if listed else entries[at]
        cases.append(
            {
                "name": name,
                "object": encode(data),
                "entry": {
                    "track": entry.track,
                    "sequence": entry.sequence,
                    "digest": encode(entry.digest),
                    "size": entry.size,
                    "start": entry.start,
                    "end": entry.end,
                },
                "plaintext": encode(f"1 {at[0]} {at[1]}".encode()) if opens else None,
            }
        )

    for (track, number), data in objects.items():
        source = track.partition(".")[2]
        case(f"{source} {number}", data, (track, number), opens=True)
    whole = objects[sound, 1]
    case("the one before it", objects[sound, 0], (sound, 1), opens=False)
    case("another track's", objects[camera, 1], (sound, 1), opens=False)
    case("another epoch's", made(later, other, sound, 1), (sound, 1), opens=False)
    case("not the one that is listed", objects[sound, 0], (sound, 1), opens=False, listed=False)
    again = made(header, key, sound, 1, says=2)
    case("another one for its place, as long", again, (sound, 1), opens=False, listed=False)
    moved = whole.replace(b'"sequence":1', b'"sequence":0').replace(
        b'"start":2000,"end":4000', b'"start":0000,"end":2000'
    )
    case("renumbered, with a number that is none", moved, (sound, 0), opens=False)
    renamed = objects[sound, 0].replace(b'"codec":"opus"', b'"codec":"vp8" ')
    case("another codec in the header", renamed, (sound, 0), opens=False)
    case("cut off", whole[:-1], (sound, 1), opens=False)
    case("cut to its header", whole[: whole.index(b"}") + 1], (sound, 1), opens=False)
    case("cut inside the header", whole[:40], (sound, 1), opens=False)
    case("nothing", b"", (sound, 1), opens=False)
    flipped = whole[:-1] + bytes([whole[-1] ^ 1])
    case("its last bit flipped", flipped, (sound, 1), opens=False)
    long = (2000).to_bytes(4, "big") + whole[4:]
    case("a header longer than there may be", long, (sound, 1), opens=False)
    return {
        "charter": encode(place.charter.body),
        "header": encode(header.body),
        "later_header": encode(later.body),
        "seed": encode(ada.seed),
        "box": encode(epoch.parse_shares(shares, header).watch[ada.id]),
        "others_box": encode(epoch.parse_shares(shares, header).watch[bo.id]),
        "server": encode(place.charter.server),
        "closing": {
            "document": encode(closing),
            "signature": encode(closings.sign_closing(place.server, closing)),
        },
        "cases": cases,
    }


def _entry(track: str, number: int, data: bytes) -> SegmentEntry:
    return SegmentEntry(
        track, number, suite.digest(data), len(data), 2000 * number, 2000 * (number + 1)
    )
