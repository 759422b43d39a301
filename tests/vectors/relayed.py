"""``relayed.json``: a generation that the server has made, its pair keys, segments and frames."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.formats import generation_segment, suite, webm
from assent_vault.formats.closing import SegmentEntry
from assent_vault.formats.frame_cipher import seal_frame
from assent_vault.formats.frame_key import KeyId, Sender, counter, frame_key
from assent_vault.formats.generation import NOBODY
from assent_vault.formats.generation_boxes import parse_boxes
from assent_vault.formats.generation_segment import GenerationSegment
from assent_vault.formats.storing_keys import outer_track_key
from assent_vault.formats.suite import encode
from assent_vault.formats.track import Track
from assent_vault.formats.vault_key import make as certify
from assent_vault.formats.webm import Block
from assent_vault.keys.generation_opening import PairBox, open_for_watching, open_pair
from assent_vault.ledger.relayed_committing import OwnedKeys, commit_relayed
from vectors.attendance import ADA, AT, BO, CY, SERVER, VAULT_PRIVATE, draft, in_order
from vectors.attendance import recorded_draft as recorded_part
from vectors.common import MEETING, Json, drawn, fixed
from vectors.places import entry_json, make_places

SOUND = str(Track(ADA.id, "microphone"))
CAMERA = str(Track(BO.id, "camera"))
OFFSET = 1_000
KEY_FRAME = bytes.fromhex("100200 9d012a 40010001") + bytes(range(40))
PICTURE = bytes.fromhex("310100") + bytes(range(60))
VAULT = certify(
    Ed25519PrivateKey.from_private_bytes(fixed("vault identity of format 2")),
    MEETING,
    suite.xwing_public(VAULT_PRIVATE),
    AT,
)
PEOPLE = in_order(
    [
        ADA.person(page=None, answer=ADA.answer()),
        BO.person(page=None, answer=BO.answer()),
        CY.person(page=None, present=False),
    ]
)
DRAFT = draft(
    committer=None,
    people=PEOPLE,
    recorded=replace(recorded_part(), offset=OFFSET, vault=VAULT.digest),
)


def make_relayed() -> Json:
    """Everything is of one generation of Ada and Bo, whom Cy has left before."""
    made = commit_relayed(
        DRAFT,
        {who.id: OwnedKeys(who.public("watch"), who.public("train")) for who in (ADA, BO, CY)},
        VAULT,
        SERVER,
        drawn("relayed"),
    )
    header = made.header
    boxes = parse_boxes(made.boxes, header)
    pairs = json.loads(made.pairs)
    box = next(each["box"] for each in pairs["watch"] if each["id"] == encode(ADA.id))
    pair = open_pair(
        ADA.private("watch"), suite.decode(box), PairBox("watch", MEETING, NOBODY, ADA.id)
    )
    slots = open_for_watching(header, boxes, ADA.id, pair)
    both = made.keys._keys
    assert both is not None
    outer = both[1]
    return {
        "header": encode(header.body),
        "signature": encode(made.signature),
        "server": encode(suite.sign_public(SERVER)),
        "vault": encode(VAULT.digest),
        "boxes": encode(made.boxes),
        "pairs": encode(made.pairs),
        "outer": encode(made.outer),
        "watching": {
            "person": encode(ADA.id),
            "private": encode(ADA.private("watch")),
            "pair_box": box,
            "pair": encode(pair),
            "slots": encode(suite.digest(b"".join(slots))),
            "outer_key": encode(bytes(outer)),
        },
        "training": {
            "vault_private": encode(VAULT_PRIVATE),
            "people": [
                {"id": encode(who.id), "train": encode(who.private("train"))}
                for who in (ADA, BO, CY)
            ],
        },
        "documents": _documents(pairs),
        "clusters": _clusters(),
        "tracks": _Studio(header, slots, bytes(outer)).cases(),
        "places": make_places(header, bytes(outer), SOUND, CAMERA),
    }


def _documents(pairs: Json) -> list[Json]:
    """Documents of pair keys, each with the field to blame."""
    watch, train = pairs["watch"], pairs["train"]

    def case(name: str, field: str | None, **changes: Any) -> Json:
        body = json.dumps(pairs | changes, separators=(",", ":")).encode()
        return {"name": name, "document": encode(body), "field": field}

    return [
        case("as the server writes it", None),
        case("of another header", "header", header=encode(bytes(32))),
        case("another type", "type", type="assent/boxes/v2"),
        case("without one who watches", "watch", watch=watch[:1]),
        case("for somebody who does not", "watch", watch=[*watch, watch[0]]),
        case("in another order", "watch", watch=watch[::-1]),
        case("a box that is too short", "watch[0].box",
             watch=[watch[0] | {"box": encode(bytes(1167))}, *watch[1:]]),
        case("without training", "train", train=None),
        case("a share is missing", "train.people", train=train | {"people": train["people"][:2]}),
        case("a share more", "train.people",
             train=train | {"people": [*train["people"], train["vault"]]}),
        case("a member more", "document", more=1),
    ]  # fmt: skip


def _clusters() -> list[Json]:
    """What is read as clusters, and what is refused."""
    block: Block = (2000, True, b"frame", 0)
    group: Block = (2040, False, b"other", 40)
    good = webm.cluster([block, group])
    stamp = webm.number(b"\xe7", 2000)
    simple = webm.element(b"\xa3", b"\x81\x00\x00\x80frame")
    lasting = webm.element(
        b"\xa0",
        webm.element(b"\xa1", b"\x81\x00\x28\x00other")
        + webm.number(b"\x9b", 40)
        + b"\xfb\x81\xff",
    )

    def case(name: str, data: bytes, blocks: list[list[Block]] | None) -> Json:
        return {
            "name": name,
            "bytes": encode(data),
            "clusters": None if blocks is None else [_shown(each) for each in blocks],
        }

    def cluster(*parts: bytes) -> bytes:
        return webm.element(b"\x1f\x43\xb6\x75", b"".join(parts))

    return [
        case("one", good, [[block, group]]),
        case("two in a row", good + good, [[block, group]] * 2),
        case("none", b"", []),
        case("without blocks", cluster(stamp), [[]]),
        case("the same by hand", cluster(stamp, simple, lasting), [[block, group]]),
        case("cut short", good[:-1], None),
        case("something behind", good + b"\x00", None),
        case("another element", webm.info(), None),
        case("without its time", cluster(simple), None),
        case("its time at the end", cluster(simple, stamp), None),
        case("an element more", cluster(stamp, webm.number(b"\xab", 1)), None),
        case("a block of another track",
             cluster(stamp, webm.element(b"\xa3", b"\x82\x00\x00\x80frame")), None),
        case("a block of no frame", cluster(stamp, webm.element(b"\xa3", b"\x81\x00\x00\x80")),
             None),
        case("a block with lacing",
             cluster(stamp, webm.element(b"\xa3", b"\x81\x00\x00\x82frame")), None),
        case("a group of no block", cluster(stamp, webm.element(b"\xa0", webm.number(b"\x9b", 1))),
             None),
        case("a group with something more",
             cluster(stamp, webm.element(b"\xa0", webm.element(b"\xa1", b"\x81\x00\x00\x00other")
                                         + webm.number(b"\x9b", 40) + webm.number(b"\xab", 1))),
             None),
        case("a length of eight zero bits", b"\x00" * 9, None),
    ]  # fmt: skip


def _shown(blocks: Sequence[Block]) -> list[Json]:
    return [
        {"time": time, "key": key, "frame": encode(frame), "duration": duration}
        for time, key, frame, duration in blocks
    ]


class _Studio:
    """Stores tracks as the recorder does, and as it never would."""

    def __init__(self, header: Any, slots: Sequence[bytes], outer: bytes) -> None:
        self._header = header
        self._slots = slots
        self._outer = outer

    def sealed(
        self,
        time: int,
        count: int,
        frame: bytes,
        *,
        track: str = SOUND,
        codec: str = "opus",
        duration: int = 0,
        **other: Any,
    ) -> Block:
        """Return a block with an encrypted frame; ``other`` is what an honest server never says."""
        slot, ms = divmod(time - OFFSET, 2000)
        slot, ms = other.get("slot", slot), other.get("ms", ms)
        parsed = Track.parse(track)
        number = KeyId(other.get("generation", self._header.generation), slot,
                       other.get("stream", 0))  # fmt: skip
        key = frame_key(self._slots[slot], other.get("header", self._header.digest),
                        Sender(parsed.person, NOBODY, parsed.source), number)  # fmt: skip
        data = seal_frame(key, counter(other.get("layer", 0), count), codec, ms, frame)
        return time, codec == "opus" or not frame[0] & 1, other.get("change", _same)(data), duration

    def segment(
        self, sequence: int, blocks: Sequence[Block], codec: str = "opus", track: str = SOUND
    ) -> tuple[bytes, SegmentEntry]:
        """Return the object of these blocks, and its entry."""
        plaintext = webm.cluster(blocks) if sequence else b"a WebM header"
        start = blocks[0][0] if blocks else OFFSET
        end = blocks[-1][0] if blocks else OFFSET
        place = GenerationSegment(
            meeting=MEETING, number=1, header=self._header.digest, track=track, codec=codec,
            sequence=sequence, start=start, end=end,
        )  # fmt: skip
        key = outer_track_key(self._outer, self._header.digest, track)
        data = generation_segment.seal_generation_segment(place, plaintext, key)
        return data, SegmentEntry(track, sequence, suite.digest(data), len(data), start, end)

    def cases(self) -> list[Json]:
        """Return whole tracks, segment by segment, with what is to be made of them."""
        tones = [b"\xf8" + bytes([n]) * 20 for n in range(8)]
        times = [1000, 1020, 2990, 3010, 5000]
        plain: list[Block] = [
            (time, True, tone, 0) for time, tone in zip(times, tones, strict=False)
        ]
        good = [self.sealed(time, n, tones[n]) for n, time in enumerate(times)]
        pictures: list[Block] = [
            (1000, True, KEY_FRAME, 40), (1040, False, PICTURE, 40), (1080, False, PICTURE, 40),
            (3100, True, KEY_FRAME, 40), (3140, False, PICTURE, 0),
        ]  # fmt: skip

        def shown(blocks: Sequence[Block], **changes: Any) -> list[Block]:
            return [
                self.sealed(time, n, frame, track=CAMERA, codec="vp8", duration=duration,
                            **changes.get(f"at{n}", {}))
                for n, (time, _, frame, duration) in enumerate(blocks)
            ]  # fmt: skip

        def case(
            name: str,
            segments: Sequence[tuple[Sequence[Block], Sequence[Block]]],
            left_out: dict[str, int] | None = None,
            codec: str = "opus",
            track: str = SOUND,
            without: Sequence[int] = (),
        ) -> Json:
            rows = []
            for sequence, (stored, opened) in enumerate([((), ()), *segments]):
                data, entry = self.segment(sequence, stored, codec, track)
                rows.append(
                    {
                        "object": encode(data),
                        "entry": entry_json(entry),
                        "blocks": None if sequence == 0 else _shown(opened),
                    }
                )
            return {"name": name, "track": track, "without": list(without), "segments": rows,
                    "left_out": left_out or {}}  # fmt: skip

        def one(name: str, reason: str, at: int = 1, **changes: Any) -> Json:
            """A track of sound of which one frame is not what it should be."""
            stored, opened = list(good), list(plain)
            stored[at] = self.sealed(times[at], at, tones[at], **changes)
            del opened[at]
            return case(name, [(stored, opened)], {reason: 1})

        def flip(data: bytes) -> bytes:
            return data[:-1] + bytes([data[-1] ^ 1])

        late = self.sealed(5000, 4, tones[4])
        return [
            case("sound", [(good[:2], plain[:2]), (good[2:], plain[2:])]),
            case("pictures", [(shown(pictures), pictures)], None, "vp8", CAMERA),
            case("sound of which slot 1 is left out", [(good, [*plain[:3], plain[4]])],
                 {"slot-left-out": 1}, without=[1]),
            case("pictures of which slot 0 is left out", [(shown(pictures), pictures[3:])],
                 {"slot-left-out": 3}, "vp8", CAMERA, [0]),
            case("a picture that does not open, and those after it",
                 [(shown(pictures, at1={"change": flip}), [pictures[0], *pictures[3:]])],
                 {"does-not-open": 1, "no-key-frame": 1}, "vp8", CAMERA),
            case("a key frame of other colours in the clear",
                 [(shown(pictures, at3={"change": lambda data: data[:8] + b"\x7f" + data[9:]}),
                   pictures[:3])], {"does-not-open": 1, "no-key-frame": 1}, "vp8", CAMERA),
            one("one bit", "does-not-open", change=flip),
            one("cut short", "bad-frame", change=lambda data: data[:9]),
            one("of another generation", "unknown-generation", generation=2),
            one("under another header", "does-not-open", header=bytes(32)),
            one("of the slot after", "out-of-time", slot=1),
            one("a millisecond later", "out-of-time", ms=21),
            one("moved to another time", "out-of-time", at=4, slot=1, ms=1990),
            case("a count again in another slot",
                 [([*good[:4], self.sealed(5000, 3, tones[4])], plain[:4])], {"repeated": 1}),
            case("a count again in the same slot",
                 [([good[0], self.sealed(1020, 0, tones[1])], plain[:1])], {"repeated": 1}),
            case("a count again in another segment",
                 [(good[:2], plain[:2]), ([self.sealed(1040, 1, tones[2])], [])],
                 {"repeated": 1}),
            case("another stream", [([good[0], self.sealed(1020, 0, tones[1], stream=7)],
                                     plain[:2])]),
            case("another layer", [([good[0], self.sealed(1020, 0, tones[1], layer=1)],
                                    plain[:2])]),
            case("nothing that opens", [([self.sealed(1000, 0, tones[0], change=flip)], []),
                                        ([late], plain[4:])], {"does-not-open": 1}),
        ]  # fmt: skip


def _same(data: bytes) -> bytes:
    return data
