"""The FLAC beside a sound: as long as the meeting, of the same sound, and the same each time."""

from __future__ import annotations

import hashlib
import io
import random
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile

from assent_vault.errors import ExportError
from assent_vault.export import opus, pcm
from assent_vault.export.join import Piece, join
from assent_vault.export.pcm import PcmFile, frame_head
from assent_vault.export.speech import TrackListener
from assent_vault.hearing.decoder import Decoder
from assent_vault.hearing.wire import END, FLAC_FRAME, LARGEST_FLAC, RECORD
from support.sample_media import plaintexts, tone
from support.spoken import conversation, encoded

SIZES = (192, 256, 512, 576, 1024, FLAC_FRAME)  # frames that have a code of their own


def written(place: Path, length: int) -> Path:
    """Write a tone of 2 s that begins at half a second, and beside it the same as FLAC."""
    found = list(plaintexts(tone(440, 2000), 500))
    beside = place.with_suffix(".flac")
    with place.open("wb+") as out, beside.open("wb+") as file:
        listener = TrackListener(length, pcm=PcmFile(file, length))
        pieces = [Piece(lambda: (data for _, _, data in found), length)]
        join("microphone", pieces, 0, length, out, listener)
        assert listener.finish() is not None, listener.failure
        listener.close()
    return beside


def decoded(path: Path) -> Any:
    container: Any = av.open(str(path))
    with container:
        stream = container.streams.audio[0]
        assert (stream.codec_context.name, stream.rate, stream.channels) == ("flac", 16_000, 1)
        return np.concatenate([one.to_ndarray().reshape(-1) for one in container.decode(stream)])


@pytest.mark.parametrize("length", [3000, 2501, 2740])
def test_it_is_as_long_as_the_meeting_and_sounds_where_it_should(
    tmp_path: Path, length: int
) -> None:
    out = written(tmp_path / "x.opus", length)
    assert soundfile.info(out).frames == length * 16
    samples = decoded(out)
    # RFC 9639 section 8.2: "MD5 checksum of the unencoded audio data".
    assert out.read_bytes()[26:42] == hashlib.md5(samples.astype("<i2").tobytes()).digest()
    assert soundfile.read(out, dtype="int16")[0].tolist() == samples.tolist()
    assert samples.size == length * 16
    assert np.abs(samples[: 480 * 16]).max() <= 8, "nothing before it was said"
    said = samples[600 * 16 : 2400 * 16].astype(np.float64)
    found = np.argmax(np.abs(np.fft.rfft(said))) * 16_000 / said.size
    assert found == pytest.approx(440, abs=2)
    assert np.abs(said).max() > 1000


@pytest.mark.parametrize("last", [16, 176, *SIZES, 272, 1040])
def test_a_last_frame_of_any_length_is_read(tmp_path: Path, last: int) -> None:
    length = (40 * FLAC_FRAME + last) // 16
    out = written(tmp_path / "x.opus", length)
    assert soundfile.info(out).frames == 40 * FLAC_FRAME + last
    assert decoded(out).size == 40 * FLAC_FRAME + last


def test_it_is_what_a_decoder_gives_out_of_the_opus(tmp_path: Path) -> None:
    """Of the file as it was written, with its silences, by the same libopus packet by packet."""
    out = written(tmp_path / "x.opus", 3000)
    container: Any = av.open(str(tmp_path / "x.opus"))
    decoder, found = Decoder(), bytearray()
    with container:
        for packet in container.demux(container.streams.audio[0]):
            if packet.size:
                found += decoder.decode(bytes(packet)) or b""
    wanted = np.frombuffer(bytes(found), np.int16)[104:][: 3000 * 16]
    assert np.abs(decoded(out).astype(int) - wanted).max() <= 1


