"""The FLAC beside a sound: as long as the meeting, of the same sound, and the same each time."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile

from assent_vault.errors import ExportError
from assent_vault.export import pcm
from assent_vault.export.join import Piece, join
from support.sample_media import plaintexts, tone


def sound(place: Path, length: int) -> Path:
    """Write a tone of 2 s that begins at half a second."""
    found = list(plaintexts(tone(440, 2000), 500))
    with place.open("wb+") as out:
        join("microphone", [Piece(lambda: (data for _, _, data in found), length)], 0, length, out)
    return place


def flac(source: Path, out: Path, length: int) -> None:
    with out.open("wb+") as file:
        pcm.write(source, file, length)


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
    out = tmp_path / "x.flac"
    flac(sound(tmp_path / "x.opus", length), out, length)
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


def test_the_same_sound_is_the_same_bytes(tmp_path: Path) -> None:
    source = sound(tmp_path / "x.opus", 3000)
    for name in ("one", "two"):
        flac(source, tmp_path / name, 3000)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_what_is_no_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.opus").write_bytes(b"OggS and then nothing")
    with pytest.raises(ExportError) as refused:
        flac(tmp_path / "x.opus", tmp_path / "x.flac", 3000)
    assert refused.value.code == "segments-damaged"


def test_where_there_is_no_room_it_says_so(tmp_path: Path) -> None:
    source = sound(tmp_path / "x.opus", 3000)
    with pytest.raises(ExportError) as refused, Path("/dev/full").open("wb", buffering=0) as full:
        pcm.write(source, full, 3000)
    assert refused.value.code == "cannot-write"
