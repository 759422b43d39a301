"""Opening sealed frames."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assent_vault.errors import FormatError, SealError
from assent_vault.formats.frame_cipher import CODECS, clear_bytes, parse_frame, seal_frame
from assent_vault.formats.frame_key import SLOT_MS, KeyId, Sender, frame_key
from assent_vault.keys.frame_opening import OpenedFrame, open_frame

SENDER = Sender(bytes(32), bytes(32), "camera")
KEYS = [frame_key(bytes(32), bytes(32), SENDER, KeyId(1, 0, stream)) for stream in range(2)]
FRAMES = st.binary(min_size=1, max_size=60)


@given(st.sampled_from(sorted(CODECS)), FRAMES, st.integers(0, SLOT_MS - 1))
def test_what_was_sealed_opens(codec: str, frame: bytes, ms: int) -> None:
    assume(len(frame) >= clear_bytes(codec, frame[0]))
    sealed = parse_frame(codec, seal_frame(KEYS[0], 8, codec, ms, frame))
    assert sealed.number.key == KeyId(1, 0, 0)
    assert open_frame(KEYS[0], sealed) == OpenedFrame(frame, ms)


@pytest.mark.parametrize("codec", sorted(CODECS))
def test_every_bit_counts_and_so_does_the_codec(codec: str) -> None:
    data = seal_frame(KEYS[0], 8, codec, 7, bytes.fromhex("50") + bytes(range(30)))
    for bit in range(8 * len(data)):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises((SealError, FormatError)):
            open_frame(KEYS[0], parse_frame(codec, bytes(changed)))
    for other in CODECS.keys() - {codec}:
        with pytest.raises((SealError, FormatError)):
            open_frame(KEYS[0], parse_frame(other, data))


def test_a_frame_opens_under_the_key_that_it_names() -> None:
    sealed = parse_frame("vp9", seal_frame(KEYS[0], 8, "vp9", 7, b"frame"))
    with pytest.raises(SealError, match="another key id"):
        open_frame(KEYS[1], sealed)