def test_silence_that_is_short_is_decoded_as_it_is_written(tmp_path: Path) -> None:
    """A decoder that passes it over would have what follows overlap with what was before."""
    packets = encoded(conversation(0, 4000)[0])
    with (tmp_path / "x").open("wb+") as file:
        listener = TrackListener(4005, pcm=PcmFile(file, 4005))
        whole = [*packets[:100], b"\xe8\xff\xfe", *packets[100:]]
        for number, data in enumerate(packets):
            if number == 100:
                listener.silence(2 * opus.STEP)
            listener.packet(data, 960)
        assert listener.finish() is not None
        listener.close()
    decoder = Decoder()
    found = b"".join(bytes(decoder.decode(data) or b"") for data in whole)
    wanted = np.frombuffer(found, np.int16)[104:][: 4005 * 16]
    samples = decoded(tmp_path / "x")[: wanted.size]
    assert np.abs(samples.astype(int) - wanted).max() <= 1


def test_the_same_sound_is_the_same_bytes(tmp_path: Path) -> None:
    one, two = (written(tmp_path / f"{name}.opus", 3000) for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_where_there_is_no_room_it_says_so() -> None:
    with Path("/dev/full").open("wb", buffering=0) as full:
        file = PcmFile(full, 3000)
        head = frame_head(0, FLAC_FRAME)
        frame = head + bytes(20)
        with pytest.raises(ExportError) as refused:
            file.take(RECORD.pack(len(frame)) + frame)
    assert refused.value.code == "cannot-write"


# What a process says that was taken over.

LENGTH = 100  # 1,600 samples: two frames


def frames() -> list[bytes]:
    return [frame_head(0, FLAC_FRAME) + bytes(50), frame_head(1, 1600 - FLAC_FRAME) + bytes(50)]


def records(*found: bytes) -> bytes:
    return b"".join(RECORD.pack(len(one)) + one for one in found)


def take(data: bytes, step: int = 1 << 20) -> bytes:
    file = PcmFile(io.BytesIO(), LENGTH)
    rest = b"".join(file.take(data[at : at + step]) for at in range(0, len(data), step))
    file.finish()
    return rest


@pytest.mark.parametrize("step", [1, 7, 1 << 20])
def test_what_is_as_it_must_be_is_taken(step: int) -> None:
    assert take(records(*frames()) + END + bytes(16) + b"the answer", step) == b"the answer"


@pytest.mark.parametrize(
    "said",
    [
        b"",
        END + bytes(16),
        records(frames()[0]) + END + bytes(16),
        records(*frames()) + END,
        records(*frames()) + END + bytes(15),
        records(*frames(), frames()[1]) + END + bytes(16),
        records(*reversed(frames())) + END + bytes(16),
        records(frames()[0], frames()[0]) + END + bytes(16),
        records(frames()[0], frame_head(1, FLAC_FRAME) + bytes(50)) + END + bytes(16),
        records(frames()[0], frames()[1][:-48]) + END + bytes(16),
        RECORD.pack(LARGEST_FLAC + 1) + frames()[0] + bytes(LARGEST_FLAC),
        RECORD.pack(0xFFFF_FFFF),
    ],
)
def test_what_is_not_as_it_must_be_is_refused(said: bytes) -> None:
    with pytest.raises(ValueError):
        take(said)


def test_anything_else_is_refused_too() -> None:
    chance = random.Random(3)
    good = records(*frames()) + END + bytes(16)
    for _ in range(2000):
        at = chance.randrange(len(good))
        bad = bytearray(good)
        bad[at] ^= 1 << chance.randrange(8)
        out = io.BytesIO()
        file = PcmFile(out, LENGTH)
        try:
            file.take(bytes(bad))
            file.finish()
        except ValueError:
            continue
        assert out.getvalue().count(frames()[0][:6]) == 1, "only what is inside a frame is theirs"
        assert len(out.getvalue()) < 400


def test_numbers_are_coded_as_characters_are() -> None:
    for number in (0, 0x7F, 0x80, 0x7FF, 0x800, 0xFFFF, 0x10000, 0x10FFFF):
        assert frame_head(number, FLAC_FRAME)[4:-1] == chr(number).encode()


def test_memory_holds_a_frame() -> None:
    """Bytes that never make a record whole are not kept without end."""
    file = PcmFile(io.BytesIO(), LENGTH)
    file.take(RECORD.pack(LARGEST_FLAC))
    with pytest.raises(ValueError):
        file.take(bytes(1 << 20))
    assert len(file._held) <= LARGEST_FLAC + (1 << 20) + 4
    assert pcm.RATE == 16_000
