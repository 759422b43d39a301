"""``frames.json``: SFrame headers to refuse, keys of frames, sealed frames, replays (format 2)."""

from __future__ import annotations

from assent_vault.formats import sframe
from assent_vault.formats.frame_cipher import seal_frame
from assent_vault.formats.frame_counter import PICTURE_WINDOW, SOUND_WINDOW, ReplayWindow
from assent_vault.formats.frame_key import KeyId, Sender, counter, frame_base_key, frame_key
from assent_vault.formats.suite import encode
from vectors.common import Json, fixed

SLOT = fixed("a slot's secret")
HEADER = fixed("a generation's header")
ADA = Sender(fixed("Ada"), fixed("Ada's page"), "camera")

OPUS = bytes([0x78]) + bytes(range(40))  # code 0: one frame
OPUS_MANY = bytes([0x7B, 0x42]) + bytes(range(40))  # code 3: the second byte counts them
VP8_KEY = bytes.fromhex("5002009d012a80026801") + bytes(range(50))
VP8_OTHER = bytes.fromhex("b10200") + bytes(range(50))
VP9 = bytes.fromhex("824983") + bytes(range(50))


def make_frames() -> Json:
    """Everything of one frame: its key, its bytes, and whether it has come before."""
    return {
        "headers": [
            {"name": name, "bytes": encode(bytes.fromhex(data))}
            for name, data in (
                ("nothing", ""),
                ("a key id that is cut short", "80"),
                ("a counter that is cut short", "0901"),
                ("a key id in a byte of its own that fits in the first", "8007"),
                ("a counter in a byte of its own that fits in the first", "0800"),
                ("a key id with a zero before it", "9000ff"),
                ("a counter with a zero before it", "0900ff"),
                ("eight bytes for a key id of seven", "f000ffffffffffffff"),
            )
        ],
        "keys": [_key(*each) for each in ((1, 0, 0), (1, 255, 255), ((1 << 24) - 1, 7, 3))],
        "numbers": _numbers(),
        "frames": _frames(),
        "not_sealed": [
            {"name": name, "codec": codec, "frame": encode(frame)}
            for name, codec, frame in (
                ("nothing", "opus", b""),
                ("nothing of VP9", "vp9", b""),
                ("nine bytes of a VP8 key frame", "vp8", VP8_KEY[:9]),
                ("two bytes of another VP8 frame", "vp8", VP8_OTHER[:2]),
                ("Opus of several frames without their number", "opus", OPUS_MANY[:1]),
            )
        ],
        "replays": [_replays(*each) for each in _ROWS],
    }


def _key(generation: int, slot: int, stream: int) -> Json:
    key = KeyId(generation, slot, stream)
    base = frame_base_key(SLOT, HEADER, ADA, key)
    derived, salt = sframe.derive(base, int(key), sframe.AES_256_GCM)
    return _context(key) | {
        "base_key": encode(base),
        "kid": int(key),
        "key": encode(derived),
        "salt": encode(salt),
    }


def _context(key: KeyId, sender: Sender = ADA, slot: bytes = SLOT, header: bytes = HEADER) -> Json:
    return {
        "slot_secret": encode(slot),
        "header": encode(header),
        "person": encode(sender.person),
        "page": encode(sender.page),
        "source": sender.source,
        "generation": key.generation,
        "slot": key.slot,
        "stream": key.stream,
    }


def _numbers() -> list[Json]:
    """SFrame headers of frames: what they say, or that they are none of ours."""
    largest = int(KeyId((1 << 24) - 1, 255, 255))
    return [
        {
            "name": name,
            "bytes": encode(sframe.SframeHeader(kid, ctr).to_bytes()),
            "number": number,
        }
        for name, kid, ctr, number in (
            ("the first of all", 1 << 24, 0, [1, 0, 0, 0, 0]),
            ("the last of all", largest, 4 * ((1 << 30) - 1) + 2, [*_LAST, 2, (1 << 30) - 1]),
            ("generation 0", (1 << 24) - 1, 0, None),
            ("slot 256", 1 << 24 | 256 << 8, 0, None),
            ("49 bits", 1 << 48, 0, None),
            ("layer 3", 1 << 24, 3, None),
            ("a count of 31 bits", 1 << 24, 1 << 32, None),
        )
    ]


_LAST = [(1 << 24) - 1, 255, 255]


