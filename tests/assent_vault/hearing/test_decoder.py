"""Opus at 16 kHz: as FFmpeg decodes it at 48, and nothing of what is no Opus."""

from __future__ import annotations

from typing import Any

import av
import numpy as np
import pytest

from assent_vault.hearing.decoder import RATE, Decoder
from support.spoken import encoded


def decoded(packets: list[bytes]) -> np.ndarray[Any, Any]:
    decoder = Decoder()
    return np.frombuffer(
        b"".join(bytes(found) for p in packets if (found := decoder.decode(p))), np.int16
    )


def test_a_tone_is_as_long_as_loud_and_as_high() -> None:
    wave = 0.3 * np.sin(2 * np.pi * 440 * np.arange(48_000) / 48_000)
    packets = encoded(wave)
    found = decoded(packets) / 32_767
    assert len(found) == len(packets) * RATE // 50
    steady = found[RATE // 4 : -RATE // 4]
    assert np.sqrt(np.mean(steady**2)) == pytest.approx(0.3 / np.sqrt(2), rel=0.05)
    peak = np.argmax(np.abs(np.fft.rfft(steady))) * RATE / len(steady)
    assert peak == pytest.approx(440, abs=3)


def test_two_channels_become_one() -> None:
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "stereo", "s16"
    both = np.zeros((1, 1920), np.int16)
    both[0, ::2] = 12_000 * np.sin(2 * np.pi * 440 * np.arange(960) / 48_000)
    packets: list[bytes] = []
    for number in range(20):
        frame: Any = av.AudioFrame.from_ndarray(both, format="s16", layout="stereo")
        frame.sample_rate, frame.pts = 48_000, 960 * number
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    assert len(decoded(packets)) == len(packets) * 320
    assert np.abs(decoded(packets)).max() > 3000


@pytest.mark.parametrize("packet", [b"", b"\xff", b"\xfb\x00", b"\x03\xff" + bytes(20)])
def test_what_is_no_opus_has_no_samples(packet: bytes) -> None:
    decoder = Decoder()
    assert not packet or decoder.decode(packet) is None
    good = encoded(np.zeros(48_000))[0]
    assert decoder.decode(good) is not None, "and what follows it is decoded"
