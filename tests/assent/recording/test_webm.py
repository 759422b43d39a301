"""The bytes of a live WebM, read back by a parser of the test's own and by FFmpeg."""

from __future__ import annotations

from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.recording import webm
from assent_vault.formats.webm import size_of
from support.publishing import opus, vp8

MASTERS = {0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0xE0, 0xE1, 0x1F43B675, 0x1A45DFA3, 0xA0}
UNKNOWN = (1 << 56) - 1


def parse(data: bytes) -> list[tuple[int, object]]:
    """Read EBML: identifier, and content or children."""
    found: list[tuple[int, object]] = []
    position = 0
    while position < len(data):
        width = 9 - data[position].bit_length()
        identifier = int.from_bytes(data[position : position + width], "big")
        position += width
        width = 9 - data[position].bit_length()
        size = int.from_bytes(data[position : position + width], "big") - (1 << 7 * width)
        position += width
        end = len(data) if width == 8 and size == UNKNOWN else position + size
        assert end <= len(data), "an element runs over its end"
        content = data[position:end]
        found.append((identifier, parse(content) if identifier in MASTERS else content))
        position = end
    return found


@pytest.mark.parametrize("channels", [1, 2])
def test_an_opus_header_byte_by_byte(channels: int) -> None:
    assert (
        webm.opus_header(channels).hex(" ", -4)
        == bytes.fromhex(
            # EBML: version 1, read 1, identifiers up to 4, sizes up to 8, webm 4, read 2
            "1a45dfa39f 42868101 42f78101 42f28104 42f38108 4282847765626d 42878104 42858102"
            "18538067 01ffffffffffffff"  # Segment, of unknown size
            "1549a96699 2ad7b1830f4240 4d8086417373656e74 574186417373656e74"  # Info: 1 ms, Assent
            "1654ae6bd0 aece d78101 73c58101 9c8100 22b59c83756e64"  # Tracks: one, no lacing, und
            "838102 8686415f4f505553"  # audio, A_OPUS
            "63a293 4f70757348656164 01"
            + f"{channels:02x}"
            + "3801 80bb0000 0000 00"  # OpusHead: channels, 312 samples
            "56aa83632ea0 56bb8404c4b400"  # CodecDelay 6.5 ms, SeekPreRoll 80 ms
            "e18d b58840e7700000000000 9f81" + f"{channels:02x}"  # 48 kHz
        ).hex(" ", -4)
    )


def test_a_vp8_header_names_codec_and_size() -> None:
    tree = parse(webm.vp8_header(1280, 720))
    assert [identifier for identifier, _ in tree] == [0x1A45DFA3, 0x18538067]
    segment = tree[1][1]
    assert isinstance(segment, list)
    [(_, [(_, entry)])] = [one for one in segment if one[0] == 0x1654AE6B]
    fields = dict(entry)
    assert fields[0x86] == b"V_VP8"
    assert fields[0x83] == b"\x01"
    colour = bytes.fromhex("55b18106 55b98101 55ba8106 55bb8106")  # BT.601, of television's range
    assert fields[0xE0] == [(0xB0, b"\x05\x00"), (0xBA, b"\x02\xd0"), (0x55B0, colour)]


def test_a_cluster_byte_by_byte() -> None:
    blocks = [
        (600_000, True, b"abc", 33),
        (600_033, False, b"defg", 1000),
        (601_033, True, b"h", 0),
        (601_066, False, b"i", 0),
    ]
    assert webm.cluster(blocks) == bytes.fromhex(
        "1f43b675b4 e7830927c0"
        "a08c a187 81 0000 00 616263 9b8121"  # Block, BlockDuration
        "a091 a188 81 0021 00 64656667 9b8203e8 fb81ff"  # and ReferenceBlock
        "a385 81 0409 80 68"  # SimpleBlock
        "a385 81 042a 00 69"
    )


@pytest.mark.parametrize(
    ("size", "written"),
    [(0, "80"), (126, "fe"), (127, "407f"), (16382, "7ffe"), (16383, "203fff")],
)
def test_sizes_never_mean_unknown(size: int, written: str) -> None:
    assert size_of(size).hex() == written


@given(
    st.integers(0, 2**40),
    st.lists(
        st.tuples(
            st.integers(0, 100), st.booleans(), st.binary(max_size=300), st.integers(0, 5000)
        ),
        min_size=1,
    ),
)
def test_clusters_read_back(begins: int, script: list[tuple[int, bool, bytes, int]]) -> None:
    blocks: list[webm.Block] = []
    time = begins
    for step, key, data, duration in script:
        time += step
        blocks.append((time, key, data, duration))
    [(identifier, children)] = parse(webm.cluster(blocks))
    assert identifier == 0x1F43B675
    assert isinstance(children, list)
    (first, stamp), *rest = children
    assert first == 0xE7
    start = int.from_bytes(stamp, "big")
    read: list[webm.Block] = []
    for identifier, content in rest:
        block, duration, key = content, 0, None
        if identifier == 0xA0:
            inside = dict(content)
            block = inside[0xA1]
            duration = int.from_bytes(inside[0x9B], "big")
            key = 0xFB not in inside
        read.append(
            (
                start + int.from_bytes(block[1:3], "big"),
                block[3] == 0x80 if key is None else key,
                block[4:],
                duration,
            )
        )
    assert read == blocks


@pytest.mark.parametrize("codec", ["opus", "vp8"])
def test_ffmpeg_reads_every_frame_at_its_time(tmp_path: Path, codec: str) -> None:
    if codec == "opus":
        header, frames, step = webm.opus_header(1), opus(440, 1), 20
    else:
        header, frames, step = webm.vp8_header(320, 240), vp8("red", 1), 40
    start = 600_000
    lasts = 0 if codec == "opus" else step
    blocks = [
        (start + step * number, number == 0, data, lasts) for number, data in enumerate(frames)
    ]
    half = len(blocks) // 2
    path = tmp_path / "live.webm"
    path.write_bytes(header + webm.cluster(blocks[:half]) + webm.cluster(blocks[half:]))
    with av.open(str(path)) as container:
        [stream] = container.streams
        assert stream.codec_context.name.startswith(codec) or codec == "opus"
        packets = [packet for packet in container.demux(stream) if packet.size]
    assert [bytes(packet) for packet in packets] == list(frames)
    # FFmpeg takes the codec's delay off, in whole milliseconds.
    delay = 7 if codec == "opus" else 0
    for packet, (time, _, _, _) in zip(packets, blocks, strict=True):
        assert packet.pts is not None
        assert packet.time_base is not None
        assert float(packet.pts * packet.time_base) * 1000 == pytest.approx(time - delay, abs=1)
        assert packet.duration == step