def _frames() -> list[Json]:
    key = KeyId(7, 3, 1)
    found: list[Json] = []

    def case(
        name: str,
        codec: str,
        sealed: bytes,
        *,
        problem: str | None = None,
        opened: Json | None = None,
        context: Json | None = None,
    ) -> None:
        found.append(
            {
                "name": name,
                "codec": codec,
                "sealed": encode(sealed),
                "key": context or _context(key),
                "opened": opened,
                "problem": problem,
            }
        )

    for name, codec, frame, layer, count, ms in (
        ("Opus", "opus", OPUS, 0, 0, 0),
        ("Opus of several frames", "opus", OPUS_MANY, 0, 1, 20),
        ("Opus of one byte", "opus", OPUS[:1], 0, 2, 40),
        ("a VP8 key frame", "vp8", VP8_KEY, 0, 0, 1),
        ("another VP8 frame", "vp8", VP8_OTHER, 2, 70_000, 1_999),
        ("a VP8 key frame that is all clear", "vp8", VP8_KEY[:10], 1, 5, 500),
        ("VP9", "vp9", VP9, 0, 64, 1_000),
    ):
        sealed = seal_frame(
            frame_key(SLOT, HEADER, ADA, key), counter(layer, count), codec, ms, frame
        )
        opened = {"frame": encode(frame), "ms": ms, "layer": layer, "count": count}
        case(name, codec, sealed, opened=opened)

    vp8 = seal_frame(frame_key(SLOT, HEADER, ADA, key), counter(0, 9), "vp8", 5, VP8_KEY)
    opus = seal_frame(frame_key(SLOT, HEADER, ADA, key), counter(0, 9), "opus", 5, OPUS)
    shut = "does-not-open"
    case("one bit of the clear bytes", "vp8", _flip(vp8, 9), problem=shut)
    case("a key frame that is said to be none", "vp8", _flip(vp8, 0), problem="bad-frame")
    case("one bit of the counter", "vp8", _flip(vp8, 15), problem=shut)
    case("one bit of the key id", "vp8", _flip(vp8, 14), problem=shut)
    case("one bit of what is encrypted", "vp8", _flip(vp8, 30), problem=shut)
    case("one bit of the tag", "vp8", _flip(vp8, len(vp8) - 1), problem=shut)
    case("without its last byte", "vp8", vp8[:-1], problem=shut)
    case("one byte more", "vp8", vp8 + b"\0", problem=shut)
    case("sound with its first bit changed", "opus", _flip(opus, 0, 0x80), problem=shut)
    # All of VP9 is one ciphertext: what is left of another codec's frame must not pass for one.
    case("Opus in the place of VP9", "vp9", opus[1:], problem=shut)
    vp9 = seal_frame(frame_key(SLOT, HEADER, ADA, key), counter(0, 9), "vp9", 5, VP9)
    case("VP9 behind a byte of Opus", "opus", OPUS[:1] + vp9, problem=shut)

    bo = Sender(fixed("Bo"), ADA.page, ADA.source)
    for name, context in (
        ("another person", _context(key, bo)),
        ("another page", _context(key, Sender(ADA.person, fixed("a reload"), ADA.source))),
        ("another source", _context(key, Sender(ADA.person, ADA.page, "screen"))),
        ("another header", _context(key, header=fixed("a fork"))),
        ("another slot's secret", _context(key, slot=fixed("another slot"))),
        ("another slot", _context(KeyId(7, 4, 1))),
        ("another stream", _context(KeyId(7, 3, 2))),
        ("another generation", _context(KeyId(8, 3, 1))),
    ):
        case(name, "vp8", vp8, problem=shut, context=context)

    bad = "bad-frame"
    case("nothing", "vp8", b"", problem=bad)
    case("nothing but clear bytes", "vp8", vp8[:10], problem=bad)
    case("fewer clear bytes than there must be", "vp8", vp8[:9], problem=bad)
    case("half of a header", "vp8", vp8[:13], problem=bad)
    case("no room for time and tag", "vp8", vp8[: 16 + 17], problem=bad)
    case("a frame that nobody has encrypted", "vp8", VP8_KEY, problem=bad)

    long = sframe.SframeHeader(int(key), counter(0, 9)).to_bytes()
    assert opus[1 : 1 + len(long)] == long
    spelled = bytes([long[0] + 1]) + long[1:-1] + b"\0" + long[-1:]
    case("a counter in another spelling", "opus", OPUS[:1] + spelled + opus[1 + len(long) :],
         problem=bad)  # fmt: skip
    metadata = bytes([1]) + OPUS[:1]
    late = frame_key(SLOT, HEADER, ADA, key).encrypt(4, (2_000).to_bytes(2, "big"), metadata)
    case("a time after the slot's end", "opus", OPUS[:1] + late, problem="out-of-time")
    odd = frame_key(SLOT, HEADER, ADA, key).encrypt(3, bytes(2), metadata)
    case("a layer that there is not", "opus", OPUS[:1] + odd, problem=bad)
    return found


_ROWS = (
    ("pictures come late, once", "picture", [0, 1, 5, 4, 5, 6, 0, 7, 4, 3]),
    (
        "pictures that are too late",
        "picture",
        [0, PICTURE_WINDOW, 1, 0, 1, 2, 2 * PICTURE_WINDOW, PICTURE_WINDOW, PICTURE_WINDOW + 1],
    ),
    ("sound comes late, once", "sound", [5, 3, 4, 3, 5, 0, 1, 2, 2, 6]),
    (
        "sound that is too late",
        "sound",
        [0, SOUND_WINDOW, 1, 0, 1, 2, 2 * SOUND_WINDOW, SOUND_WINDOW, SOUND_WINDOW + 1],
    ),
    ("a jump as far as it goes", "sound", [0, 1, (1 << 30) - 1, 1, 2, (1 << 30) - 2, 5]),
)


def _replays(name: str, kind: str, counts: list[int]) -> Json:
    window = ReplayWindow.of_pictures() if kind == "picture" else ReplayWindow.of_sound()
    return {
        "name": name,
        "kind": kind,
        "counts": counts,
        "admitted": [window.admit(count) for count in counts],
    }


def _flip(data: bytes, at: int, bit: int = 1) -> bytes:
    return data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]
