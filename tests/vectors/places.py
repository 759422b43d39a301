"""The part ``places`` of ``relayed.json``: objects, each tried in its own place and in others'."""

from __future__ import annotations

from dataclasses import replace

from assent_vault.formats import generation_segment, suite, webm
from assent_vault.formats.closing import SegmentEntry
from assent_vault.formats.generation_closing import (
    build_generation_closing,
    sign_generation_closing,
)
from assent_vault.formats.generation_header import GenerationHeader
from assent_vault.formats.generation_segment import GenerationSegment
from assent_vault.formats.storing_keys import outer_track_key
from assent_vault.formats.suite import encode
from vectors.attendance import AT, SERVER, rebuilt, rerecorded, signed
from vectors.common import Json, fixed


def later_than(header: GenerationHeader) -> GenerationHeader:
    """Return the header of the generation after one, as far as it is looked at."""
    following = rebuilt(header, generation=header.generation + 1, previous=header.digest)
    return rerecorded(following, number=2, previous=header.digest)


def make_places(header: GenerationHeader, outer: bytes, sound: str, camera: str) -> Json:
    """Two tracks of two segments, the closing that lists them, and what is not in its place."""
    later = later_than(header)

    def made(of: GenerationHeader, key: bytes, track: str, number: int, says: int = 1) -> bytes:
        assert of.recorded is not None
        place = GenerationSegment(
            meeting=of.meeting,
            number=of.recorded.number,
            header=of.digest,
            track=track,
            codec="opus" if track == sound else "vp8",
            sequence=number,
            start=2000 * number,
            end=2000 * (number + 1),
        )
        return generation_segment.seal_generation_segment(
            place, _plaintext(track, number, says), outer_track_key(key, of.digest, track)
        )

    objects = {(t, n): made(header, outer, t, n) for t in sorted((sound, camera)) for n in range(2)}
    entries = {at: _entry(*at, data) for at, data in objects.items()}
    closing = build_generation_closing(
        header=header,
        accepts=None,
        ended=AT + 64_000,
        interrupted=False,
        segments=list(entries.values()),
    )
    cases = []

    def case(name: str, data: bytes, at: tuple[str, int], opens: bool, listed: bool = True) -> None:
        """``listed``: the closing would say so too, so that only what is inside can tell."""
        entry = _entry(*at, data) if listed else entries[at]
        cases.append(_case(name, data, entry, _plaintext(*at) if opens else None))

    for (track, number), data in objects.items():
        source = track.partition(".")[2]
        case(f"{source} {number}", data, (track, number), opens=True)
    whole = objects[sound, 1]
    case("the one before it", objects[sound, 0], (sound, 1), opens=False)
    case("another track's", objects[camera, 1], (sound, 1), opens=False)
    elsewhere = made(later, fixed("O of another generation"), sound, 1)
    case("another generation's", elsewhere, (sound, 1), opens=False)
    case("not the one that is listed", objects[sound, 0], (sound, 1), opens=False, listed=False)
    again = made(header, outer, sound, 1, says=2)
    case("another one for its place, as long", again, (sound, 1), opens=False, listed=False)
    elsewhen = replace(entries[sound, 1], start=2001)
    cases.append(_case("listed at another time", whole, elsewhen, None))
    moved = whole.replace(b'"sequence":1', b'"sequence":0').replace(
        b'"start":2000,"end":4000', b'"start":0000,"end":2000'
    )
    case("renumbered, with a number that is none", moved, (sound, 0), opens=False)
    renamed = objects[sound, 0].replace(b'"codec":"opus"', b'"codec":"vp8" ')
    case("another codec in the header", renamed, (sound, 0), opens=False)
    older = objects[sound, 0].replace(b'"suite":"assent-2"', b'"suite":"assent-1"')
    case("another suite in the header", older, (sound, 0), opens=False)
    case("cut off", whole[:-1], (sound, 1), opens=False)
    case("cut to its header", whole[: whole.index(b"}") + 1], (sound, 1), opens=False)
    case("cut inside the header", whole[:40], (sound, 1), opens=False)
    case("nothing", b"", (sound, 1), opens=False)
    flipped = whole[:-1] + bytes([whole[-1] ^ 1])
    case("its last bit flipped", flipped, (sound, 1), opens=False)
    long = (2000).to_bytes(4, "big") + whole[4:]
    case("a header longer than there may be", long, (sound, 1), opens=False)
    other = rerecorded(header, offset=0)
    return {
        "later": {"document": encode(later.body), "signature": encode(signed(later))},
        "other": {"document": encode(other.body), "signature": encode(signed(other))},
        "closing": {
            "document": encode(closing),
            "signature": encode(sign_generation_closing(SERVER, closing)),
        },
        "cases": cases,
    }


def _case(name: str, data: bytes, entry: SegmentEntry, plaintext: bytes | None) -> Json:
    return {
        "name": name,
        "object": encode(data),
        "entry": entry_json(entry),
        "plaintext": None if plaintext is None else encode(plaintext),
    }


def _plaintext(track: str, number: int, says: int = 1) -> bytes:
    """Return what can be read once the seal is open, though no frame in it is one."""
    words = f"{says} {track} {number}".encode()
    return words if number == 0 else webm.cluster([(2000 * number, True, words, 0)])


def entry_json(entry: SegmentEntry) -> Json:
    """Return an entry of a closing as files have it."""
    return {
        "track": entry.track,
        "sequence": entry.sequence,
        "digest": encode(entry.digest),
        "size": entry.size,
        "start": entry.start,
        "end": entry.end,
    }


def _entry(track: str, number: int, data: bytes) -> SegmentEntry:
    return SegmentEntry(
        track, number, suite.digest(data), len(data), 2000 * number, 2000 * (number + 1)
    )
