"""What an Opus packet says of itself, and packets of silence, in two decoders."""

from __future__ import annotations

from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_vault.export import opus
from assent_vault.export.opus import OpusPacket, parse, silence
from support.sample_media import tone

# RFC 6716 section 3.1, table 2: milliseconds of a frame in each configuration.
SILK, HYBRID, CELT = (10, 20, 40, 60), (10, 20), (2.5, 5, 10, 20)
FRAMES = SILK * 3 + HYBRID * 2 + CELT * 4


@pytest.mark.parametrize("config", range(32))
@pytest.mark.parametrize("stereo", [False, True])
def test_how_long_it_is_and_of_how_many_channels(config: int, stereo: bool) -> None:
    toc = config << 3 | stereo << 2
    one = round(FRAMES[config] * 48)
    frame = b"abcd"
    assert parse(bytes([toc]) + frame) == OpusPacket(one, stereo, False)
    twice = OpusPacket(2 * one, stereo, False)
    assert parse(bytes([toc | 1]) + frame * 2) == twice
    assert parse(bytes([toc | 2, 3]) + frame * 2) == twice
    most = int(120 // FRAMES[config])
    for count in range(1, 64):
        said = parse(bytes([toc | 3, count]) + frame * count)
        assert said == (OpusPacket(count * one, stereo, False) if count <= most else None)


@pytest.mark.parametrize(
    ("packet", "why"),
    [
        (b"", "R1"),
        (bytes([0xF8]) + bytes(1276), "R2"),
        (bytes([0xF9]) + bytes(2552), "R2"),
        (bytes([0xF9]) + bytes(3), "R3"),
        (bytes([0xFA]), "R4: no length"),
        (bytes([0xFA, 252]), "R4: half a length"),
        (bytes([0xFA, 4]) + bytes(3), "R4: more than there is"),
        (bytes([0xFB]), "R5: no count"),
        (bytes([0xFB, 0]), "R5: of none"),
        (bytes([0xFB, 7]) + bytes(7), "R5: more than 120 ms"),
        (bytes([0xFB, 3]) + bytes(4), "R6: they are not of one size"),
        (bytes([0xFB, 0x41]), "R6: no length of padding"),
        (bytes([0xFB, 0x41, 5]) + bytes(4), "R6: more padding than there is"),
        (bytes([0xFB, 0x41, 255]), "R6: padding that goes on"),
        (bytes([0xFB, 0x82, 9]) + bytes(8), "R7"),
        (bytes([0xFB, 0x82]), "R7: no length"),
        (bytes([0xF8]) + bytes(opus.LARGEST), "larger than any"),
    ],
)
def test_what_is_no_opus(packet: bytes, why: str) -> None:
    assert parse(packet) is None, why


def test_padding_and_lengths_of_two_bytes() -> None:
    assert parse(bytes([0xFB, 0x41, 3]) + b"abcd" + bytes(3)) == OpusPacket(960, False, False)
    assert parse(bytes([0xFB, 0x41, 255, 1]) + b"ab" + bytes(255)) == OpusPacket(960, False, False)
    assert parse(bytes([0xFA, 253, 1]) + bytes(257 + 3)) == OpusPacket(1920, False, False)
    assert parse(bytes([0xFB, 0x83, 1, 2]) + b"a" + b"bb" + b"ccc") == OpusPacket(
        2880, False, False
    )


@pytest.mark.parametrize(
    "packet", [b"\xf8", b"\xf8\x00", b"\xf9", b"\xfb\x03", b"\x0b\x02\x00\x00"]
)
def test_dtx_has_nothing_in_it(packet: bytes) -> None:
    said = parse(packet)
    assert said is not None
    assert said.empty


@given(st.binary(max_size=300))
def test_anything_is_read_or_refused(packet: bytes) -> None:
    said = parse(packet)
    assert said is None or 120 <= said.samples <= 5760


@pytest.mark.parametrize("decoder", ["opus", "libopus"])
@pytest.mark.parametrize("layout", ["mono", "stereo"])
@pytest.mark.parametrize("after", ["nothing", "a tone"])
@pytest.mark.parametrize("steps", [1, 2, 4, 8, 15])
def test_silence_is_as_long_as_it_says_and_silent(
    decoder: str, layout: str, after: str, steps: int
) -> None:
    """Apart from what of sound before it goes on: 10 ms, in which decoders fade."""
    context: Any = av.CodecContext.create(decoder, "r")
    context.sample_rate, context.layout = 48_000, layout
    context.extradata = opus.opus_head(1 if layout == "mono" else 2, 0)
    if after == "a tone":
        for _, _, data in tone(440, 200).packets:
            context.decode(av.Packet(data))
    heard = []
    lasts = 0
    for _ in range(20):
        for data, samples in silence(steps):
            said = parse(data)
            assert said == OpusPacket(samples, False, False)
            lasts += samples
            heard += [frame.to_ndarray() for frame in context.decode(av.Packet(data))]
    sound = np.concatenate(heard, axis=1)  # a row for each channel, or one for both
    assert lasts == 20 * steps * opus.STEP
    assert sound.size == lasts * (1 if layout == "mono" else 2)
    assert np.abs(sound[:, 480 * sound.shape[1] // lasts :]).max(initial=0) < 1e-12
